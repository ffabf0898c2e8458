import { randomUUID } from 'node:crypto';
import express, { type Express } from 'express';
import { createHandlers } from './handlers.ts';
import { accountTurns } from './http/account-turns.ts';
import { authentication, type FindCaller, ownAuthentication } from './http/authenticate.ts';
import { endWith } from './http/end-with.ts';
import { exchanges, type Observe } from './http/exchange.ts';
import { handleErrors } from './http/handle-errors.ts';
import { bindOperations } from './http/operation.ts';
import { type Docs, publicPages } from './http/public-pages.ts';
import { rejectUnknownPaths, serveOperations } from './http/request-path.ts';
import { makeRoutes } from './http/routes.ts';
import type { KeyRing } from './keys/key-ring.ts';
import type { Log } from './log.ts';
import { listReadinessFailures } from './process/readiness.ts';
import { type SecretReports, secretReports } from './process/secret-reports.ts';
import { epochFact, type Store } from './store/store.ts';
import { loadValidators, type ResponseValidation, type Validators } from './validation/validators.ts';

/** Milliseconds that a request waits for its account's turn before it gets a 503. */
const turnTimeout = 4_000;
/** The number of requests of an account that wait at most. */
const maxWaitingTurns = 1_000;

/**
 * All that the app needs from outside. It has no port, clock, environment or global of its own.
 * @example
 * const deps: AppDeps = { store, keyRing, log: createLog('silent'), maxAppsPerAccount: 10 };
 * const api = await createApp(deps);
 */
export interface AppDeps {
  /** The store of accounts, from `openStore` or of your own. */
  readonly store: Store;
  /** The keys that secrets are sealed under, from `loadKeyRing`. */
  readonly keyRing: KeyRing;
  /** The log, from `createLog`. */
  readonly log: Log;
  /**
   * Returns the caller of a request, in place of the tokens of the store: for sessions, signed tokens or a gateway.
   * `undefined` gets 401. An account exists as soon as a caller has its id.
   * @default the bearer tokens of the store
   */
  readonly authenticate?: FindCaller;
  /** The docs: page, Markdown and llms.txt. Left out: their paths are unknown. */
  readonly docs?: Docs;
  /**
   * Whether a response that breaks the description becomes a 500 (`strict`) or is logged and sent (`report`).
   * @default 'strict'
   */
  readonly responseValidation?: ResponseValidation;
  /**
   * The number of apps that an account may hold.
   * @default 1000
   */
  readonly maxAppsPerAccount?: number;
  /**
   * The cost of the requests of one account that are in work at a time: a list costs 8, every other request 1. Those
   * over it wait for earlier ones of the same account.
   * @default 32
   */
  readonly accountCapacity?: number;
  /** Requests per minute and token. Left out: there is no limit. */
  readonly rateLimit?: number;
  /** Requests with a wrong token per minute and address. Left out: there is no limit. */
  readonly failedAuthLimit?: number;
  /** Origins whose pages may use the API, such as `https://app.example.com`, or `*` for all. Left out: none. */
  readonly corsOrigins?: readonly string[];
  /**
   * The place where secrets that do not open are reported.
   * @default one of this app
   */
  readonly secretReports?: SecretReports;
  /** Called with each finished request. */
  readonly observe?: Observe;
  /**
   * Whether the process is about to stop, for `/readyz`.
   * @default () => false
   */
  readonly isStopping?: () => boolean;
  /**
   * Returns the present moment.
   * @default () => new Date()
   */
  readonly now?: () => Date;
  /**
   * Returns a new request id, a UUID.
   * @default crypto.randomUUID
   */
  readonly newRequestId?: () => string;
}

/**
 * Creates the app. It listens nowhere yet: hand it to `http.createServer`, or mount it in an Express app of your own,
 * under a path or not. Mounted, it passes on every path that is not its own.
 * @example express().use('/sequin', await createApp({ store, keyRing, log }))
 */
export async function createApp(deps: AppDeps): Promise<Express> {
  const { responseValidation = 'strict', log } = deps;
  return assembleApp(deps, loadValidators({ responseValidation, log }));
}

/** Assembles the app around the validators of its operations. */
export async function assembleApp(deps: AppDeps, validators: Validators): Promise<Express> {
  const { store, keyRing, log, docs, rateLimit } = deps;
  const { now = () => new Date(), newRequestId = randomUUID } = deps;
  const { maxAppsPerAccount = 1_000, accountCapacity = 32, isStopping = () => false } = deps;

  const exchange = exchanges(log, newRequestId, deps.observe);
  const epoch = (await store.readFacts(epochFact)).get(epochFact);
  const reports = deps.secretReports ?? secretReports(store, log);
  const handlers = createHandlers({ store, keyRing, now, maxAppsPerAccount, epoch, ...reports });
  const routes = makeRoutes(bindOperations(handlers, validators));
  const countRequest = rateLimit === undefined ? undefined : await store.countRequests(rateLimit);
  const takeTurn = accountTurns({ capacity: accountCapacity, timeout: turnTimeout, maxWaiting: maxWaitingTurns });
  const authenticate = deps.authenticate
    ? ownAuthentication(deps.authenticate)
    : authentication({ store, log, now, failedAuthLimit: deps.failedAuthLimit });
  const canEnd = deps.authenticate === undefined;
  const requestPath = { authenticate, canEnd, now, routes, countRequest, exchange, takeTurn };

  const app = express();
  app.disable('x-powered-by').disable('etag').enable('strict routing').enable('case sensitive routing');
  // Loaded here: most servers have no other origins.
  if (deps.corsOrigins !== undefined) app.use((await import('./http/cors.ts')).allowOrigins(deps.corsOrigins, routes));
  app.use(serveOperations(requestPath));
  const { listWarnings } = reports;
  const readiness = { listFailures: () => listReadinessFailures(store, keyRing, isStopping()), listWarnings };
  app.use(publicPages({ docs, exchange, readiness }));
  app.use(handleErrors(log, newRequestId));
  return endWith(rejectUnknownPaths(requestPath), app);
}
