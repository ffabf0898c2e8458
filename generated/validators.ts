// Generated from openapi/ by `npm run generate`. Do not edit.

import { checkCreateOAuthApp, checkUpdateOAuthApp } from './schema-checks.ts';
import type * as types from './types.ts';
import { createValidator, type Validator } from './validation.ts';
import { limits, maxBodyDepth } from './values.ts';

/** The messages of the patterns of bodies. */
const patternMessages = {
  '^[* \t\n\u000b\f\r ]*[^* \t\n\u000b\f\r \u0000][^\u0000]*$': 'must not be made only of asterisks and white space',
  '^[^\u0000]*$': 'must not contain U+0000',
};

export { type Issue, type Validated, type ValidationErrors, type Validator, withMessages } from './validation.ts';

/**
 * Validates a body of `createOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. It is a
 * Standard Schema as well.
 *
 * @example const { value, validation_errors } = validateCreateOAuthApp(form);
 */
export const validateCreateOAuthApp: Validator<types.CreateOAuthApp> = /* @__PURE__ */ createValidator(() => ({
  check: checkCreateOAuthApp,
  sizes: { 'metadata': limits.metadata },
  maxDepth: maxBodyDepth,
  patternMessages,
}));

/**
 * Validates a body of `updateOAuthApp` as the server does. Returns it as it would arrive, or the validation errors. It is a
 * Standard Schema as well.
 *
 * @example const { value, validation_errors } = validateUpdateOAuthApp(form);
 */
export const validateUpdateOAuthApp: Validator<types.UpdateOAuthApp> = /* @__PURE__ */ createValidator(() => ({
  check: checkUpdateOAuthApp,
  sizes: { 'metadata': limits.metadata },
  maxDepth: maxBodyDepth,
  patternMessages,
}));

/**
 * Validators of request bodies by operationId.
 *
 * @example console.log(Object.keys(bodyValidators)); // the operations that have a body
 */
export const bodyValidators = {
  createOAuthApp: validateCreateOAuthApp,
  updateOAuthApp: validateUpdateOAuthApp,
};
