import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import type { Log } from './log.ts';
import { answerOperation } from './middleware/answer-operation.ts';
import { authenticate } from './http/authenticate.ts';
import { beginRequest, writeHeadWithId } from './middleware/begin-request.ts';
import { chooseOperation } from './http/routes.ts';
import { enforceDescription, type ResponseValidation } from './validation/enforce-description.ts';
import { inTurn } from './middleware/in-turn.ts';
import { limitRate } from './http/rate-limit.ts';
import { limitTime } from './middleware/limit-time.ts';
import { logRequest } from './middleware/log-request.ts';
import { refuseOddQueries } from './http/query.ts';
import { refuseOddTargets } from './http/target.ts';
import { type Docs, servePublicPages } from './http/public-pages.ts';
import { readJson } from './http/body.ts';
import { checkAndSend, type SendAnswer } from './http/send.ts';
import { oauthApps } from './oauth-apps/handlers.ts';
import { answerBrokenProblems, answerProblems } from './problem.ts';
import { findTroubles } from './process/readiness.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { Store } from './store/store.ts';

/** All that the app needs from outside. It has no port, clock, environment or global of its own. */
export interface AppDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  readonly log: Log;
  /** The bundle, `generated/openapi.json`, as text. */
  readonly description: string;
  /** The docs: page, Markdown and llms.txt. */
  readonly docs?: Docs;
  readonly responseValidation?: ResponseValidation;
  /** How many apps an account may hold. Default: 1,000. */
  readonly maxAppsPerAccount?: number;
  /** Requests per minute and token. Default: no limit. */
  readonly rateLimit?: number;
  /** Whether the process is about to stop, which `/readyz` tells. Default: never. */
  readonly isStopping?: () => boolean;
  /** The present moment. Default: the system's clock. */
  readonly now?: () => Date;
  /** A new request id. Default: a random UUID. */
  readonly newRequestId?: () => string;
}

/** Builds the app; it listens nowhere yet. Rejects when the description cannot be loaded. */
export async function createApp(deps: AppDeps): Promise<Express> {
  const { description, responseValidation = 'strict', log } = deps;
  const onBrokenResponse = (error: Error) => log.fault(undefined, error);
  const enforcement = await enforceDescription({ description, responseValidation, onBrokenResponse });
  return assembleApp(deps, [enforcement.checkRequest], checkAndSend(enforcement.checkAnswer));
}

/** Puts the app together around what checks requests, and what sends answers once it has checked them. */
export async function assembleApp(
  deps: AppDeps,
  checkRequests: readonly RequestHandler[],
  send: SendAnswer,
): Promise<Express> {
  const { store, keyRing, log, description, docs } = deps;
  const { now = () => new Date(), newRequestId = randomUUID } = deps;
  const { maxAppsPerAccount = 1_000, rateLimit, isStopping = () => false } = deps;

  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');

  app.response.writeHead = writeHeadWithId as typeof app.response.writeHead;

  app.use(
    inTurn([
      beginRequest(newRequestId),
      logRequest(log),
      refuseOddTargets,
      limitTime,
      servePublicPages({ description, docs, findTroubles: () => findTroubles(store, keyRing, isStopping()) }),
      authenticate(store),
      ...(rateLimit === undefined ? [] : [limitRate(await store.countRequests(rateLimit))]),
      chooseOperation(),
      refuseOddQueries,
      readJson,
      ...checkRequests,
      answerOperation(oauthApps({ store, keyRing, now, maxAppsPerAccount }), send),
    ]),
  );
  app.use(answerProblems(log, send), answerBrokenProblems(log, send));
  return app;
}
