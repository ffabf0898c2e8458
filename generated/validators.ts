// Generated from openapi/ by `npm run generate`. Do not edit.

import { checkCreateOAuthApp, checkUpdateOAuthApp } from './schema-checks.ts';
import type * as types from './types.ts';
import { type Validated, validate } from './validation.ts';
import { limits, maxBodyDepth, patternMessages } from './values.ts';

export type { Validated, ValidationErrors } from './validation.ts';

/** Validates a body of `createOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. */
export function validateCreateOAuthApp(value: unknown): Validated<types.CreateOAuthApp> {
  return validate(value, { check: checkCreateOAuthApp, sizes: { 'metadata': limits.metadata }, maxDepth: maxBodyDepth, patternMessages });
}

/** Validates a body of `updateOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. */
export function validateUpdateOAuthApp(value: unknown): Validated<types.UpdateOAuthApp> {
  return validate(value, { check: checkUpdateOAuthApp, sizes: { 'metadata': limits.metadata }, maxDepth: maxBodyDepth, patternMessages });
}
