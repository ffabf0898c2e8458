// Generated from openapi/ by `npm run generate`. Do not edit.

import { checkCreateOAuthApp, checkUpdateOAuthApp } from './schema-checks.ts';
import type { CreateOAuthApp, UpdateOAuthApp } from './types.ts';
import { type Validated, validate } from './validation.ts';
import { limits, patternMessages } from './values.ts';

export type { Validated, ValidationErrors } from './validation.ts';

/** Validates a body of `createOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. */
export function validateCreateOAuthApp(value: unknown): Validated<CreateOAuthApp> {
  return validate(value, { check: checkCreateOAuthApp, sizes: { 'metadata': limits.metadata }, patternMessages });
}

/** Validates a body of `updateOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. */
export function validateUpdateOAuthApp(value: unknown): Validated<UpdateOAuthApp> {
  return validate(value, { check: checkUpdateOAuthApp, sizes: { 'metadata': limits.metadata }, patternMessages });
}
