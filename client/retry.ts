/** Sends a request, with timeouts and retries. */
import { sleep, startTimeout } from './timeout.ts';

/** Options for retries. An option that is `undefined` has its default. */
export interface RetryOptions {
  /**
   * Number of retries after the first attempt; 0 turns retries off.
   *
   * @default 2
   */
  limit?: number | undefined;
  /**
   * Longest delay before the first retry, in milliseconds; it doubles with every further retry. The delay is random
   * (full jitter), but at least `Retry-After`. The name is not `delay`, which in ky is a function.
   *
   * @default 500
   */
  backoffBase?: number | undefined;
  /**
   * Longest delay before any retry, in milliseconds. `Retry-After` may ask for more, up to 60 seconds.
   *
   * @default 8_000
   */
  backoffLimit?: number | undefined;
}

/** Event after an attempt, for a log. It never holds a token, a header, a query or a body. */
export interface RequestEvent {
  readonly method: string;
  /** Path of the operation in the description, such as `/v1/oauth-apps/{id}`. */
  readonly path: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Status code; `undefined` when there was no response. */
  readonly status?: number;
  /** Value of `X-Request-Id`. */
  readonly requestId?: string;
  /** Duration of the attempt in milliseconds. */
  readonly durationMs: number;
  /** Delay before the next attempt in milliseconds; `undefined` after the last one. */
  readonly retryDelayMs?: number;
}

type RetrySettings = Readonly<Record<keyof RetryOptions, number>>;

/** Options of `sendWithRetries`, with the defaults applied. All times are in milliseconds. */
export interface SendOptions {
  readonly timeout: number;
  readonly totalTimeout: number;
  readonly retry: RetrySettings;
  readonly send: (request: Request) => Promise<Response>;
  readonly onEvent: ((event: RequestEvent) => void) | undefined;
}

/** The longest `Retry-After` that is waited for, in milliseconds. */
const maxRetryAfter = 60_000;
/** Status codes of failures that may be temporary. 409 is one only with `Retry-After`. */
const retryableStatuses = new Set([408, 429, 502, 503, 504]);

/** Returns `Retry-After` in milliseconds. It holds seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(response: Response | undefined): number | undefined {
  const text = response?.headers.get('retry-after');
  if (!text) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Returns a random delay up to the backoff of the attempt (full jitter), but at least `Retry-After`. */
function chooseDelay(attempt: number, retryAfter: number | undefined, retry: RetrySettings): number {
  const backoff = Math.min(retry.backoffLimit, retry.backoffBase * 2 ** (attempt - 1));
  return Math.max(Math.random() * backoff, retryAfter ?? 0);
}

/** Whether a retry is safe and may succeed. A read is safe, and so is a write with an `Idempotency-Key`. */
function isRetryable({ method, headers }: Request, response: Response | undefined, retryAfter: number | undefined) {
  const isSafe = method === 'GET' || method === 'HEAD' || headers.has('Idempotency-Key');
  if (!isSafe || response === undefined) return isSafe;
  return retryableStatuses.has(response.status) || (response.status === 409 && retryAfter !== undefined);
}

/** Returns the response with its whole body, so that a timeout covers the body too. */
async function readBody(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  const { status, statusText, headers } = response;
  return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
}

/** Sends one attempt. Returns the response, or the error when there was none. */
async function sendOnce(request: Request, signal: AbortSignal, options: SendOptions) {
  const timeout = startTimeout(options.timeout, signal);
  // Node holds the signal of a `Request` by a weak reference and may collect it. The race does not depend on it.
  const aborted = new Promise<never>((_resolve, reject) => {
    timeout.signal.addEventListener('abort', () => reject(timeout.signal.reason));
  });
  const exchange = async () => readBody(await options.send(new Request(request, { signal: timeout.signal })));
  try {
    timeout.signal.throwIfAborted();
    return { response: await Promise.race([exchange(), aborted]) };
  } catch (error) {
    return { error };
  } finally {
    timeout.clear();
  }
}

/** Calls `onEvent`. An error of a log must not fail a request that succeeded. */
function emit(onEvent: SendOptions['onEvent'], event: RequestEvent): void {
  try {
    onEvent?.(event);
  } catch {}
}

/**
 * Sends a request, and sends it again while a retry is allowed, safe and may succeed.
 *
 * @param path - The path of the operation, for events.
 * @throws the error of the last attempt when it had no response; a `TimeoutError` after `totalTimeout`; the reason of
 * the request's signal when that aborts.
 */
export async function sendWithRetries(request: Request, path: string, options: SendOptions): Promise<Response> {
  const { totalTimeout, retry, onEvent } = options;
  const start = performance.now();
  const total = startTimeout(totalTimeout, request.signal);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const attemptStart = performance.now();
      const { response, error } = await sendOnce(request.clone(), total.signal, options);
      const retryAfter = readRetryAfter(response);
      const delay = chooseDelay(attempt, retryAfter, retry);
      const isInTime = performance.now() - start + delay < totalTimeout && (retryAfter ?? 0) <= maxRetryAfter;
      const isAllowed = attempt <= retry.limit && isInTime && !total.signal.aborted;
      const willRetry = isAllowed && isRetryable(request, response, retryAfter);
      emit(onEvent, {
        method: request.method,
        path,
        attempt,
        status: response?.status,
        requestId: response?.headers.get('x-request-id') ?? undefined,
        durationMs: performance.now() - attemptStart,
        ...(willRetry && { retryDelayMs: delay }),
      });
      if (willRetry) await sleep(delay, total.signal);
      else if (response) return response;
      else throw total.signal.aborted ? total.signal.reason : error;
    }
  } finally {
    total.clear();
  }
}
