import { setTimeout } from 'node:timers/promises';
import { decodeBody, readBody } from './bodies.ts';
import type { Operation } from './contract.ts';
import type { Exchange, ReceivedResponse, SentRequest } from './exchange.ts';
import { escapeControls } from './masking.ts';
import { type RetryOptions, sendWithRetries } from './rate-limit.ts';
import { NoResponse, RateLimited, Unreachable } from './run-errors.ts';
import { asSent, sendOnWire, type WireOptions } from './wire.ts';

/**
 * Implementation under test, and how requests reach it.
 *
 * @example
 * const target: Target = { baseUrl, token, ratePerSecond: 50 };
 * const suite = createSuite(target);
 */
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
  /** Whether the records that a run creates are kept. @default false */
  readonly keepsRecords?: boolean;
  /** Headers of every request, such as one that a proxy in front wants. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Seconds after which a request without a whole response has failed. @default 15 */
  readonly timeoutSeconds?: number;
  /** Requests per second at most. @default no limit */
  readonly ratePerSecond?: number;
  /** Size of a response in bytes from which it is not read. @default 32 MiB */
  readonly maxResponseBytes?: number;
}

/** Parts of a request that differ from the default: the operation's method and path, the token, no body. */
export interface RequestOptions {
  /** Id of the record that the path names. */
  readonly id?: string;
  /** Id as it stands in the URL. @default the id, percent-encoded */
  readonly encodedId?: string;
  /** Ids of the other records that the path names, by parameter. */
  readonly parents?: Readonly<Record<string, string>>;
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

const defaultTimeoutSeconds = 15;
const defaultMaxResponseBytes = 32 * 1024 * 1024;
/** Number of requests without a response after which the run ends, also where others got one. */
const maxFailures = 20;
/** Number of consecutive requests without a response after which the implementation counts as unreachable. */
const maxConsecutiveFailures = 3;
/** Number of consecutive requests that got nothing but 429 after which the run ends. */
const maxLimited = 2;

/** Percent-encodes every reserved character of RFC 3986. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** Formats parameters as a query string: `{a: 'x y'}` → `?a=x%20y`, and an empty string for no parameters. */
export function toQuery(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Codes of certificates that are not accepted, and what they mean. */
const certificateErrors: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of the certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the authority of the certificate is unknown',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of the certificate is unknown',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
};

/** Returns the meaning of an error code. For a certificate it says what to do. */
function explainCode(code: string | undefined): string | undefined {
  const meaning = certificateErrors[code ?? ''];
  if (meaning === undefined) return code;
  return `${meaning} (${code}). --ca FILE accepts the authority in a PEM file, --insecure any certificate`;
}

/** Returns why a fetch failed. `fetch` wraps the cause, which has a code, a message or further causes. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError' || cause?.name === 'TimeoutError') return 'timeout';
  const { code } = error as { code?: string };
  return explainCode(cause?.code) || cause?.message || explainCode(code) || message || name;
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

/** Runs an action whose signal is aborted after the timeout. */
async function withTimeout<Result>({ timeoutSeconds }: Target, run: (signal: AbortSignal) => Promise<Result>) {
  const controller = new AbortController();
  const abort = () => controller.abort(new DOMException('The response took too long.', 'TimeoutError'));
  const timer = globalThis.setTimeout(abort, (timeoutSeconds ?? defaultTimeoutSeconds) * 1_000);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function createRequest(
  target: Target,
  operation: Operation,
  options: RequestOptions,
  body?: string,
  signal?: AbortSignal,
): Request {
  const { id = 'unknown', query = '', headers = {}, method = operation.method.toUpperCase() } = options;
  const { authorization = `Bearer ${target.token}`, parents = {} } = options;
  const { encodedId = encodeURIComponent(id) } = options;
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) =>
    parents[name] === undefined ? encodedId : encodeURIComponent(parents[name]),
  );
  return new Request(`${target.baseUrl.replace(/\/+$/, '')}${path}${query}`, {
    method,
    headers: {
      ...target.headers,
      ...(authorization !== null && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      // Without it, `fetch` adds no-cache, and a server that honours that sends no 304 (RFC 9111, 5.2.1.4).
      ...('If-None-Match' in headers && { 'Cache-Control': 'max-age=0' }),
      ...headers,
    },
    body,
    redirect: 'manual',
    signal,
  });
}

async function receive(target: Target, request: Request): Promise<ReceivedResponse> {
  const response = await (target.fetch ?? fetch)(request);
  const { maxResponseBytes = defaultMaxResponseBytes } = target;
  return {
    status: response.status,
    headers: response.headers,
    ...decodeBody(await readBody(response, maxResponseBytes)),
  };
}

/**
 * Creates the HTTP client that sends the requests of a run and counts them.
 *
 * @throws {Unreachable} for a base URL or a token that no request can be made with
 */
export function createHttpClient(target: Target) {
  checkTarget(target);
  let requestCount = 0;
  let [consecutiveFailures, failures, limited] = [0, 0, 0];
  let nextAt = 0;

  /** Waits until the rate allows the next request. */
  const waitForRate = async () => {
    if (target.ratePerSecond === undefined) return;
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + 1_000 / target.ratePerSecond;
    if (at > now) await setTimeout(at - now);
  };

  const bodyOf = ({ body, text }: RequestOptions) => text ?? (body === undefined ? undefined : JSON.stringify(body));

  /** Sends a request once, and counts it. */
  const sendOnce = async (operation: Operation, request: SentRequest, receiveNow: () => Promise<ReceivedResponse>) => {
    requestCount += 1;
    try {
      const response = await receiveNow();
      consecutiveFailures = 0;
      return { operationId: operation.operationId, request, response };
    } catch (error) {
      [consecutiveFailures, failures] = [consecutiveFailures + 1, failures + 1];
      const reason = escapeControls(reasonOf(error));
      const isLast = consecutiveFailures >= maxConsecutiveFailures || failures >= maxFailures;
      if (!isLast) throw new NoResponse(operation, request, reason);
      const { method, url } = request;
      throw new Unreachable(`${method} ${url} got no response, like the requests before it (${reason})`);
    }
  };

  /** Sends a request until its response is not 429. */
  const send = async (sendNow: () => Promise<Exchange>, retry?: RetryOptions): Promise<Exchange> => {
    try {
      const exchange = await sendWithRetries(async () => {
        await waitForRate();
        return await sendNow();
      }, retry);
      limited = 0;
      return exchange;
    } catch (error) {
      if (!(error instanceof RateLimited)) throw error;
      limited += 1;
      if (limited < maxLimited) throw error;
      throw new Unreachable(error.explanation);
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
     * @throws {RateLimited} where each attempt got 429
     * @throws {Unreachable} for the third consecutive request without a response, and the second one that was limited
     */
    send: (operation: Operation, options: RequestOptions, retry?: RetryOptions): Promise<Exchange> =>
      send(() => {
        const body = bodyOf(options);
        return withTimeout(target, (signal) => {
          const request = createRequest(target, operation, options, body, signal);
          const { method, url, headers } = request;
          const sent = { method, url, headers: Object.fromEntries(headers), body };
          return sendOnce(operation, sent, () => receive(target, request));
        });
      }, retry),
    /** Writes a request to a connection of its own. Rejects like `send`. */
    async sendOnWire(operation: Operation, options: RequestOptions, wire: WireOptions, retry?: RetryOptions) {
      const body = bodyOf(options);
      const { method, url, headers } = createRequest(target, operation, options, body);
      const request = { method, url, headers: Object.fromEntries(headers), body };
      const { timeoutSeconds = defaultTimeoutSeconds, maxResponseBytes = defaultMaxResponseBytes } = target;
      let isChunked = false;
      const exchange = await send(
        () =>
          sendOnce(operation, asSent(request, wire), async () => {
            const first = await sendOnWire(request, wire, { timeoutSeconds, maxBytes: maxResponseBytes });
            isChunked = first.isChunked;
            return first.response;
          }),
        retry,
      );
      return { exchange, isChunked };
    },
  };
}

export type HttpClient = ReturnType<typeof createHttpClient>;
