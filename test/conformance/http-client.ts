import { setTimeout } from 'node:timers/promises';
import type { Operation } from './contract.ts';
import type { Exchange, ReceivedResponse, SentRequest } from './exchange.ts';
import { escapeControls } from './masking.ts';
import { NoResponse, Unreachable } from './run-errors.ts';

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

/** Waits as long as the response's Retry-After says, or until the signal is aborted. */
async function waitForRetryAfter({ headers }: ReceivedResponse, retries: number, signal?: AbortSignal): Promise<void> {
  const value = headers.get('retry-after') ?? '';
  const retryAfter = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  const seconds = Number.isFinite(retryAfter) ? Math.max(retryAfter, 0) : 2 ** retries;
  await setTimeout(Math.min(seconds, maxRetryAfterSeconds) * 1_000, undefined, { signal }).catch(() => {});
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
  const path = operation.path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(parents[name] ?? id));
  return new Request(`${target.baseUrl.replace(/\/+$/, '')}${path}${query}`, {
    method,
    headers: {
      ...target.headers,
      ...(authorization !== null && { Authorization: authorization }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body,
    redirect: 'manual',
    signal,
  });
}

/** Reads a body up to a limit. @throws {Error} for a longer one */
async function readBody({ body }: Response, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (body === null) return new Uint8Array();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    chunks.push(value);
    if (size <= maxBytes) continue;
    // Cancelling the body closes the connection.
    await reader.cancel();
    throw new Error(`the response is larger than ${maxBytes} bytes`);
  }
}

const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes a body as UTF-8. The byte order mark stays in the text. */
export function decodeBody(bytes: Uint8Array): Pick<ReceivedResponse, 'text' | 'isUtf8' | 'json'> {
  const decode = () => {
    try {
      return { text: strictDecoder.decode(bytes), isUtf8: true };
    } catch {
      return { text: lenientDecoder.decode(bytes), isUtf8: false };
    }
  };
  const decoded = decode();
  return { ...decoded, json: parse(decoded.text.replace(/^\ufeff/, '')) };
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
  let [consecutiveFailures, failures] = [0, 0];
  let nextAt = 0;

  /** Waits until the rate allows the next request. */
  const waitForRate = async () => {
    if (target.ratePerSecond === undefined) return;
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + 1_000 / target.ratePerSecond;
    if (at > now) await setTimeout(at - now);
  };

  const sendOnce = async (operation: Operation, options: RequestOptions): Promise<Exchange> => {
    const { body: value, text: givenText } = options;
    const body = givenText ?? (value === undefined ? undefined : JSON.stringify(value));
    await waitForRate();
    return await withTimeout(target, (signal) =>
      sendNow(operation, createRequest(target, operation, options, body, signal), body),
    );
  };

  const sendNow = async (operation: Operation, request: Request, body?: string): Promise<Exchange> => {
    const { method, url } = request;
    const sentRequest = { method, url, headers: Object.fromEntries(request.headers), body };
    requestCount += 1;
    try {
      const response = await receive(target, request);
      consecutiveFailures = 0;
      return { operationId: operation.operationId, request: sentRequest, response };
    } catch (error) {
      [consecutiveFailures, failures] = [consecutiveFailures + 1, failures + 1];
      const reason = escapeControls(reasonOf(error));
      const isLast = consecutiveFailures >= maxConsecutiveFailures || failures >= maxFailures;
      if (!isLast) throw new NoResponse(operation, sentRequest, reason);
      throw new Unreachable(`${method} ${url} got no response, like the requests before it (${reason})`);
    }
  };

  return {
    get requestCount() {
      return requestCount;
    },
    /** Returns a request as it would be sent, and counts it. */
    describe(operation: Operation, options: RequestOptions): SentRequest {
      const body = options.text ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
      const { method, url, headers } = createRequest(target, operation, options, body);
      requestCount += 1;
      return { method, url, headers: Object.fromEntries(headers), body };
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
