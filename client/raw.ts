/** The client that the methods are made of. It has the shape of openapi-fetch: `{ data, error, response }`. */
import type { Middleware } from 'openapi-fetch';
import { idempotentOperations, type RawClient } from '../generated/client.ts';
import type { Settings } from './options.ts';
import { sendWithRetries } from './retry.ts';

/** Options of every request. */
interface RawOptions {
  readonly baseUrl: string;
  readonly settings: Settings;
  readonly idempotencyKeys: boolean;
}

type Values = Readonly<Record<string, unknown>>;
type ParseAs = 'json' | 'text' | 'blob' | 'arrayBuffer' | 'stream';

/** Options of one request, as openapi-fetch has them, and its settings. */
interface Init extends Omit<RequestInit, 'body' | 'headers'> {
  readonly params?: { readonly path?: Values; readonly query?: Values; readonly header?: Values };
  readonly headers?: Values | Headers;
  readonly body?: unknown;
  readonly parseAs?: ParseAs;
  readonly baseUrl?: string;
  readonly fetch?: Settings['fetch'];
  readonly middleware?: readonly Middleware[];
  readonly querySerializer?: (query: Values) => string;
  readonly bodySerializer?: (body: unknown) => BodyInit;
  readonly settings?: Settings;
}

/** Returns a random key of 128 bits. `randomUUID` does not exist on pages that are served over plain http. */
const createIdempotencyKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('-');

/** Returns a path with its parameters. @throws {TypeError} for one that would lead to another path */
function toPath(path: string, parameters: Values = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const given = parameters[name] ?? '';
    const value = String(given);
    if (typeof given === 'object' || /\p{Surrogate}/u.test(value)) throw new TypeError(`${name} must be a text`);
    if (/^\.{0,2}$/.test(value)) throw new TypeError(`${name} must not be empty, "." or ".."`);
    return encodeURIComponent(value);
  });
}

const toQuery = (query: Values) =>
  Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== null)
    .flatMap(([name, value]) => [value].flat().map((one) => [name, one]))
    .map(
      ([name, value]) =>
        `${name}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`,
    )
    .join('&');

/** Joins headers; later ones replace earlier ones. */
function joinHeaders(...groups: readonly (Values | Headers | undefined)[]): Headers {
  const joined = new Headers();
  for (const group of groups) {
    for (const [name, value] of group instanceof Headers ? group : Object.entries(group ?? {})) {
      if (value === null) joined.delete(name);
      else if (value !== undefined) joined.set(name, String(value));
    }
  }
  return joined;
}

/**
 * Creates a request. The `Request` of Node does not take the signals of jsdom, which are followed without it.
 *
 * @throws {TypeError} in a runtime that has no `Request`
 */
function createRequest(url: string, init: RequestInit): Request {
  if (typeof Request !== 'function') {
    throw new TypeError('this runtime has no Request: Jest with jsdom has it by jest-fixed-jsdom');
  }
  try {
    return new Request(url, init);
  } catch (error) {
    if (!init.signal) throw error;
    return new Request(url, { ...init, signal: null });
  }
}

/** Returns data or error of a response, as openapi-fetch does. */
async function parse(response: Response, parseAs: ParseAs) {
  const { status, ok, headers } = response;
  if (status === 204 || headers.get('content-length') === '0') return { [ok ? 'data' : 'error']: undefined, response };
  if (ok && parseAs !== 'json')
    return { data: parseAs === 'stream' ? response.body : await response[parseAs](), response };
  const text = await response.text();
  if (ok) return { data: text ? JSON.parse(text) : undefined, response };
  try {
    return { error: JSON.parse(text), response };
  } catch {
    return { error: text, response };
  }
}

/** Creates the client. */
export function createRawClient({ baseUrl, settings, idempotencyKeys }: RawOptions): RawClient {
  const middlewares: Middleware[] = [];

  const build = (method: string, path: string, init: Init): Request => {
    const { params = {}, headers, body, baseUrl: base = baseUrl } = init;
    const { querySerializer = toQuery, bodySerializer = JSON.stringify, ...rest } = init;
    const query = querySerializer(params.query ?? {});
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const all = joinHeaders(type, (init.settings ?? settings).headers, headers, params.header);
    const isIdempotent = idempotencyKeys && idempotentOperations.includes(`${method} ${path}`);
    if (isIdempotent && !all.has('Idempotency-Key')) all.set('Idempotency-Key', createIdempotencyKey());
    const text = body === undefined ? null : bodySerializer(body);
    const url = base + toPath(path, params.path) + (query && `?${query}`);
    // A followed redirect would send token and body to another URL. Some runtimes do not know `error`.
    return createRequest(url, { redirect: 'manual', ...rest, method, headers: all, body: text });
  };

  const send = async (method: string, path: string, init: Init = {}) => {
    const { parseAs = 'json', params = {}, signal, fetch } = init;
    const used = [...middlewares, ...(init.middleware ?? [])];
    const own = { ...(init.settings ?? settings), ...(fetch && { fetch }) };
    let request = build(method, path, init);
    let response: Response | undefined;
    const context = () => ({ request, schemaPath: path, params, id: path, options: { baseUrl, parseAs } }) as never;
    for (const { onRequest } of used) {
      const result = await onRequest?.(context());
      if (result instanceof Request) request = result;
      else if (result) {
        response = result;
        break;
      }
    }
    if (!response) {
      used.reverse();
      try {
        response = await sendWithRetries({
          request,
          signal: signal ?? undefined,
          path,
          settings: own,
          idempotencyKeys,
        });
      } catch (thrown) {
        let error = thrown;
        for (const { onError } of used) {
          const result = await onError?.(Object.assign(context(), { error }));
          if (result instanceof Response) {
            response = result;
            break;
          }
          if (result) error = result;
        }
        if (!response) throw error;
      }
      for (const { onResponse } of used) {
        response = (await onResponse?.(Object.assign(context(), { response }))) || response;
      }
    }
    return parse(response, parseAs);
  };

  const verb = (method: string) => (path: string, init?: Init) => send(method, path, init);
  const methods = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'];
  return {
    ...Object.fromEntries(methods.map((method) => [method, verb(method)])),
    request: (method: string, path: string, init?: Init) => send(method.toUpperCase(), path, init),
    use: (...added: Middleware[]) => void middlewares.push(...added),
    eject: (...removed: Middleware[]) => {
      for (const one of removed) if (middlewares.includes(one)) middlewares.splice(middlewares.indexOf(one), 1);
    },
  } as RawClient;
}
