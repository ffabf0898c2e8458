// @databases none
/** Type tests of the request path. `tsc` runs them: it fails when an expected error does not occur. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, expectTypeOf, test } from 'vitest';
import type { OAuthApp } from '../../generated/types.ts';
import type { Authenticate } from '../../server/http/authenticate.ts';
import { readBody } from '../../server/http/body.ts';
import type { RunExchange } from '../../server/http/exchange.ts';
import { authorize, type Operation } from '../../server/http/operation.ts';
import { parseQuery } from '../../server/http/query.ts';
import { limitRate } from '../../server/http/rate-limit.ts';
import { matchRoute, type Route, type RouteMatch, readPathParams } from '../../server/http/routes.ts';
import { problemResponse, type ResponseParts, send } from '../../server/http/send.ts';
import { readTarget, type Target } from '../../server/http/target.ts';
import type { Caller, Handlers, ValidatedRequest } from '../../server/operation-types.ts';
import { isRejection, type Rejection, reject } from '../../server/problem.ts';
import type { CountRequest } from '../../server/store/store.ts';
import type { RequestParts } from '../../server/validation/validators.ts';

// The values exist for the compiler only, because no code below runs.
declare const req: IncomingMessage;
declare const res: ServerResponse;
declare const authenticate: Authenticate;
declare const routes: readonly Route[];
declare const countRequest: CountRequest;
declare const exchange: RunExchange;
declare const target: Target;
declare const match: RouteMatch;
declare const operation: Operation<'createOAuthApp'>;
declare const caller: Caller;
declare const rejection: Rejection;
declare const parts: RequestParts;
declare const partsWithoutHeaders: Omit<RequestParts, 'headers'>;
declare const uncheckedQuery: ReturnType<typeof parseQuery>;
declare const request: ValidatedRequest<'createOAuthApp'>;
declare const otherRequest: ValidatedRequest<'getOAuthApp'>;
type Creates = Pick<Handlers, 'createOAuthApp'>;
declare const app: OAuthApp;
declare const headers: { 'Cache-Control': string; ETag: string };
declare const response: ResponseParts;
declare const requestId: string;

/** Has its argument type-checked, and does not run it. */
const check = (_code: () => unknown) => expect(true).toBe(true);

test('the steps compile in their order', () => {
  check(async () => {
    const target = readTarget(req);
    if (isRejection(target)) return problemResponse(target, requestId);
    const match = matchRoute(routes, target.path);
    const caller = await authenticate(req);
    if (isRejection(caller) || match === undefined) return reject('NotFound');
    const limited = await limitRate(countRequest, caller);
    const authorized = authorize(operation, caller);
    if (isRejection(authorized)) return limited;
    expectTypeOf(authorized).toEqualTypeOf<Caller>();
    const query = parseQuery(target.query, operation.spellings);
    const body = await readBody(req);
    if (isRejection(query) || isRejection(body)) return query;
    const parts = { target, path: readPathParams(match), query, headers: req.headers, body: body.value };
    const request = operation.validator.validateRequest(parts);
    if (isRejection(request)) return request;
    expectTypeOf(request).toEqualTypeOf<ValidatedRequest<'createOAuthApp'>>();
    const result = await operation.handle({ ...request, caller: authorized, requestId });
    const response = isRejection(result) ? problemResponse(result, requestId) : result;
    operation.validator.validateResponse(response, target.path);
    return send(res, response, requestId);
  });
});

