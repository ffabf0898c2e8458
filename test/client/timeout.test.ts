// @databases none
import { describe, expect, test, vi } from 'vitest';
import { sleep, startTimeout } from '../../client/timeout.ts';
import { useOwnTimers } from './sent-attempts.ts';

useOwnTimers();

const enough = new Error('enough');

/** Returns a controller, and the number of listeners on its signal that wait for the abort. */
function watch() {
  const controller = new AbortController();
  const { signal } = controller;
  const [add, remove] = [vi.spyOn(signal, 'addEventListener'), vi.spyOn(signal, 'removeEventListener')];
  const countOf = ({ mock }: typeof add | typeof remove) => mock.calls.filter(([type]) => type === 'abort').length;
  return { controller, signal, count: () => countOf(add) - countOf(remove) };
}

describe('a timeout', () => {
  test('aborts when its time has passed', () => {
    const { signal, hasExpired } = startTimeout(100, []);
    vi.advanceTimersByTime(99);
    expect([signal.aborted, hasExpired()]).toEqual([false, false]);
    vi.advanceTimersByTime(1);
    expect([signal.aborted, hasExpired()]).toEqual([true, true]);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError', message: 'no response within 100 ms' });
  });

  test('aborts with any of its outer signals', () => {
    for (const index of [0, 1]) {
      const outers = [watch(), watch()];
      const { signal, hasExpired, clear } = startTimeout(100, [undefined, ...outers.map((outer) => outer.signal)]);
      outers[index]?.controller.abort(enough);
      expect([signal.aborted, signal.reason, hasExpired()]).toEqual([true, enough, false]);
      clear();
    }
  });

  test('aborts at once with a signal that is aborted', () => {
    const { signal, clear } = startTimeout(100, [AbortSignal.abort(enough)]);
    expect([signal.aborted, signal.reason]).toEqual([true, enough]);
    clear();
  });

  test('leaves nothing running once it is cleared', () => {
    const outer = watch();
    const { signal, clear } = startTimeout(100, [outer.signal, undefined]);
    expect([vi.getTimerCount(), outer.count()]).toEqual([1, 1]);
    clear();
    expect([vi.getTimerCount(), outer.count()]).toEqual([0, 0]);
    outer.controller.abort(enough);
    expect(signal.aborted).toBe(false);
  });
});

describe('a sleep', () => {
  test('ends when its time has passed', async () => {
    const { signal, count } = watch();
    let hasEnded = false;
    const end = sleep(100, signal).then(() => {
      hasEnded = true;
    });
    await vi.advanceTimersByTimeAsync(99);
    expect([hasEnded, count()]).toEqual([false, 1]);
    await vi.advanceTimersByTimeAsync(1);
    await end;
    expect(count()).toBe(0);
  });

  test('ends as soon as its signal aborts', async () => {
    const { controller, signal } = watch();
    const end = sleep(100, signal);
    controller.abort(enough);
    await expect(end).rejects.toBe(enough);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('never begins when its signal is aborted', async () => {
    await expect(sleep(100, AbortSignal.abort(enough))).rejects.toBe(enough);
    expect(vi.getTimerCount()).toBe(0);
  });
});
