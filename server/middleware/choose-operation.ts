import { type RequestHandler, Router } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Caller } from '../handlers.ts';
import { refuse, refuseScope } from '../problem.ts';
import type { Scope } from '../tokens.ts';

/** `/v1/oauth-apps/{id}` → `/v1/oauth-apps/:id` */
export const toExpressPath = (path: string) => path.replace(/\{(\w+)\}/g, ':$1');

/** Every path of the description with its operations by method. */
function groupByPath(): Map<string, Map<string, OperationId>> {
  const paths = new Map<string, Map<string, OperationId>>();
  for (const [operationId, { method, path }] of Object.entries(operations)) {
    const methods = paths.get(path) ?? new Map<string, OperationId>();
    paths.set(path, methods.set(method.toUpperCase(), operationId as OperationId));
  }
  return paths;
}

/** Every scope that the operation's security asks for. */
const scopesOf = (operationId: OperationId): readonly Scope[] =>
  operations[operationId].security.flatMap((requirement) => Object.values(requirement).flat());

function choose(methods: Map<string, OperationId>): RequestHandler {
  const names = [...methods.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const allow = [...names, 'OPTIONS'].join(', ');
  return (req, res, next) => {
    if (req.method === 'OPTIONS') {
      res.status(204).set('Allow', allow).end();
      return;
    }
    // Node leaves the body out of an answer to HEAD by itself.
    if (req.method === 'HEAD' && methods.has('GET')) req.method = 'GET';
    const operationId = methods.get(req.method);
    if (operationId === undefined) {
      next(refuse('MethodNotAllowed', { headers: { Allow: allow } }));
      return;
    }
    res.locals.operationId = operationId;
    const caller: Caller = res.locals.caller;
    const missing = scopesOf(operationId).find((scope) => !caller.scopes.includes(scope));
    next(missing && refuseScope(missing));
  };
}

/** Finds the operation that a request means; answers those that mean none, and those whose token lacks a scope. */
export function chooseOperation(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, methods] of groupByPath()) router.all(toExpressPath(path), choose(methods));
  router.use((_req, res, next) => next(res.locals.operationId ? undefined : refuse('NotFound')));
  return router;
}