describe('a wrong input of a step does not compile', () => {
  test('of the target and the route', () => {
    // @ts-expect-error: the request is missing
    check(() => readTarget());
    // @ts-expect-error: a target instead of its path
    check(() => matchRoute(routes, target));
    // @ts-expect-error: the target may be rejected
    check(() => matchRoute(routes, readTarget(req).path));
    // @ts-expect-error: the path may match no route
    check(() => readPathParams(matchRoute(routes, target.path)));
    // @ts-expect-error: the values of the parameters are missing
    check(() => readPathParams({ route: match.route }));
  });

  test('of the caller and its rate limit', () => {
    // @ts-expect-error: the request is missing
    check(() => authenticate());
    // @ts-expect-error: the response instead of the request
    check(() => authenticate(res));
    // @ts-expect-error: the caller is missing
    check(() => limitRate(countRequest));
    // @ts-expect-error: the caller may be rejected
    check(async () => limitRate(countRequest, await authenticate(req)));
    // @ts-expect-error: the caller is missing
    check(() => authorize(operation));
    // @ts-expect-error: the caller may be rejected
    check(async () => authorize(operation, await authenticate(req)));
    // @ts-expect-error: an id instead of the operation
    check(() => authorize('createOAuthApp', caller));
  });

  test('of the query and the body', () => {
    // @ts-expect-error: a target instead of its query
    check(() => parseQuery(target, operation.spellings));
    // @ts-expect-error: the spellings of the operation are missing
    check(() => parseQuery(target.query));
    // @ts-expect-error: a target instead of the request
    check(() => readBody(target));
    // @ts-expect-error: the body may be rejected
    check(async () => (await readBody(req)).value);
  });

  test('of the validation', () => {
    // @ts-expect-error: the headers are missing
    check(() => operation.validator.validateRequest(partsWithoutHeaders));
    // @ts-expect-error: `header` is misspelled
    check(() => operation.validator.validateRequest({ ...partsWithoutHeaders, header: {} }));
    // @ts-expect-error: the query may be rejected
    check(() => operation.validator.validateRequest({ ...parts, query: uncheckedQuery }));
  });

  test('of the handler', () => {
    // @ts-expect-error: the caller is missing
    check(() => operation.handle({ ...request, requestId }));
    // @ts-expect-error: `caller` is misspelled
    check(() => operation.handle({ ...request, callr: caller, requestId }));
    // @ts-expect-error: the request id is missing
    check(() => operation.handle({ ...request, caller }));
    // @ts-expect-error: the request is not validated
    check(() => operation.handle({ ...parts, caller, requestId }));
    // @ts-expect-error: the request may be rejected
    check(() => operation.handle({ ...operation.validator.validateRequest(parts), caller, requestId }));
    // @ts-expect-error: the request of another operation
    check(() => operation.handle({ ...otherRequest, caller, requestId }));
  });

  test('of the result of a handler', () => {
    // @ts-expect-error: 201 is not documented
    check((): Creates => ({ createOAuthApp: async () => ({ status: 201, body: app, headers }) }));
    // @ts-expect-error: list documents no 404
    check((): Pick<Handlers, 'listOAuthApps'> => ({ listOAuthApps: async () => reject('NotFound') }));
    // @ts-expect-error: the body is missing
    check((): Pick<Handlers, 'getOAuthApp'> => ({ getOAuthApp: async () => ({ status: 200, headers }) }));
  });

  test('of the response', () => {
    // @ts-expect-error: the path is missing
    check(() => operation.validator.validateResponse(response));
    // @ts-expect-error: a rejection instead of its response
    check(() => operation.validator.validateResponse(rejection, target.path));
    // @ts-expect-error: the request id is missing
    check(() => problemResponse(rejection));
    // @ts-expect-error: the request id is missing
    check(() => send(res, response));
    // @ts-expect-error: a rejection instead of its response
    check(() => send(res, rejection, requestId));
    // @ts-expect-error: `mediaType` is misspelled
    check(() => send(res, { ...response, mediatype: 'text/plain' }, requestId));
  });

  test('of the context of a request', () => {
    // @ts-expect-error: `requestId` is misspelled
    check(() => exchange(req, res, ({ requestid }) => problemResponse(rejection, requestid)));
    // @ts-expect-error: `accountId` is misspelled
    check(() => exchange(req, res, ({ line }) => ({ status: 200, body: line.acountId })));
    // @ts-expect-error: a rejection instead of its response
    check(() => exchange(req, res, () => rejection));
  });
});
