/** Prism within this process: which documented response belongs to a request. */
import { createRequire } from 'node:module';
import { delayModules, type LazyModule } from './lazy-modules.ts';

/** A response of Prism. */
export interface PrismResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}
/** The preferences of a request (`Prefer`), in the words of Prism. */
export interface Preferences {
  readonly code?: number;
  readonly exampleKey?: string;
  readonly dynamic?: boolean;
  readonly seed?: string;
}
/** A request, read by the layer in front. */
export interface PrismRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: object;
  /** JSON as a value, other bodies as text; null for none. */
  readonly body: unknown;
  readonly preferences: Preferences;
}

/** The parts of Prism that the mock uses. Its packages have no declarations of the whole. */
interface PrismModules {
  createInstance(config: object, components: object): PrismInstance;
  createLogger(name: string, options: object): unknown;
  getHttpOperationsFromSpec(file: string): Promise<unknown>;
}
interface PrismInstance {
  request(input: object, operations: unknown, config: object): () => Promise<PrismResult>;
}
type PrismResult =
  | { readonly _tag: 'Left'; readonly left: Error }
  | { readonly _tag: 'Right'; readonly right: { readonly output: PrismResponse } };

/** Half of what Prism loads: values that are made up (`dynamic=true`), proxies, other formats than OpenAPI 3. */
export const rarelyUsed: readonly LazyModule[] = [
  ['@stoplight/prism-http', './dist/mocker/generator/JSONSchema.js'],
  ...['node-fetch', 'http-proxy-agent', 'https-proxy-agent', '@stoplight/http-spec/postman/operation'].map(
    (name): LazyModule => ['@stoplight/prism-http', name],
  ),
];

/** Returns the values of a query by name; several values of a name as a list. */
const toQuery = (query: URLSearchParams) =>
  Object.fromEntries(
    [...new Set(query.keys())].map((name) => {
      const values = query.getAll(name);
      return [name, values.length === 1 ? values[0] : values];
    }),
  );

/**
 * Loads Prism. Returns the function that finds the response to a request, and rejects where Prism fails.
 *
 * @param packageFile - The package.json of `@stoplight/prism-cli`.
 */
export async function loadPrism(
  packageFile: string,
  bundleFile: string,
): Promise<(request: PrismRequest) => Promise<PrismResponse>> {
  const load = createRequire(packageFile);
  delayModules(load, rarelyUsed);
  const { createInstance, getHttpOperationsFromSpec }: PrismModules = load('@stoplight/prism-http');
  const { createLogger }: PrismModules = load('@stoplight/prism-core');
  const checks = { checkSecurity: true, validateRequest: true, validateResponse: true, errors: false, isProxy: false };
  const prism = createInstance(
    { ...checks, mock: { dynamic: false } },
    { logger: createLogger('mock', { level: 'silent' }) },
  );
  const operations = await getHttpOperationsFromSpec(bundleFile);
  return async ({ method, path, query, headers, body, preferences }) => {
    const input = { method: method.toLowerCase(), url: { path, query: toQuery(query) }, headers, body };
    const config = { ...checks, mock: { dynamic: false, ...preferences } };
    const result = await prism.request(input, operations, config)();
    if (result._tag === 'Left') throw result.left;
    return result.right.output;
  };
}
