import type { Request, RequestHandler, Response } from 'express';
import { InternalServerError } from 'express-openapi-validator/dist/framework/types.js';
import type { Findings, Query } from '../middleware/begin-request.ts';
import type { CheckAnswer } from '../http/send.ts';
import { type Breach, loadValidators, type OperationValidator } from './validators.ts';

/** What to do with an answer that breaks the description: send a 500 instead, or say so and send it. */
export type ResponseValidation = 'strict' | 'report';

export interface EnforceOptions {
  /** The bundle, as text. */
  readonly description: string;
  readonly responseValidation: ResponseValidation;
  /** Told of an answer that breaks the description, where it is sent all the same. */
  readonly onBrokenResponse: (error: Error) => void;
}

/** A request as it is handed on, or what is wrong with it. */
interface Verdict {
  readonly query?: Query;
  readonly path?: Findings['pathParams'];
  readonly breach?: Breach;
}

/** A query in which the validator finds nothing reserved, nested or empty to look into. */
const harmless = /^[\w.~%-]+=[\w.~%-]+(?:&[\w.~%-]+=[\w.~%-]+)*$/;

/** The query, when all of it is known and plain. */
function readPlainQuery(req: Request, res: Response, names: ReadonlySet<string>): Query | undefined {
  const start = req.originalUrl.indexOf('?');
  if (start < 0) return {};
  if (!harmless.test(req.originalUrl.slice(start + 1))) return undefined;
  const { query } = res.locals as Findings;
  for (const name in query) {
    if (!names.has(name) || typeof query[name] !== 'string' || query[name] === '') return undefined;
  }
  return query;
}

/**
 * Checks a request by the compiled schemas as it is; gives what is wrong with it. Undefined where they cannot decide: the
 * validator has something to prepare first.
 */
function checkAsItIs(validator: OperationValidator, req: Request, res: Response): Verdict | undefined {
  const { contentType, plainQuery, general, body } = validator;
  if (plainQuery === undefined || req.headers['content-type'] !== contentType) return undefined;
  const query = readPlainQuery(req, res, plainQuery);
  if (query === undefined) return undefined;
  // What is a number or a boolean becomes one.
  const path = { ...res.locals.pathParams };
  const data = { query, headers: req.headers, params: path, cookies: undefined, body: req.body };
  const [isRight, hasRightBody] = [general(data), body(data)];
  return isRight && hasRightBody ? { query, path } : { breach: validator.explain(req.path) };
}

/** Checks a request by the validator as a whole. Throws what is wrong with it. */
function checkAsAWhole(validator: OperationValidator, req: Request, res: Response): Verdict {
  const path = { ...res.locals.pathParams };
  validator.validateRequest(req, res, path);
  return { query: req.query, path };
}

/** What holds requests and answers to a description. */
export interface Enforcement {
  /**
   * Middleware behind `chooseOperation`, which leaves query and path in `res.locals` as the description types them. A
   * request that breaks the description is an error.
   */
  readonly checkRequest: RequestHandler;
  readonly checkAnswer: CheckAnswer;
}

/**
 * express-openapi-validator as the enforcer of requests and responses, behind `chooseOperation`. Its compiled schemas
 * decide on what is plainly right; everything else goes through the validator as a whole, so that verdicts and messages
 * are its own. Rejects when the description is broken.
 */
export async function enforceDescription(options: EnforceOptions): Promise<Enforcement> {
  const { onBrokenResponse, responseValidation } = options;
  const validators: Readonly<Record<string, OperationValidator>> = await loadValidators(options.description);
  return {
    checkRequest(req, res, next) {
      const validator = validators[res.locals.operationId] as OperationValidator;
      const { query, path, breach } = checkAsItIs(validator, req, res) ?? checkAsAWhole(validator, req, res);
      res.locals.query = query;
      res.locals.pathParams = path;
      next(breach);
    },
    checkAnswer(answer, res) {
      const validator = validators[res.locals.operationId];
      // What means no operation has no description. A fault of the server is told even where the description forgot it.
      if (validator === undefined || answer.status >= 500) return;
      if (validator.answers[answer.status]?.(answer.body)) return;
      try {
        // What is missing or fails goes to the validator itself, which finds the words.
        validator.validateAnswer(answer, res.req);
      } catch (error) {
        if (responseValidation === 'strict' || !(error instanceof InternalServerError)) throw error;
        onBrokenResponse(error as Error);
      }
    },
  };
}
