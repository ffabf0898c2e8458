/** Timers that end early when a signal aborts, and leave nothing running behind a request. */

/** A running timeout. */
export interface Timeout {
  /** Signal that aborts with a `TimeoutError`, or together with the outer signal and for its reason. */
  readonly signal: AbortSignal;
  /** Stops the timer and the listener on the outer signal. */
  readonly clear: () => void;
}

/** Starts a timeout in milliseconds that also follows an outer signal. */
export function startTimeout(milliseconds: number, outer: AbortSignal): Timeout {
  const controller = new AbortController();
  const abort = () => controller.abort(outer.reason);
  const expire = () => controller.abort(new DOMException(`no response within ${milliseconds} ms`, 'TimeoutError'));
  const timer = setTimeout(expire, milliseconds);
  if (outer.aborted) abort();
  else outer.addEventListener('abort', abort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    outer.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, clear };
}

/** Waits for a number of milliseconds. Rejects with the signal's reason as soon as it aborts. */
export async function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  // An `onEvent` function may have aborted the request.
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', abort, { once: true });
  });
}
