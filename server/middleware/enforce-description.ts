import type { Request, RequestHandler, Response } from 'express';
import { error as errors } from 'express-openapi-validator';
import { loadValidators, type OperationValidator, type Validators } from './validators.ts';

/** What to do with an answer that breaks the description: send a 500 instead, or say so and send it. */
export type ResponseValidation = 'strict' | 'report';

export interface EnforceOptions {
  /** The bundle, as text. */
  readonly description: string;
  readonly responseValidation: ResponseValidation;
  /** Told of an answer that breaks the description, where it is sent all the same. */
  readonly onBrokenResponse: (error: Error) => void;
}

/** A query in which the validator finds nothing reserved, nested or empty to look into. */
const harmless = /^[\w.~%-]+=[\w.~%-]+(?:&[\w.~%-]+=[\w.~%-]+)*$/;

/** The query, when all of it is known and plain. */
function readPlainQuery(req: Request, names: ReadonlySet<string>): Record<string, unknown> | undefined {
  const start = req.originalUrl.indexOf('?');
  if (start < 0) return {};
  if (!harmless.test(req.originalUrl.slice(start + 1))) return undefined;
  const { query } = req;
  for (const name of Object.keys(query)) {
    if (!names.has(name) || typeof query[name] !== 'string' || query[name] === '') return undefined;
  }
  return query;
}

/**
 * Whether a request passes the compiled schemas as it is. False says nothing yet: it may be wrong, or the validator has
 * to prepare it first. Coerces query and path as the validator does.
 */
function passesAsItIs(validator: OperationValidator, req: Request, res: Response): boolean {
  const { contentType, plainQuery, general, body } = validator;
  if (plainQuery === undefined || req.headers['content-type'] !== contentType) return false;
  const query = readPlainQuery(req, plainQuery);
  if (query === undefined) return false;
  const data = {
    query,
    headers: req.headers,
    params: { ...res.locals.pathParams },
    cookies: undefined,
    body: req.body,
  };
  if (!general(data) || !body(data)) return false;
  Object.defineProperty(req, 'query', { value: query, writable: true });
  res.locals.pathParams = data.params;
  return true;
}

function validateRequest(validator: OperationValidator, req: Request, res: Response): void {
  if (passesAsItIs(validator, req, res)) return;
  const pathParams = { ...res.locals.pathParams };
  validator.validateRequest(req, res, pathParams);
  res.locals.pathParams = pathParams;
}

function validateAnswer(validator: OperationValidator, body: unknown, req: Request, res: Response): void {
  const passes = validator.answers[res.statusCode];
  // What is missing or fails goes to the validator itself, which finds the words.
  if (body === undefined || body === null || !passes?.({ response: body })) validator.validateAnswer(body, req, res);
}

/**
 * express-openapi-validator as the enforcer of requests and responses, behind `chooseOperation`. Its compiled schemas
 * decide on what is plainly right; everything else goes through the validator as a whole, so that verdicts and messages
 * are its own. Rejects when the description is broken.
 */
export async function enforceDescription(options: EnforceOptions): Promise<RequestHandler> {
  const { onBrokenResponse, responseValidation } = options;
  const validators: Validators = await loadValidators(options.description);
  return (req, res, next) => {
    const validator = validators[res.locals.operationId as keyof Validators];
    validateRequest(validator, req, res);
    const send = res.json;
    res.json = (body) => {
      res.json = send;
      // A fault of the server is told even where the description forgot it.
      if (res.headersSent || res.statusCode >= 500) return res.headersSent ? res : res.json(body);
      try {
        validateAnswer(validator, body, req, res);
      } catch (error) {
        if (responseValidation === 'strict' || !(error instanceof errors.InternalServerError)) {
          next(error);
          return res;
        }
        onBrokenResponse(error as Error);
      }
      return body === null ? res.status(204).end() : res.json(body);
    };
    next();
  };
}
