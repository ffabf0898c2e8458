import { type App, requestApp } from './in-process.ts';

/** Seeded faults between a client and the real server: requests and responses are altered on their way. */

export type Verb = 'list' | 'create' | 'get' | 'update' | 'delete' | 'none';

/** Request that a fault can alter. */
export interface AlterableRequest {
  readonly verb: Verb;
  /** Id in the path. */
  readonly id?: string;
  method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Body parsed as JSON, undefined where it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a fault may set any value.
  body: any;
  text: string;
}

/** Response that a fault can alter. */
export interface AlterableResponse {
  status: number;
  readonly headers: Headers;
  /** Body parsed as JSON, undefined where it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: a fault may set any value.
  body: any;
  text: string;
}

export type Send = (request: AlterableRequest) => Promise<AlterableResponse>;
/** Function that gives a client the response of a faulty server. `send` gives that of the real one. */
export type FaultInjector = (request: AlterableRequest, send: Send) => Promise<AlterableResponse>;

const verbs: Record<string, Verb> = { GET: 'get', PATCH: 'update', DELETE: 'delete' };

/** Texts that bodies were parsed from, and their JSON before any fault altered them. */
const originals = new WeakMap<object, { text: string; json: string }>();

function parse(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) originals.set(body, { text, json: JSON.stringify(body) });
    return body;
  } catch {
    return undefined;
  }
}

/** Returns the text of a body: the original one unless the body was altered. */
function toText({ body, text }: { body: unknown; text: string }): string {
  const json = JSON.stringify(body);
  const original = typeof body === 'object' && body !== null ? originals.get(body) : undefined;
  const unaltered = original?.text === text ? original.json : JSON.stringify(parse(text));
  return json === unaltered ? text : json;
}

async function readRequest(request: Request): Promise<AlterableRequest> {
  const url = new URL(request.url);
  const [, id] = /\/oauth-apps\/([^/]+)$/.exec(url.pathname) ?? [];
  const onCollection: Verb = request.method === 'GET' ? 'list' : request.method === 'POST' ? 'create' : 'none';
  const verb = id === undefined ? onCollection : (verbs[request.method] ?? 'none');
  const text = await request.text();
  return { verb, id, method: request.method, url, headers: new Headers(request.headers), body: parse(text), text };
}

/** Creates a function that passes requests to the app. */
const sendTo =
  ({ app }: App): Send =>
  async (request) => {
    const { method, url, headers } = request;
    const target = `${url.pathname}${url.search}`;
    const response = await requestApp(app, { method, target, headers, text: toText(request) });
    return { ...response, body: parse(response.text) };
  };

/** Creates a `fetch` of a server with a fault. Requests reach the app of the server without a connection. */
export function faultyFetch(server: App, inject: FaultInjector): (request: Request) => Promise<Response> {
  const send = sendTo(server);
  return async (request) => {
    const response = await inject(await readRequest(request), send);
    const isEmpty = request.method === 'HEAD' || response.status === 204 || response.status === 304;
    return new Response(isEmpty ? null : toText(response), { status: response.status, headers: response.headers });
  };
}

/** Operations that a fault affects. */
export type Affected = readonly Verb[] | 'all';

const isAffected = (affected: Affected, { verb }: AlterableRequest) => affected === 'all' || affected.includes(verb);

/** Creates a fault that alters requests. */
export const alterRequest =
  (affected: Affected, alter: (request: AlterableRequest) => void): FaultInjector =>
  (request, send) => {
    if (isAffected(affected, request)) alter(request);
    return send(request);
  };

/** Creates a fault that alters responses. */
export const alterResponse =
  (affected: Affected, alter: (response: AlterableResponse, request: AlterableRequest) => void): FaultInjector =>
  async (request, send) => {
    const response = await send(request);
    if (isAffected(affected, request)) alter(response, request);
    return response;
  };

/** Creates an additional request with the credentials of another one. */
export function deriveRequest(
  request: AlterableRequest,
  verb: 'list' | 'get' | 'update' | 'delete',
  id = request.id,
  body?: unknown,
): AlterableRequest {
  const method = { list: 'GET', get: 'GET', update: 'PATCH', delete: 'DELETE' }[verb];
  const url = new URL(verb === 'list' ? '/v1/oauth-apps' : `/v1/oauth-apps/${id}`, request.url);
  const headers = new Headers({ Authorization: request.headers.get('authorization') ?? '' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  return { verb, id, method, url, headers, body, text: '' };
}

/** Combines faults into one. */
export const combineFaults = (faults: readonly FaultInjector[]): FaultInjector =>
  faults.reduce(
    (inner, outer) => (request, send) =>
      outer(request, (altered) => inner({ ...altered, text: toText(altered) }, send)),
  );
