import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { chooseOperation } from '../../server/http/routes.ts';
import type { CheckAnswer } from '../../server/http/send.ts';
import { allScopes } from '../../server/keys/tokens.ts';

/** A request as it stands before the validator, its body read, and the answer that the handler would give. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly answer: { readonly status: number; readonly contentType?: string; readonly body: unknown };
}

/** All that can be seen of an exchange behind the validator. */
export interface Outcome {
  /** What the handler got; undefined when the request was refused. */
  handed?: object;
  /** The error that came out, of the request or of the answer. */
  error?: object;
  /** What `onBrokenResponse` was told. */
  reported?: object;
  /** What was sent. */
  sent?: { status: number; contentType: unknown; text: unknown };
}

type HandedOf = (req: Request, res: Response) => { path: object; query: object };
/** What checks requests, and answers too unless `checkAnswer` does. */
interface Checks {
  readonly requests: RequestHandler[];
  readonly checkAnswer?: CheckAnswer;
}
type Enforce = (onBrokenResponse: (error: Error) => void) => Promise<Checks> | Checks;

const describeError = (error: unknown): object => {
  const { name, status, message, path, headers, errors } = error as Error & Record<string, unknown>;
  return { name, status, message, path, headers, errors };
};

/**
 * An Express app with nothing but the choice of the operation and its enforcement. Runs exchanges without a network.
 * `handedOf` says where the enforcement leaves path parameters and query.
 */
export async function openEnforced(
  enforce: Enforce,
  handedOf: HandedOf,
): Promise<(exchange: Exchange) => Promise<Outcome>> {
  let outcome: Outcome = {};
  const reported = (error: Error) => {
    outcome.reported = describeError(error);
  };
  const { requests, checkAnswer } = await enforce(reported);
  const app = express().disable('x-powered-by').disable('etag').enable('strict routing');
  app.enable('case sensitive routing');
  const caller: RequestHandler = (req, res, next) => {
    res.locals.caller = { accountId: 'a', tokenId: 't', scopes: allScopes };
    res.locals.query = req.query;
    next();
  };
  const answer: RequestHandler = (req, res) => {
    const { headers, body } = req;
    const { path, query } = handedOf(req, res);
    outcome.handed = structuredClone({ path: { ...path }, query: { ...query }, headers: { ...headers }, body });
    const { status, contentType, body: shown } = res.locals.answer as Exchange['answer'];
    res.status(status);
    if (contentType !== undefined) res.set('Content-Type', contentType);
    checkAnswer?.({ status, mediaType: res.get('Content-Type'), body: shown }, res);
    // What the validator makes of null when it only reports it.
    if (checkAnswer && shown === null && status < 500) res.status(204).end();
    else res.json(shown);
  };
  const fail: ErrorRequestHandler = (error, _req, res, _next) => {
    outcome.error = describeError(error);
    res.status(Number(error?.status) || 500).end();
  };
  app.use(caller, chooseOperation(), requests);
  for (const path of ['/v1/oauth-apps', '/v1/oauth-apps/:id']) app.all(path, answer);
  app.use(fail);

  return async ({ method, target, headers, body, answer: planned }) => {
    outcome = {};
    const req = Object.assign(new IncomingMessage(new Socket()), { method, url: target, headers: { ...headers } });
    const res = Object.assign(new ServerResponse(req), { locals: { answer: structuredClone(planned) } });
    Object.assign(req, { body: structuredClone(body) });
    return new Promise((resolve) => {
      const end: (text?: unknown) => ServerResponse = (text) => {
        outcome.sent = { status: res.statusCode, contentType: res.getHeader('content-type'), text };
        resolve(outcome);
        return res;
      };
      app(req as never, Object.assign(res, { end }) as never);
    });
  };
}
