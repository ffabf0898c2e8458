import type { RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Caller } from '../operation-types.ts';
import { refuse, refuseScope } from '../problem.ts';
import type { Scope } from '../keys/tokens.ts';
import { withStack } from '../middleware/in-turn.ts';

interface Choice {
  readonly operationId: OperationId;
  /** Every scope that the operation's security asks for. */
  readonly scopes: readonly Scope[];
}

/** A path of the description. */
interface Route {
  readonly path: string;
  readonly pattern: RegExp;
  readonly paramNames: readonly string[];
  /** By method, in capitals. */
  readonly choices: ReadonlyMap<string, Choice>;
  /** The methods that it has, as `Allow` lists them. */
  readonly allow: string;
}

/** What means something else in a regular expression. */
const special = /[\\^$.*+?()[\]{}|]/g;
/** `{id}`, once its braces are escaped. */
const paramInPath = /\\\{(\w+)\\\}/g;

function makeRoute([path, operationIds]: [string, OperationId[]]): Route {
  const template = path.replace(special, '\\$&');
  const choices = new Map<string, Choice>();
  for (const operationId of operationIds) {
    const { method, security } = operations[operationId];
    const scopes = security.flatMap((requirement) => Object.values(requirement).flat());
    choices.set(method.toUpperCase(), { operationId, scopes });
    // Node leaves the body out of an answer to HEAD by itself.
    if (method === 'get') choices.set('HEAD', { operationId, scopes });
  }
  return {
    path,
    pattern: new RegExp(`^${template.replace(paramInPath, '([^/]+)')}$`),
    paramNames: Array.from(template.matchAll(paramInPath), ([, name = '']) => name),
    choices,
    allow: [...choices.keys(), 'OPTIONS'].join(', '),
  };
}

/** The paths of the description; those without parameters first, as OpenAPI has it. */
function makeRoutes(): readonly Route[] {
  const byPath = Map.groupBy(Object.keys(operations) as OperationId[], (operationId) => operations[operationId].path);
  return [...byPath].map(makeRoute).sort((one, other) => one.paramNames.length - other.paramNames.length);
}

/** The values of the path's parameters, decoded; undefined when the path is another one. */
function readParams({ pattern, paramNames }: Route, path: string): Record<string, string> | undefined {
  const match = pattern.exec(path);
  if (match === null) return undefined;
  const params: Record<string, string> = {};
  paramNames.forEach((name, index) => {
    params[name] = decodeURIComponent(match[index + 1] ?? '');
  });
  return params;
}

/**
 * Finds the operation that a request means, and its path parameters; answers those that mean none, and those whose token
 * lacks a scope.
 */
export function chooseOperation(): RequestHandler {
  const routes = makeRoutes();
  const handler: RequestHandler = (req, res, next) => {
    const { path } = req;
    for (const route of routes) {
      const pathParams = readParams(route, path);
      if (pathParams === undefined) continue;
      const choice = route.choices.get(req.method);
      if (choice === undefined) {
        if (req.method === 'OPTIONS') res.writeHead(204, ['Allow', route.allow]).end();
        else next(refuse('MethodNotAllowed', { headers: { Allow: route.allow } }));
        return;
      }
      if (req.method === 'HEAD') req.method = 'GET';
      res.locals.operationId = choice.operationId;
      res.locals.pathParams = pathParams;
      const caller: Caller = res.locals.caller;
      const missing = choice.scopes.find((scope) => !caller.scopes.includes(scope));
      next(missing && refuseScope(missing));
      return;
    }
    next(refuse('NotFound'));
  };
  const layerOf = ({ path, choices }: Route) => {
    const methods = Array.from(choices.values(), ({ operationId }) => [operations[operationId].method, true]);
    return { route: { path, methods: Object.fromEntries(methods) } };
  };
  return withStack(handler, routes.map(layerOf));
}
