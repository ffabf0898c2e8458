import { setTimeout } from 'node:timers/promises';
import type { Operation } from './contract.ts';
import type { Exchange, ReceivedResponse, SentRequest } from './exchange.ts';

/** Implementation under test, and how requests reach it. */
export interface Target {
  /** Base URL of the implementation, without `/v1`. */
  readonly baseUrl: string;
  /** Bearer token with all scopes. */
  readonly token: string;
  /** Bearer token of another account. The checks of account isolation need it. */
  readonly otherToken?: string;
  /** Function that sends the requests. @default the global `fetch` */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Whether response properties that the description does not have are reported. @default false */
  readonly isStrict?: boolean;
}

/** Parts of a request that differ from the default: the operation's method and path, the token, no body. */
export interface RequestOptions {
  readonly id?: string;
  /** Query string, `?` included, appended to the path unchanged. `toQuery` percent-encodes parameters. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Value sent as JSON. */
  readonly body?: unknown;
  /** Body sent unchanged. */
  readonly text?: string;
  readonly method?: string;
  /** Value of the Authorization header; null sends none. */
  readonly authorization?: string | null;
}

/** Error for an implementation that cannot be tested: it is not reachable, or it rejects the token. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Error for a request without a response. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse';
  readonly operation: Operation;
  readonly request: SentRequest;
  constructor(operation: Operation, request: SentRequest, reason: string) {
    super(`no response: ${reason}`);
    this.operation = operation;
    this.request = request;
  }
}

const timeoutSeconds = 15;
/** Number of consecutive requests without a response after which the implementation counts as unreachable. */
const maxConsecutiveFailures = 3;
const maxRetryAfterSeconds = 90;
const maxRetries = 5;

/** Percent-encodes every reserved character of RFC 3986. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** Formats parameters as a query string: `{a: 'x y'}` → `?a=x%20y`, and an empty string for no parameters. */
export function toQuery(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Returns why a fetch failed. `fetch` wraps the cause, which has a code, a message or further causes. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return 'timeout';
  return cause?.code || cause?.message || message || name;
}

function checkTarget({ baseUrl, token, otherToken }: Target): void {
  const { username, password, search, hash } = new URL(baseUrl);
  if (`${username}${password}${search}${hash}` !== '') {
    throw new Unreachable('the base URL must not have a user name, a password, a query or a fragment');
  }
  // The error message of `fetch` would contain the token.
  for (const each of [token, otherToken ?? '']) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(each)) {
      throw new Unreachable('a token has characters that are not allowed in a header');
    }
  }
}

/** Waits as long as the response's Retry-After says, or until the signal is aborted. */
async function waitForRetryAfter({ headers }: ReceivedResponse, retries: number, signal?: AbortSignal): Promise<void> {
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(retryAfter) ? retryAfter : 2 ** retries;
  await setTimeout(Math.min(seconds, maxRetryAfterSeconds) * 1_000, undefined, { signal }).catch(() => {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function createRequest(target: Target, operation: Operation, options: RequestOptions, body?: string): Request {
  const { id = 'unknown', query = '', headers = {}, method = operation.method.toUpperCase() } = options;
  const { authorization = `Bearer ${target.token}` } = options;
  const base = target.baseUrl.replace(/\/+$/, '');
  const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(id));
  return new Request(`${base}${path}${query}`, {
    method,
    headers: {
      ...(authorization !== null && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutSeconds * 1_000),
  });
}

async function receive(target: Target, request: Request): Promise<ReceivedResponse> {
  const response = await (target.fetch ?? fetch)(request);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parse(text) };
}

interface RetryOptions {
  /** Called with every 429 response that is followed by a retry. */
  readonly onRateLimited?: (exchange: Exchange) => void;
  /** Signal that ends the waiting before a retry. */
  readonly signal?: AbortSignal;
}

/**
 * Creates the HTTP client that sends the requests of a run and counts them.
 *
 * @throws {Unreachable} for a base URL or a token that no request can be made with
 */
export function createHttpClient(target: Target) {
  checkTarget(target);
  let requestCount = 0;
  let consecutiveFailures = 0;

  const sendOnce = async (operation: Operation, options: RequestOptions): Promise<Exchange> => {
    const { body: value, text: givenText } = options;
    const body = givenText ?? (value === undefined ? undefined : JSON.stringify(value));
    const request = createRequest(target, operation, options, body);
    const { method, url } = request;
    const sentRequest = { method, url, headers: Object.fromEntries(request.headers), body };
    requestCount += 1;
    try {
      const response = await receive(target, request);
      consecutiveFailures = 0;
      return { operationId: operation.operationId, request: sentRequest, response };
    } catch (error) {
      consecutiveFailures += 1;
      if (consecutiveFailures < maxConsecutiveFailures) throw new NoResponse(operation, sentRequest, reasonOf(error));
      throw new Unreachable(`${method} ${url} got no response, like the requests before it (${reasonOf(error)})`);
    }
  };

  return {
    get requestCount() {
      return requestCount;
    },
    /**
     * Sends a request. Retries it after a 429, as soon as the time of Retry-After has passed.
     *
     * @throws {NoResponse} without a response
     * @throws {Unreachable} for the third consecutive request without a response
     */
    async send(operation: Operation, options: RequestOptions, retry: RetryOptions = {}): Promise<Exchange> {
      const { onRateLimited, signal } = retry;
      for (let retries = 0; ; retries += 1) {
        const exchange = await sendOnce(operation, options);
        if (exchange.response.status !== 429 || retries === maxRetries || signal?.aborted) return exchange;
        onRateLimited?.(exchange);
        await waitForRetryAfter(exchange.response, retries, signal);
      }
    },
  };
}

export type HttpClient = ReturnType<typeof createHttpClient>;
