/** Sends a request, with timeouts and retries. */
import type { RequestEvent } from '../generated/requests.ts';
import { ConnectionError, TimeoutError } from './errors.ts';
import type { Settings } from './options.ts';
import { readRetryAfter } from './retry-after.ts';
import { sleep, startTimeout } from './timeout.ts';

/** A request to send, with what the client knows about it. */
export interface Sending {
  readonly request: Request;
  /** Signal of the caller, in a runtime whose `Request` does not take it. */
  readonly signal: AbortSignal | undefined;
  /** Path of the operation, for events. */
  readonly path: string;
  readonly settings: Settings;
  /** Whether the server honours `Idempotency-Key`. */
  readonly idempotencyKeys: boolean;
}

/** The outcome of one attempt. */
interface Outcome {
  readonly response?: Response;
  /** The reason why there is no response. */
  readonly error?: unknown;
  /** Whether the server may have received the request. */
  readonly mayHaveArrived: boolean;
  readonly hasExpired: boolean;
}

/** The longest `Retry-After` that is waited for, in milliseconds. */
const maxRetryAfter = 60_000;
/** Status codes of failures that may be temporary. 409 is one only with `Retry-After`. */
const retryableStatuses = [408, 429, 502, 503, 504];
/** Codes of errors that occur before anything is sent: of Node, and of Bun. */
const notConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT|ConnectionRefused)$/;

/** Whether an error says that there was no connection, so that no server can have received the request. */
function isNotConnected(error: unknown): boolean {
  const { code, syscall, cause } = (error ?? {}) as { code?: unknown; syscall?: unknown; cause?: unknown };
  return notConnected.test(String(code)) || syscall === 'connect' || (cause !== undefined && isNotConnected(cause));
}

/** Returns a random delay up to the backoff of the attempt (full jitter), but at least `Retry-After`. */
export function chooseDelay(attempt: number, retryAfter: number | undefined, retry: Settings['retry']): number {
  const backoff = Math.min(retry.backoffLimit, retry.backoffBase * 2 ** Math.min(attempt - 1, 31));
  return Math.max(retryAfter ?? 0, Math.random() * backoff);
}

/** Whether a header holds one strong entity tag. */
export const isStrong = (etag: string | null | undefined): etag is string => /^"[^"]*"$/.test(etag ?? '');

/** Whether sending a request again cannot write twice, and may succeed. */
function isRetryable({ request, settings, idempotencyKeys }: Sending, { response, mayHaveArrived }: Outcome): boolean {
  const { method, headers } = request;
  const { methods } = settings.retry;
  if (methods && !methods.includes(method)) return false;
  if (!response && !mayHaveArrived) return true;
  const hasRetryAfter = readRetryAfter(response) !== undefined;
  const isKeyed = idempotencyKeys && headers.has('Idempotency-Key');
  const isSafe = method === 'GET' || method === 'HEAD' || isKeyed || isStrong(headers.get('If-Match'));
  if (!response) return isSafe;
  const { status } = response;
  if (isSafe) return retryableStatuses.includes(status) || (isKeyed && status === 409 && hasRetryAfter);
  // The server has not handled the request, says this response. A create is not sent again on that word.
  return method !== 'POST' && hasRetryAfter && (status === 429 || status === 503);
}

/** Returns the response with its whole body, so that a timeout covers the body too. */
async function readBody(response: Response): Promise<Response> {
  // A browser tells nothing about a redirect that it does not follow, and no other response can have this status.
  if (response.type === 'opaqueredirect') return response;
  const body = await response.arrayBuffer();
  const { status, statusText, headers } = response;
  return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
}

/** Copies a request with a signal. The `Request` of Node does not take the signals of jsdom. */
function withSignal(request: Request, signal: AbortSignal): Request {
  try {
    return new Request(request.clone(), { signal });
  } catch {
    return request.clone();
  }
}

