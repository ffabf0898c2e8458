import type { RequestEvent, RequestSettings } from '../generated/requests.ts';

/**
 * Options of a client. An option that is `undefined` has its default.
 *
 * @example
 * const options: ClientOptions = { baseUrl: 'https://api.sequin.io', token: () => 'YOUR_API_TOKEN', timeout: 5_000 };
 * const own = createOAuthAppsClient(options);
 */
export interface ClientOptions extends RequestSettings {
  /**
   * Base URL of the API, without `/v1`, such as `https://api.sequin.io`. It has no credentials, query or fragment.
   * `http:` is for loopback addresses only, unless `allowInsecureHttp` is set.
   */
  baseUrl: string | URL;
  token: string | (() => string | Promise<string>);
  /**
   * Whether `baseUrl` may be `http:` beyond a loopback address, such as the name of a Compose service. The token crosses
   * that network unencrypted.
   *
   * @default false
   */
  allowInsecureHttp?: boolean | undefined;
  /**
   * Whether the server honours `Idempotency-Key`. Only then is a create with a key sent again after an attempt that may
   * have arrived. The server of this package honours it; Sequin's pages do not have it.
   *
   * @default false
   */
  idempotencyKeys?: boolean | undefined;
}

/** Settings of a request: its options, those of the client, and the defaults. All times are in milliseconds. */
export interface Settings {
  readonly token: () => string | Promise<string>;
  readonly timeout: number;
  readonly totalTimeout: number;
  readonly retry: {
    readonly limit: number;
    readonly methods: readonly string[] | undefined;
    readonly backoffBase: number;
    readonly backoffLimit: number;
  };
  readonly headers: Record<string, string | undefined>;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly onEvent: ((event: RequestEvent) => unknown) | undefined;
}

/** The longest time of a timer in JavaScript, in milliseconds. */
const maxNumber = 2 ** 31 - 1;
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** Headers that the client sets. */
const ownHeaders = /^(authorization|content-type)$/i;
/** Headers that belong to one request. */
const requestHeaders = /^(idempotency-key|if-match|if-none-match)$/i;

function check(isUsable: boolean, name: string, expected: string): void {
  // The value is not quoted: it may be a secret.
  if (!isUsable) throw new TypeError(`${name} must be ${expected}`);
}

function checkObject(name: string, value: unknown): void {
  check(typeof value === 'object' && value !== null, name, 'an object');
}

/** Returns a setting that is on or off. A text such as `false` is refused, not taken for on. */
export function readFlag(name: string, value: boolean | undefined): boolean {
  check(value === undefined || typeof value === 'boolean', name, 'true or false');
  return value === true;
}

/** Returns the signal of a request. @throws {TypeError} if it is none */
export function readSignal(signal: AbortSignal | null | undefined): AbortSignal | undefined {
  // The class may be of another realm.
  check(!signal || typeof signal.addEventListener === 'function', 'signal', 'an AbortSignal');
  return signal ?? undefined;
}

function readNumber(name: string, value: number | undefined, base: number, min: number): number {
  if (value === undefined) return base;
  const isUsable = typeof value === 'number' && value >= min && value <= maxNumber;
  check(isUsable, name, `a number from ${min} to ${maxNumber}`);
  return value;
}

function readFunction<Value>(name: string, value: Value | undefined, base: Value): Value {
  if (value === undefined) return base;
  check(typeof value === 'function', name, 'a function');
  return value;
}

function checkToken(token: unknown): string {
  const isUsable = typeof token === 'string' && /^[\x21-\x7e]+$/.test(token);
  check(isUsable, 'token', 'a text of visible ASCII characters, or a function that returns one');
  return token as string;
}

function readToken(token: RequestSettings['token'], base: Settings['token']): Settings['token'] {
  if (token === undefined) return base;
  if (typeof token === 'function') return async () => checkToken(await token());
  checkToken(token);
  return () => token;
}

/** Returns headers by name. `Headers`, also of another realm, has its texts in an iterator alone. */
export const toRecord = (headers: object): Record<string, string | undefined> =>
  Symbol.iterator in headers ? Object.fromEntries(headers as Iterable<[string, string]>) : { ...headers };

