/**
 * The mock: Prism behind a layer for what Prism does otherwise than the description. The layer decides by the request
 * line, the headers, and whether the body is JSON. Everything else, and every example that is asked for, comes from Prism.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type OperationId, operations } from '../../generated/operations.ts';
import { type DocumentedResponse, documentedResponses } from '../../generated/responses.ts';
import { limits } from '../../generated/values.ts';
import { description } from '../description.ts';
import { trackConnections } from '../http/connections.ts';
import { delayModules, type LazyModule } from './lazy-modules.ts';

/** The parts of Prism that the mock uses. Its packages have no declarations of the whole. */
interface PrismServer {
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}
interface PrismModules {
  createServer(operations: unknown, options: object): PrismServer;
  createLogger(name: string, options: object): unknown;
  getHttpOperationsFromSpec(file: string): Promise<unknown>;
}

/** Half of what Prism loads: values that are made up (`dynamic=true`), proxies, other formats than OpenAPI 3. */
export const rarelyUsed: readonly LazyModule[] = [
  ['@stoplight/prism-http', './dist/mocker/generator/JSONSchema.js'],
  ...['node-fetch', 'http-proxy-agent', 'https-proxy-agent', '@stoplight/http-spec/postman/operation'].map(
    (name): LazyModule => ['@stoplight/prism-http', name],
  ),
];

/** Starts Prism on a free port of the loopback address. @param packageFile The package.json of `@stoplight/prism-cli` */
async function startPrism(packageFile: string, bundleFile: string): Promise<PrismServer & { port: number }> {
  const load = createRequire(packageFile);
  delayModules(load, rarelyUsed);
  const { createServer }: PrismModules = load('@stoplight/prism-http-server');
  const { createLogger }: PrismModules = load('@stoplight/prism-core');
  const { getHttpOperationsFromSpec }: PrismModules = load('@stoplight/prism-http');
  const checks = { checkSecurity: true, validateRequest: true, validateResponse: true, errors: false, isProxy: false };
  const server = createServer(await getHttpOperationsFromSpec(bundleFile), {
    cors: true,
    config: { ...checks, mock: { dynamic: false } },
    components: { logger: createLogger('mock', { level: 'silent' }) },
  });
  const url = await server.listen(0, '127.0.0.1');
  return { listen: server.listen, close: () => server.close(), port: Number(new URL(url).port) };
}

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
}
interface PathItem {
  readonly parameters?: readonly Parameter[];
  readonly [method: string]: unknown;
}

/** Returns the names of the query parameters of an operation. */
function listQueryNames(path: string, method: string): Set<string> {
  const item = (description.paths[path] ?? {}) as PathItem;
  const own = (item[method] as PathItem | undefined)?.parameters ?? [];
  const resolve = (parameter: Parameter) =>
    (description.components.parameters?.[parameter.$ref?.split('/').at(-1) ?? ''] as Parameter | undefined) ??
    parameter;
  const all = [...(item.parameters ?? []), ...own].map(resolve);
  return new Set(all.filter((parameter) => parameter.in === 'query').map(({ name }) => name));
}

/** An operation, as far as the layer needs it. */
interface Route {
  readonly operationId: OperationId;
  readonly method: string;
  readonly pattern: RegExp;
  readonly queryNames: ReadonlySet<string>;
  readonly takesBody: boolean;
  readonly needsToken: boolean;
}

const routes = Object.entries(operations).map(([operationId, { method, path, security, requestMediaTypes }]): Route => {
  return {
    operationId: operationId as OperationId,
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    queryNames: listQueryNames(path, method),
    takesBody: requestMediaTypes.length > 0,
    needsToken: security.length > 0,
  };
});

/** Returns a documented response by its name: that of an operation, or of another one where the operation has none. */
function findResponse(name: string, operationId?: OperationId): DocumentedResponse | undefined {
  const ids = [...(operationId ? [operationId] : []), ...routes.map((route) => route.operationId)];
  const examples = ids.map((id): Readonly<Record<string, DocumentedResponse>> => documentedResponses[id].examples);
  return examples.find((one) => name in one)?.[name];
}

const readValue = (example = '') => description.components.examples[example]?.value;

