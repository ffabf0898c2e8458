import { reject } from '../problem.ts';
import type { Operation } from './operation.ts';
import { problemResponse, type ResponseParts } from './send.ts';

/** A path of the description. */
export interface Route {
  readonly path: string;
  readonly pattern: RegExp;
  readonly paramNames: readonly string[];
  /** The operations by method, in capitals. */
  readonly operations: ReadonlyMap<string, Operation>;
  /** The methods, as `Allow` lists them. */
  readonly allow: string;
}

/** The characters that mean something else in a regular expression. */
const special = /[\\^$.*+?()[\]{}|]/g;
/** `{id}`, once its braces are escaped. */
const paramInPath = /\\\{(\w+)\\\}/g;

function makeRoute([path, operations]: [string, Operation[]]): Route {
  const template = path.replace(special, '\\$&');
  const byMethod = new Map<string, Operation>();
  for (const operation of operations) {
    byMethod.set(operation.method, operation);
    // Node leaves the body out of a response to HEAD.
    if (operation.method === 'GET') byMethod.set('HEAD', operation);
  }
  return {
    path,
    pattern: new RegExp(`^${template.replace(paramInPath, '([^/]+)')}$`),
    paramNames: Array.from(template.matchAll(paramInPath), ([, name = '']) => name),
    operations: byMethod,
    allow: [...byMethod.keys(), 'OPTIONS'].join(', '),
  };
}

/** Makes the routes of all operations; paths without parameters come first, as OpenAPI says. */
export function makeRoutes(operations: readonly Operation[]): readonly Route[] {
  const byPath = Map.groupBy(operations, ({ path }) => path);
  return [...byPath].map(makeRoute).sort((one, other) => one.paramNames.length - other.paramNames.length);
}

/** A route that a path matches. */
export interface RouteMatch {
  readonly route: Route;
  /** The values of the path parameters, still percent-encoded. */
  readonly values: readonly string[];
}

/** Finds the route that a path matches; undefined where the description has none. */
export function matchRoute(routes: readonly Route[], path: string): RouteMatch | undefined {
  for (const route of routes) {
    const match = route.pattern.exec(path);
    if (match !== null) return { route, values: match.slice(1) };
  }
  return undefined;
}

/** Returns the path parameters by name, decoded. The target is known to be decodable. */
export function readPathParams({ route, values }: RouteMatch): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  route.paramNames.forEach((name, index) => {
    params[name] = decodeURIComponent(values[index] ?? '');
  });
  return params;
}

/** Responds to a method that no operation of a route has: to OPTIONS with the methods, to others with a problem. */
export function respondWithoutOperation({ allow }: Route, method: string, requestId: string): ResponseParts {
  if (method === 'OPTIONS') return { status: 204, headers: { Allow: allow } };
  return problemResponse(reject('MethodNotAllowed', { headers: { Allow: allow } }), requestId);
}