/** Sends one attempt. Rejects only with the error of a token function. */
async function sendOnce({ request, settings }: Sending, outer: AbortSignal): Promise<Outcome> {
  const timeout = startTimeout(settings.timeout, [outer]);
  const { signal } = timeout;
  let isSent = false;
  // Node holds the signal of a `Request` by a weak reference and may collect it. The race does not depend on it.
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
  });
  const exchange = async () => {
    const token = await settings.token();
    signal.throwIfAborted();
    const attempt = withSignal(request, signal);
    attempt.headers.set('Authorization', `Bearer ${token}`);
    isSent = true;
    return readBody(await settings.fetch(attempt));
  };
  try {
    signal.throwIfAborted();
    return { response: await Promise.race([exchange(), aborted]), mayHaveArrived: true, hasExpired: false };
  } catch (error) {
    if (!isSent && !signal.aborted) throw error;
    return { error, mayHaveArrived: isSent && !isNotConnected(error), hasExpired: timeout.hasExpired() };
  } finally {
    timeout.clear();
  }
}

/** Calls `onEvent`. An error of a log must not fail a request that succeeded. */
async function emit(onEvent: Settings['onEvent'], event: RequestEvent): Promise<void> {
  try {
    await onEvent?.(event);
  } catch {}
}

/** The error of a request whose last attempt had no response. */
function toError(outcome: Outcome, { timeout }: Settings, attempts: number, mayHaveArrived: boolean): ConnectionError {
  const facts = { attempts, mayHaveArrived };
  return outcome.hasExpired ? new TimeoutError(facts, timeout) : new ConnectionError(facts, outcome.error);
}

/**
 * Sends a request, and sends it again while a retry is allowed, safe and may succeed.
 *
 * @throws {ConnectionError} when the last attempt had no response, or does not tell whether an earlier one has written
 * @throws {TimeoutError} after `totalTimeout`
 * @throws the reason of the caller's signal when that aborts; the error of a token function
 */
export async function sendWithRetries(sending: Sending): Promise<Response> {
  const { request, settings, path } = sending;
  const { totalTimeout, retry, onEvent } = settings;
  const start = performance.now();
  const total = startTimeout(totalTimeout, [sending.signal, request.signal]);
  let [attempt, mayHaveArrived] = [0, false];
  try {
    for (;;) {
      attempt += 1;
      const attemptStart = performance.now();
      const outcome = await sendOnce(sending, total.signal);
      const { response } = outcome;
      const wasLost = mayHaveArrived;
      mayHaveArrived ||= outcome.mayHaveArrived;
      const retryAfter = readRetryAfter(response);
      const delay = chooseDelay(attempt, retryAfter, retry);
      const isInTime = performance.now() - start + delay < totalTimeout && (retryAfter ?? 0) <= maxRetryAfter;
      const isAllowed = attempt <= retry.limit && isInTime && !total.signal.aborted;
      const willRetry = isAllowed && isRetryable(sending, outcome);
      void emit(onEvent, {
        method: request.method,
        path,
        attempt,
        status: response?.status,
        requestId: response?.headers.get('x-request-id') ?? undefined,
        durationMs: performance.now() - attemptStart,
        ...(willRetry && { retryDelayMs: delay }),
      });
      if (willRetry) {
        await sleep(delay, total.signal);
        continue;
      }
      if (total.hasExpired()) throw new TimeoutError({ attempts: attempt, mayHaveArrived }, totalTimeout);
      if (total.signal.aborted) throw total.signal.reason;
      if (!response) throw toError(outcome, settings, attempt, mayHaveArrived);
      // The condition may fail because an earlier attempt has written.
      const isAmbiguous = wasLost && request.headers.has('If-Match') && [404, 412].includes(response.status);
      if (!isAmbiguous) return response;
      throw new ConnectionError(
        { attempts: attempt, mayHaveArrived },
        undefined,
        `${response.status} after a lost response`,
      );
    }
  } catch (error) {
    // The time may pass during a delay.
    const isExpired = total.hasExpired() && error === total.signal.reason;
    throw isExpired ? new TimeoutError({ attempts: attempt, mayHaveArrived }, totalTimeout) : error;
  } finally {
    total.clear();
  }
}
