/** Sends a request until it is answered, or until trying again is unsafe or pointless. */

/** How long to wait and how often to try. All times in milliseconds. */
export interface Patience {
  /** For one try, answer included. Default: 10,000. */
  readonly perTry: number;
  /** For a call with all its tries and pauses. Default: 30,000. */
  readonly perCall: number;
  /** Tries at most, the first included. Default: 3. */
  readonly tries: number;
  /** The first pause is at most this, each further one twice as long. Default: 500. */
  readonly pause: number;
  /** No pause of our own is longer. Default: 8,000. */
  readonly longestPause: number;
}

export const defaultPatience: Patience = { perTry: 10_000, perCall: 30_000, tries: 3, pause: 500, longestPause: 8_000 };

/** What happens during a call, for a log. Never holds a token, a header, a query or a body. */
export interface CallEvent {
  readonly method: string;
  /** The path as the description has it, `{id}` and all. */
  readonly path: string;
  /** 1 for the first try. */
  readonly attempt: number;
  /** The status of the answer; undefined when there was none. */
  readonly status?: number;
  /** The value of `X-Request-Id`. */
  readonly requestId?: string;
  readonly milliseconds: number;
  /** How long until the next try; undefined when this one was the last. */
  readonly retryInMilliseconds?: number;
}

export interface RetryOptions {
  readonly patience: Patience;
  readonly send: (request: Request) => Promise<Response>;
  readonly onEvent?: (event: CallEvent) => void;
}

/** The longest `Retry-After` that is worth waiting for. */
const longestRetryAfter = 60_000;
/** Answers that may be others a moment later. 409 only when it says when. */
const passing = new Set([408, 429, 502, 503, 504]);

/** Reads may be repeated, and writes that carry a key which makes the repeat harmless. */
const isRepeatable = ({ method, headers }: Request) =>
  method === 'GET' || method === 'HEAD' || headers.has('Idempotency-Key');

/** `Retry-After` in milliseconds (RFC 9110, section 10.2.3): seconds, or a date. */
function readRetryAfter(response: Response | undefined): number | undefined {
  const text = response?.headers.get('retry-after');
  if (!text) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Full jitter: anything from no pause to the longest; never sooner than the server asks for. */
function choosePause(attempt: number, retryAfter: number | undefined, { pause, longestPause }: Patience): number {
  return Math.max(Math.random() * Math.min(longestPause, pause * 2 ** (attempt - 1)), retryAfter ?? 0);
}

async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  // A hook may have ended the call.
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** The answer with its body already here, so that no time-out strikes while it is read. */
async function receive(response: Response): Promise<Response> {
  const body = await response.arrayBuffer();
  const { status, statusText, headers } = response;
  return new Response(body.byteLength > 0 ? body : null, { status, statusText, headers });
}

/** A time-out that can be cleared, so that nothing is left running behind a call. */
function timeOut(milliseconds: number, outer: AbortSignal) {
  const controller = new AbortController();
  const end = () => controller.abort(outer.reason);
  const late = () => controller.abort(new DOMException(`no answer within ${milliseconds} ms`, 'TimeoutError'));
  const timer = setTimeout(late, milliseconds);
  if (outer.aborted) end();
  else outer.addEventListener('abort', end, { once: true });
  const clear = () => {
    clearTimeout(timer);
    outer.removeEventListener('abort', end);
  };
  return { signal: controller.signal, clear };
}

/** Sends one try. Gives the answer, or what went wrong without one. */
async function attemptOnce(request: Request, signal: AbortSignal, { patience, send }: RetryOptions) {
  const limit = timeOut(patience.perTry, signal);
  // A `Request` follows its signal by a weak reference that Node may collect; the limit holds without it.
  const ending = new Promise<never>((_resolve, reject) => {
    limit.signal.addEventListener('abort', () => reject(limit.signal.reason));
  });
  const exchange = async () => receive(await send(new Request(request, { signal: limit.signal })));
  try {
    limit.signal.throwIfAborted();
    return { response: await Promise.race([exchange(), ending]) };
  } catch (error) {
    return { error };
  } finally {
    limit.clear();
  }
}

/** Tells a hook; one that fails must not make a call fail that was answered. */
function tell(hook: RetryOptions['onEvent'], event: CallEvent): void {
  try {
    hook?.(event);
  } catch {}
}

/**
 * Sends a request, and again as long as that is safe and may help. Rejects with the last error when there was no answer,
 * with the caller's reason when its signal ended the call, and with a `TimeoutError` past the limit of the call.
 */
export async function sendWithRetries(request: Request, path: string, options: RetryOptions): Promise<Response> {
  const { patience, onEvent } = options;
  const start = performance.now();
  const call = timeOut(patience.perCall, request.signal);
  try {
    for (let attempt = 1; ; attempt += 1) {
      const began = performance.now();
      const { response, error } = await attemptOnce(request.clone(), call.signal, options);
      const retryAfter = readRetryAfter(response);
      const isPassing =
        response === undefined || passing.has(response.status) || (response.status === 409 && retryAfter !== undefined);
      const pause = choosePause(attempt, retryAfter, patience);
      const isInTime = performance.now() - start + pause < patience.perCall && (retryAfter ?? 0) <= longestRetryAfter;
      const isOver =
        !isPassing || !isRepeatable(request) || attempt >= patience.tries || !isInTime || call.signal.aborted;
      tell(onEvent, {
        method: request.method,
        path,
        attempt,
        status: response?.status,
        requestId: response?.headers.get('x-request-id') ?? undefined,
        milliseconds: performance.now() - began,
        ...(!isOver && { retryInMilliseconds: pause }),
      });
      if (isOver && response) return response;
      if (isOver) throw call.signal.aborted ? call.signal.reason : error;
      await sleep(pause, call.signal);
    }
  } finally {
    call.clear();
  }
}
