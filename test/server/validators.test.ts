import { OpenApiValidator } from 'express-openapi-validator/dist/openapi.validator.js';
import { expect, it } from 'vitest';
import { ajvOptions } from '../../server/validation/validators.ts';

const options = { apiSpec: 'any', validateRequests: { allErrors: true }, validateResponses: true };

it.each(['preprocessor', 'request', 'response'] as const)('ajv is set as the validator would set it: %s', (use) => {
  const { ajvOpts } = new OpenApiValidator(options) as unknown as { ajvOpts: typeof ajvOptions };
  expect(ajvOptions[use]).toEqual(ajvOpts[use]);
});
