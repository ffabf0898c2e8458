import { type RequestHandler, Router } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Caller } from '../handlers.ts';
import { refuse, refuseScope } from '../problem.ts';
import type { Scope } from '../tokens.ts';

/** `/v1/oauth-apps/{id}` → `/v1/oauth-apps/:id` */
export const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

/** The operations of the description, path by path. */
function groupByPath(): Map<string, OperationId[]> {
  return Map.groupBy(Object.keys(operations) as OperationId[], (operationId) => operations[operationId].path);
}

/** Every scope that the operation's security asks for. */
const scopesOf = (operationId: OperationId): readonly Scope[] =>
  operations[operationId].security.flatMap((requirement) => Object.values(requirement).flat());

function choose(operationId: OperationId): RequestHandler {
  const scopes = scopesOf(operationId);
  return (req, res, next) => {
    // Node leaves the body out of an answer to HEAD by itself.
    if (req.method === 'HEAD') req.method = 'GET';
    res.locals.operationId = operationId;
    res.locals.pathParams = req.params;
    const caller: Caller = res.locals.caller;
    const missing = scopes.find((scope) => !caller.scopes.includes(scope));
    // Past what the path has for other methods.
    next(missing ? refuseScope(missing) : 'route');
  };
}

/** Answers methods that the path has no operation for. */
function refuseOthers(operationIds: readonly OperationId[]): RequestHandler {
  const names = operationIds.map((operationId) => operations[operationId].method.toUpperCase());
  const allow = [...names.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])), 'OPTIONS'].join(', ');
  return (req, res, next) => {
    if (req.method === 'OPTIONS') res.status(204).set('Allow', allow).end();
    else next(refuse('MethodNotAllowed', { headers: { Allow: allow } }));
  };
}

/**
 * Finds the operation that a request means, and its path parameters; answers those that mean none, and those whose token
 * lacks a scope. No route is looked for after this.
 */
export function chooseOperation(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, operationIds] of groupByPath()) {
    const route = router.route(toExpressPath(path));
    for (const operationId of operationIds) route[operations[operationId].method](choose(operationId));
    route.all(refuseOthers(operationIds));
  }
  router.use((_req, res, next) => next(res.locals.operationId ? undefined : refuse('NotFound')));
  return router;
}
