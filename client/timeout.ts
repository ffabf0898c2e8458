/** Timers that end early when a signal aborts, and leave nothing running behind a request. */

/** A running timeout. */
export interface Timeout {
  /** Signal that aborts when the time has passed, or together with an outer signal and for its reason. */
  readonly signal: AbortSignal;
  /** Whether the time has passed. */
  readonly hasExpired: () => boolean;
  /** Stops the timer and the listeners on the outer signals. */
  readonly clear: () => void;
}

/** Starts a timeout in milliseconds that also follows outer signals. */
export function startTimeout(milliseconds: number, outers: readonly (AbortSignal | undefined)[]): Timeout {
  const controller = new AbortController();
  let hasExpired = false;
  const expire = () => {
    hasExpired = true;
    controller.abort(new DOMException(`no response within ${milliseconds} ms`, 'TimeoutError'));
  };
  const timer = setTimeout(expire, milliseconds);
  const abort = ({ target }: { target: unknown }) => controller.abort((target as AbortSignal).reason);
  for (const outer of outers) {
    if (outer?.aborted) controller.abort(outer.reason);
    outer?.addEventListener('abort', abort);
  }
  const clear = () => {
    clearTimeout(timer);
    for (const outer of outers) outer?.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, hasExpired: () => hasExpired, clear };
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
    signal.addEventListener('abort', abort);
  });
}
