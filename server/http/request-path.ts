/** The path of one request: each step takes the results of earlier ones, so that the compiler proves their order. */
import type { Request, RequestHandler, Response } from 'express';
import type { Caller, OperationResponse } from '../operation-types.ts';
import { isRejection, type Rejection, reject } from '../problem.ts';
import type { CountRequest } from '../store/store.ts';
import type { TakeTurn } from './account-turns.ts';
import type { Authenticate } from './authenticate.ts';
import { readBody } from './body.ts';
import type { RequestContext, RunExchange } from './exchange.ts';
import { authorize, type Operation } from './operation.ts';
import { parseQuery } from './query.ts';
import { limitRate } from './rate-limit.ts';
import { nameRoute } from './route-name.ts';
import { matchRoute, type Route, type RouteMatch, readPathParams, respondWithoutOperation } from './routes.ts';
import { problemResponse, type ResponseParts } from './send.ts';
import { renderSlices } from './slices.ts';
import { splitTarget } from './target.ts';

/** The parts that every request meets. */
export interface RequestPathDeps {
  readonly authenticate: Authenticate;
  /** Returns the present moment. */
  readonly now: () => Date;
  /** Whether the caller of a request may have lost its rights since it was authenticated, so that this is done again. */
  readonly canEnd: boolean;
  readonly routes: readonly Route[];
  /** Left out: there is no limit. */
  readonly countRequest?: CountRequest;
  readonly exchange: RunExchange;
  readonly takeTurn: TakeTurn;
}

/** Milliseconds from the authentication of a request after which it is authenticated again before it does anything. */
const longWait = 1_000;

/** A request whose operation and caller are known. */
interface AdmittedRequest {
  readonly admittedAt: Date;
  readonly req: Request;
  readonly context: RequestContext;
  readonly match: RouteMatch;
  readonly operation: Operation;
  readonly caller: Caller | undefined;
}

/** Returns the caller of a request within its rate limit; undefined where the operation needs no token. */
async function admit(
  { authenticate, countRequest }: RequestPathDeps,
  req: Request,
  match: RouteMatch | undefined,
  operation: Operation | undefined,
): Promise<Caller | Rejection | undefined> {
  if (operation !== undefined && operation.scopes === undefined) return undefined;
  const appId = match && operation?.method === 'GET' ? readPathParams(match).id : undefined;
  const caller = await authenticate(req, appId);
  if (isRejection(caller) || countRequest === undefined) return caller;
  return (await limitRate(countRequest, caller)) ?? caller;
}

/**
 * Rejects a request whose token ended while its body arrived or while it waited for its turn: 14 seconds at most, in which
 * an operator may have revoked it.
 */
async function rejectEnded(
  { authenticate, now, canEnd }: RequestPathDeps,
  { req, admittedAt, caller }: AdmittedRequest,
) {
  if (!canEnd || caller === undefined || Math.abs(now().getTime() - admittedAt.getTime()) < longWait) return undefined;
  const again = await authenticate(req);
  return isRejection(again) ? again : undefined;
}

/** Calls the handler of an operation, once every part of the request is valid and it is the account's turn. */
async function operate(deps: RequestPathDeps, admitted: AdmittedRequest): Promise<OperationResponse | Rejection> {
  const { req, context, match, operation, caller } = admitted;
  const { requestId, target, res } = context;
  const authorized = authorize(operation, caller);
  if (isRejection(authorized)) return authorized;
  const query = parseQuery(target.query, operation.spellings);
  if (isRejection(query)) return query;
  const body = operation.takesBody ? await readBody(req) : undefined;
  if (isRejection(body)) return body;
  const { headers } = req;
  const parts = { target, path: readPathParams(match), query, headers, body: body?.value };
  const request = operation.validator.validateRequest(parts);
  if (isRejection(request)) return request;
  const isBusy = caller && (await deps.takeTurn(caller.accountId, operation.cost, res));
  const rejection = isBusy ?? (await rejectEnded(deps, admitted));
  return rejection ?? operation.handle({ ...request, caller: authorized, requestId });
}

/** Turns the result of an operation into a response that is valid by the description. */
async function toValidResponse(
  { validator }: Operation,
  result: OperationResponse | Rejection,
  { requestId, target, res }: RequestContext,
): Promise<ResponseParts> {
  if (!isRejection(result) && 'slices' in result) {
    const { status, headers, slices } = result;
    const validate = (body: unknown) => validator.validateResponse({ status, headers, body }, target.path);
    return { status, headers, text: await renderSlices(slices, validate, () => res.closed) };
  }
  const response = isRejection(result) ? problemResponse(result, requestId) : result;
  validator.validateResponse(response, target.path);
  return response;
}

/**
 * Returns the response to a request.
 * @param match Undefined for a path that the description does not have.
 * @throws StoreUnavailable, and the error of a response that breaks the description.
 */
async function respond(
  deps: RequestPathDeps,
  req: Request,
  match: RouteMatch | undefined,
  context: RequestContext,
): Promise<ResponseParts> {
  const { requestId, line } = context;
  const operation = match?.route.operations.get(req.method);
  const caller = await admit(deps, req, match, operation);
  const admittedAt = deps.now();
  if (isRejection(caller)) return problemResponse(caller, requestId);
  line.accountId = caller?.accountId;
  line.tokenId = caller?.tokenId;
  if (match === undefined) return problemResponse(reject('NotFound'), requestId);
  if (operation === undefined) return respondWithoutOperation(match.route, req.method, requestId);
  line.operationId = operation.operationId;
  const result = await operate(deps, { req, context, match, operation, caller, admittedAt });
  return toValidResponse(operation, result, context);
}

/** Serves the operations of the description. Every other path goes on to the next handler. */
export function serveOperations(deps: RequestPathDeps): RequestHandler {
  return (req, res, next) => {
    const match = matchRoute(deps.routes, splitTarget(req.url).path);
    if (match === undefined) return next();
    nameRoute(req, match.route.path);
    return deps.exchange(req, res, (context) => respond(deps, req, match, context));
  };
}

/** Rejects paths that the app does not have: with 401 without a token, so that they tell nothing, else with 404. */
export function rejectUnknownPaths(deps: RequestPathDeps): (req: Request, res: Response) => Promise<void> {
  return (req, res) => deps.exchange(req, res, (context) => respond(deps, req, undefined, context));
}
