import type { Request, RequestHandler, Response } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { operations } from '../../generated/operations.ts';

/** What to do with an answer that breaks the description: send a 500 instead, or say so and send it. */
export type ResponseValidation = 'strict' | 'report';

export interface EnforceOptions {
  /** The bundle, as parsed JSON. */
  readonly description: object;
  readonly responseValidation: ResponseValidation;
  /** Told of an answer that breaks the description, where it is sent all the same. */
  readonly onBrokenResponse: (error: Error) => void;
}

type Description = Parameters<typeof OpenApiValidator.middleware>[0]['apiSpec'];

/** Sends one request through handlers without a network; resolves with the error that came out, if any. */
async function runThrough(handlers: RequestHandler[], req: Request): Promise<unknown> {
  for (const handler of handlers) {
    const error = await new Promise<unknown>((resolve) => handler(req, {} as Response, resolve));
    if (error) return error;
  }
  return undefined;
}

/**
 * express-openapi-validator as the enforcer of requests and responses. It loads its description lazily and would hand
 * out a broken one request by request; here every operation is tried first, so a broken description rejects.
 */
export async function enforceDescription(options: EnforceOptions): Promise<RequestHandler[]> {
  const { onBrokenResponse, responseValidation } = options;
  const handlers = OpenApiValidator.middleware({
    // A copy: the validator takes the examples out of its own.
    apiSpec: structuredClone(options.description) as Description,
    validateRequests: { allErrors: true },
    validateResponses: responseValidation === 'strict' ? true : { onError: onBrokenResponse },
    // Requests are authenticated before they get here; the validator would let any bearer token pass.
    validateSecurity: false,
    validateApiSpec: true,
    fileUploader: false,
  }) as RequestHandler[];
  for (const { method, path, requestMediaTypes } of Object.values(operations)) {
    const [type] = requestMediaTypes;
    const app = { enabled: () => true, param() {} };
    const target = path.replaceAll(/[{}]/g, '');
    const probe = { method: method.toUpperCase(), path: target, originalUrl: target, baseUrl: '', query: {}, app };
    const error = await runThrough(handlers, { ...probe, headers: { 'content-type': type } } as unknown as Request);
    // 400 is the validator at work: the probe has no body.
    if (error && (error as { status?: number }).status !== 400) throw error;
  }
  return handlers;
}