function readHeaders(options: RequestSettings, base: Settings['headers'], reserved: RegExp): Settings['headers'] {
  const { headers = {}, userAgent } = options;
  checkObject('headers', headers);
  const own: Settings['headers'] = {
    ...toRecord(headers),
    ...(userAgent !== undefined && { 'User-Agent': userAgent }),
  };
  const names = Object.keys(own).filter((name) => own[name] !== undefined);
  const isUsable = names.every(
    (name) => typeof own[name] === 'string' && !ownHeaders.test(name) && !reserved.test(name),
  );
  check(isUsable, 'headers', 'texts by name, and none of those that the client sets');
  try {
    // Another case of a name replaces the default.
    const merged = new Headers();
    for (const [name, value] of Object.entries({ ...base, ...own })) if (value !== undefined) merged.set(name, value);
    return Object.fromEntries(merged);
  } catch {
    // The error of `Headers` quotes the value.
    throw new TypeError('headers must have valid names and values');
  }
}

/**
 * Applies the options of a request, or of a client, to settings.
 *
 * @throws {TypeError} if an option is out of range. It quotes no value.
 */
export function applyOptions(options: RequestSettings, base: Settings, reserved = ownHeaders): Settings {
  checkObject('options', options);
  const { retry = {} } = options;
  checkObject('retry', retry);
  const { limit, methods, backoffBase, backoffLimit } = retry;
  const isList = Array.isArray(methods) && methods.every((method) => typeof method === 'string');
  check(methods === undefined || isList, 'retry.methods', 'a list of HTTP methods');
  return {
    token: readToken(options.token, base.token),
    timeout: readNumber('timeout', options.timeout, base.timeout, 1),
    totalTimeout: readNumber('totalTimeout', options.totalTimeout, base.totalTimeout, 1),
    retry: {
      limit: readNumber('retry.limit', limit, base.retry.limit, 0),
      methods: methods?.map((method) => method.toUpperCase()) ?? base.retry.methods,
      backoffBase: readNumber('retry.backoffBase', backoffBase, base.retry.backoffBase, 0),
      backoffLimit: readNumber('retry.backoffLimit', backoffLimit, base.retry.backoffLimit, 0),
    },
    headers: readHeaders(options, base.headers, reserved),
    fetch: readFunction('fetch', options.fetch, base.fetch),
    onEvent: readFunction('onEvent', options.onEvent, base.onEvent),
  };
}

const defaults: Settings = {
  token: () => checkToken(undefined),
  timeout: 10_000,
  totalTimeout: 30_000,
  retry: { limit: 2, methods: undefined, backoffBase: 500, backoffLimit: 8_000 },
  headers: {},
  fetch: (request) => fetch(request),
  onEvent: undefined,
};

/** Returns the settings of a client. @throws {TypeError} if an option is missing or out of range */
export function readSettings(options: ClientOptions): Settings {
  checkObject('options', options);
  check(options.token !== undefined, 'token', 'given');
  return applyOptions(options, defaults, requestHeaders);
}

/**
 * Returns a base URL without slashes at its end.
 *
 * @throws {TypeError} if the token would be sent elsewhere, or unencrypted over a network
 */
export function readBaseUrl({ baseUrl, allowInsecureHttp }: ClientOptions): string {
  const isInsecureAllowed = readFlag('allowInsecureHttp', allowInsecureHttp);
  let url: URL | undefined;
  try {
    url = new URL(baseUrl);
  } catch {}
  const isBare = url !== undefined && !/[?#@]/.test(String(baseUrl));
  check(isBare, 'baseUrl', 'an absolute URL without credentials, query and fragment');
  const { protocol, hostname, origin, pathname } = url as URL;
  const isSafe = protocol === 'https:' || (protocol === 'http:' && (isInsecureAllowed || loopback.test(hostname)));
  check(
    isSafe,
    'baseUrl',
    'https:, or http: on a loopback address, as the token would be sent unencrypted; allowInsecureHttp permits it',
  );
  return origin + pathname.replace(/\/+$/, '');
}
