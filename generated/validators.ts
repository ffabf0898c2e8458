// Generated from openapi/ by `npm run generate`. Do not edit.

import { checkCreateOAuthApp, checkUpdateOAuthApp } from './schema-checks.ts';
import type { CreateOAuthApp, UpdateOAuthApp } from './types.ts';
import { type Validated, validate } from './validation.ts';
import { limits, patternMessages } from './values.ts';

export type { Validated, ValidationErrors } from './validation.ts';

/** What the server would say to the body of `createOAuthApp`; the body as it would arrive if that is nothing. */
export function validateCreateOAuthApp(value: unknown): Validated<CreateOAuthApp> {
  return validate(value, { check: checkCreateOAuthApp, sizes: { 'metadata': limits.metadata }, patternMessages });
}

/** What the server would say to the body of `updateOAuthApp`; the body as it would arrive if that is nothing. */
export function validateUpdateOAuthApp(value: unknown): Validated<UpdateOAuthApp> {
  return validate(value, { check: checkUpdateOAuthApp, sizes: { 'metadata': limits.metadata }, patternMessages });
}
