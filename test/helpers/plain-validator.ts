import type { RequestHandler } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import type { EnforceOptions } from '../../server/validation/enforce-description.ts';

type Description = Parameters<typeof OpenApiValidator.middleware>[0]['apiSpec'];

/** express-openapi-validator as it comes, with the options of the server: what the server's own use of it is held to. */
export function plainValidator({ description, responseValidation, onBrokenResponse }: EnforceOptions) {
  return OpenApiValidator.middleware({
    apiSpec: JSON.parse(description) as Description,
    validateRequests: { allErrors: true },
    validateResponses: responseValidation === 'strict' ? true : { onError: onBrokenResponse },
    validateSecurity: false,
    validateApiSpec: true,
    fileUploader: false,
  }) as RequestHandler[];
}