/** Sends a documented response. */
function sendDocumented(res: ServerResponse, name: string, operationId?: OperationId, headers: object = {}): void {
  const response = findResponse(name, operationId);
  const value = readValue(response?.example);
  res.writeHead(response?.status ?? 500, { ...response?.headers, ...headers }).end(value && JSON.stringify(value));
}

/** Returns the name of the documented response to a query that Prism accepts and the server rejects. */
function checkQuery(search: string, { queryNames }: Route): string | undefined {
  try {
    decodeURIComponent(search);
  } catch {
    return 'MalformedRequest';
  }
  return [...new URLSearchParams(search).keys()].some((name) => !queryNames.has(name)) ? 'ValidationFailed' : undefined;
}

/** Reads a body and returns it, or the name of the documented response to one that Prism cannot read. */
async function readBody(req: IncomingMessage): Promise<Buffer | string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (req.headers['content-encoding'] !== undefined) return 'UnsupportedMediaType';
  if (body.length > limits.bodyBytes) return 'ContentTooLarge';
  if (!/[/+]json\b/.test(req.headers['content-type'] ?? '')) return body;
  try {
    JSON.parse(body.toString());
    return body;
  } catch {
    return 'MalformedRequest';
  }
}

/** Passes a request to Prism and its response back. Prism would choose an example by `Accept`, before `Prefer`. */
async function pass(req: IncomingMessage, res: ServerResponse, port: number, body?: Buffer): Promise<void> {
  const { 'transfer-encoding': _chunks, ...headers } = req.headers;
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const length = body && { 'content-length': String(body.length) };
  const sent = { ...headers, ...length, accept: '*/*' };
  const call = sendRequest({ host: '127.0.0.1', port, path: req.url, method, headers: sent });
  const [response] = (await once(call.end(body), 'response')) as [IncomingMessage];
  res.writeHead(response.statusCode ?? 500, response.headers);
  if (req.method !== 'HEAD') return pipeline(response, res);
  response.resume();
  res.end();
}

/** Responds to a request. */
async function respond(req: IncomingMessage, res: ServerResponse, port: number): Promise<void> {
  const [path = '', search = ''] = (req.url ?? '').split(/\?(.*)/s);
  const matching = routes.filter(({ pattern }) => pattern.test(path));
  const [first] = matching;
  const isPreflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
  if (isPreflight) return pass(req, res, port);
  const { authorization = '' } = req.headers;
  if ((first?.needsToken ?? true) && !/^bearer ./i.test(authorization)) return sendDocumented(res, 'Unauthorized');
  if (first === undefined) return sendDocumented(res, 'NotFound');
  const method = req.method === 'HEAD' ? 'GET' : req.method;
  const methods = matching.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : [one.method]));
  const allow = { Allow: [...methods, 'OPTIONS'].join(', ') };
  if (method === 'OPTIONS') {
    res.writeHead(204, { ...allow, 'X-Request-Id': String(readValue('RequestId')) }).end();
    return;
  }
  const route = matching.find((one) => one.method === method);
  if (route === undefined) return sendDocumented(res, 'MethodNotAllowed', first.operationId, allow);
  const body = route.takesBody ? await readBody(req) : undefined;
  const problem = checkQuery(search, route) ?? (typeof body === 'string' ? body : undefined);
  if (problem !== undefined) return sendDocumented(res, problem, route.operationId);
  return pass(req, res, port, body as Buffer | undefined);
}

/** The mock while it runs. */
export interface Mock {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the mock.
 *
 * @param options - `port` 0 takes any free one. `onResponse` gets the method, the target and the status of every response.
 * @throws Error with Node's code when the port or the host cannot be used
 */
export async function startMock(options: {
  readonly prismPackage: string;
  readonly bundleFile: string;
  readonly port: number;
  readonly host: string;
  readonly onResponse: (method: string, target: string, status: number) => void;
}): Promise<Mock> {
  const { prismPackage, bundleFile, port, host, onResponse } = options;
  const prism = await startPrism(prismPackage, bundleFile);
  const server = createServer();
  // A request that is processed gets its own response, whatever bytes follow it.
  trackConnections(server, (req, res) => {
    res.on('finish', () => onResponse(req.method ?? '', req.url ?? '', res.statusCode));
    respond(req, res, prism.port).catch(() => (res.headersSent ? res.destroy() : res.writeHead(502).end()));
  });
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    await prism.close();
    throw error;
  }
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await prism.close();
    },
  };
}
