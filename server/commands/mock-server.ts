/**
 * The mock: Prism behind a layer for what Prism does otherwise than the description. The layer decides by the request
 * line, the headers, and whether the body is JSON. Prism validates the rest and finds the example.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type OperationId, operations } from '../../generated/operations.ts';
import { type DocumentedResponse, documentedResponses } from '../../generated/responses.ts';
import { limits } from '../../generated/values.ts';
import { description } from '../description.ts';
import { trackConnections } from '../http/connections.ts';
import { exposedHeaders } from '../http/cors.ts';
import { createServer } from '../http/node-http.ts';
import { readTarget, type Target } from '../http/target.ts';
import { readPreferences } from './mock-preferences.ts';
import type { PrismRequest, PrismResponse } from './prism.ts';

interface Parameter {
  readonly $ref?: string;
  readonly name: string;
  readonly in: string;
}
interface PathItem {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly $ref?: string; readonly required?: boolean };
  readonly [method: string]: unknown;
}

/** Returns the component that a node refers to, and every other node unchanged. */
const resolve = <Node extends { readonly $ref?: string }>(kind: string, node: Node): Node =>
  (description.components[kind]?.[node.$ref?.split('/').at(-1) ?? ''] as Node | undefined) ?? node;

/** Returns the names of the query parameters of an operation, and whether it needs a body. */
function readOperation(path: string, method: string): Pick<Route, 'queryNames' | 'needsBody'> {
  const item = (description.paths[path] ?? {}) as PathItem;
  const { parameters = [], requestBody = {} } = (item[method] ?? {}) as PathItem;
  const all = [...(item.parameters ?? []), ...parameters].map((parameter) => resolve('parameters', parameter));
  return {
    queryNames: new Set(all.filter((parameter) => parameter.in === 'query').map(({ name }) => name)),
    needsBody: resolve('requestBodies', requestBody).required === true,
  };
}

/** An operation, as far as the layer needs it. */
interface Route {
  readonly operationId: OperationId;
  readonly method: string;
  readonly pattern: RegExp;
  readonly queryNames: ReadonlySet<string>;
  /** The media types of its body; none where it takes no body. */
  readonly mediaTypes: readonly string[];
  readonly needsBody: boolean;
  readonly needsToken: boolean;
}

