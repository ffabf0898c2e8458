import { vi } from 'vitest';

/** The timeout of an attempt, in milliseconds: a length that no other timer has. */
export const attemptTimeout = 98_765;

/**
 * Replaces the timers of attempts, which are known by their length. They expire once each running attempt waits for a
 * response that the server does not send. So no attempt expires because the machine is slow.
 * Dispose of it with `using`.
 */
export function replaceAttemptTimers() {
  const { setTimeout: start, clearTimeout: stop } = globalThis;
  const running = new Map<unknown, () => void>();
  let unanswered = 0;
  const expire = () => {
    if (unanswered === 0 || unanswered < running.size) return;
    const callbacks = [...running.values()];
    running.clear();
    unanswered = 0;
    for (const callback of callbacks) callback();
  };
  vi.stubGlobal('setTimeout', (callback: () => void, milliseconds: number, ...words: unknown[]) => {
    if (milliseconds !== attemptTimeout) return start(callback, milliseconds, ...words);
    const timer = {};
    running.set(timer, callback);
    return timer;
  });
  vi.stubGlobal('clearTimeout', (timer: NodeJS.Timeout) => {
    if (!running.delete(timer)) return stop(timer);
    expire();
  });
  return {
    /** Tells that the server does not respond to a request. */
    onSilence: () => {
      unanswered += 1;
      expire();
    },
    [Symbol.dispose]: () => vi.unstubAllGlobals(),
  };
}