const routes = Object.entries(operations).map(([operationId, { method, path, security, requestMediaTypes }]): Route => {
  return {
    operationId: operationId as OperationId,
    method: method.toUpperCase(),
    pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    ...readOperation(path, method),
    mediaTypes: requestMediaTypes,
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

/** Sends a response with the length of its body, if it has one. */
function send(res: ServerResponse, status: number, headers: object, text?: string): void {
  const length = text === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(text)) };
  res.writeHead(status, { ...headers, ...length }).end(text);
}

/** Sends a documented response, or one with other members. */
function sendDocumented(res: ServerResponse, name: string, operationId?: OperationId, more: Differences = {}): void {
  const response = findResponse(name, operationId);
  const value = readValue(response?.example);
  const body = value === undefined ? undefined : JSON.stringify({ ...(value as object), ...more.members });
  send(res, response?.status ?? 500, { ...response?.headers, ...more.headers }, body);
}
interface Differences {
  readonly headers?: Readonly<Record<string, string>>;
  readonly members?: object;
}

const isJson = (mediaType = '') => /[/+]json\b/i.test(mediaType);

/** A body, or the name of the documented response to one that the server would reject before it validates. */
type Body = { readonly body: unknown } | { readonly problem: string };

/** Reads a body: JSON as a value, other documented media types as text. */
async function readBody(req: IncomingMessage, { mediaTypes, needsBody }: Route): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = req.headers;
  if (encoding.toLowerCase() !== 'identity') return { problem: 'UnsupportedMediaType' };
  if (bytes.length > limits.bodyBytes) return { problem: 'ContentTooLarge' };
  if (bytes.length === 0) return needsBody ? { problem: 'MalformedRequest' } : { body: null };
  const mediaType = (type.split(';')[0] ?? '').trim().toLowerCase();
  if (!mediaTypes.includes(mediaType) || /charset=(?!"?utf-8)/i.test(type)) return { problem: 'UnsupportedMediaType' };
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { body: isJson(mediaType) ? JSON.parse(text) : text };
  } catch {
    return { problem: 'MalformedRequest' };
  }
}

/** Finds the response to a valid request. */
export type FindResponse = (request: PrismRequest) => Promise<PrismResponse>;

/** Sends the response that Prism finds. Prism would choose an example by `Accept`, before `Prefer`. */
async function sendFound(res: ServerResponse, find: FindResponse, request: PrismRequest): Promise<void> {
  const { statusCode, headers, body } = await find({ ...request, headers: { ...request.headers, accept: '*/*' } });
  const mediaType = new Headers(headers).get('content-type') ?? '';
  const text = body === undefined || (typeof body === 'string' && !isJson(mediaType)) ? body : JSON.stringify(body);
  send(res, statusCode, headers ?? {}, text);
}

/** Lets pages of every origin use the mock. Returns whether the request only asks whether it may be sent. */
function allowOrigin({ method, headers }: IncomingMessage, res: ServerResponse): boolean {
  const asked = headers['access-control-request-method'];
  if (headers.origin === undefined) return false;
  res.setHeader('Access-Control-Allow-Origin', headers.origin);
  res.setHeader('Access-Control-Allow-Credentials', 'true');
  res.setHeader('Access-Control-Expose-Headers', exposedHeaders);
  res.setHeader('Vary', 'Origin');
  if (method !== 'OPTIONS' || asked === undefined) return false;
  res.setHeader('Access-Control-Allow-Methods', asked);
  res.setHeader('Access-Control-Allow-Headers', headers['access-control-request-headers'] ?? '*');
  return true;
}

/** Responds to a request whose operation is known. */
async function respondTo(route: Route, req: IncomingMessage, res: ServerResponse, find: FindResponse): Promise<void> {
  const { operationId, mediaTypes, queryNames } = route;
  const takesBody = mediaTypes.length > 0;
  const { path, query: search } = readTarget(req) as Target;
  const read: Body = takesBody ? await readBody(req, route) : { body: null };
  if ('problem' in read) return sendDocumented(res, read.problem, operationId);
  const query = new URLSearchParams(search);
  if ([...query.keys()].some((name) => !queryNames.has(name)))
    return sendDocumented(res, 'ValidationFailed', operationId);
  const preferences = readPreferences(String(req.headers.prefer ?? ''), operationId);
  if (typeof preferences === 'string') {
    const members = { validation_errors: { Prefer: [preferences] } };
    return sendDocumented(res, 'ValidationFailed', operationId, { members });
  }
  // Prism would look for the body of an operation that takes none, and knows `Bearer` in these letters alone.
  const { 'content-type': _type, 'content-length': _length, ...others } = req.headers;
  const authorization = req.headers.authorization?.replace(/^bearer /i, 'Bearer ');
  const headers = { ...(takesBody ? req.headers : others), ...(authorization && { authorization }) };
  return sendFound(res, find, {
    method: route.method,
    path,
    query,
    headers,
    body: read.body,
    preferences,
  });
}

/** Responds to a request. */
async function respond(req: IncomingMessage, res: ServerResponse, find: FindResponse): Promise<void> {
  if (allowOrigin(req, res)) return void res.writeHead(204).end();
  const target = readTarget(req);
  if (!('path' in target)) return sendDocumented(res, 'MalformedRequest');
  const matching = routes.filter(({ pattern }) => pattern.test(target.path));
  const [first] = matching;
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
  if (route === undefined) return sendDocumented(res, 'MethodNotAllowed', first.operationId, { headers: allow });
  return respondTo(route, req, res, find);
}

/** The mock while it runs. */
export interface Mock {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts the mock.
 *
 * @param find - Rejects with an error that gives the client 500.
 * @param options - `port` 0 takes any free one. `onResponse` gets the method, the target and the status of every response,
 *   `onError` the error behind a 500.
 * @throws Error with Node's code when the port or the host cannot be used
 */
export async function startMock(
  find: FindResponse,
  options: {
    readonly port: number;
    readonly host: string;
    readonly onResponse: (method: string, target: string, status: number) => void;
    readonly onError: (error: unknown) => void;
  },
): Promise<Mock> {
  const { port, host, onResponse, onError } = options;
  const server = createServer({ requireHostHeader: false });
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  // A request that is processed gets its own response, whatever bytes follow it.
  trackConnections(server, (req, res) => {
    res.on('finish', () => onResponse(req.method ?? '', req.url ?? '', res.statusCode));
    respond(req, res, find).catch((error: unknown) => {
      // A request that the client cut off is the client's matter.
      if (req.errored === null) onError(error);
      return res.headersSent ? res.destroy() : sendDocumented(res, 'ServerFault');
    });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
