// @databases none
import { describe, expect, test, vi } from 'vitest';
import { TimeoutError } from '../../client/index.ts';
import { busy, lost, refused, send, useOwnTimers, wait } from './sent-attempts.ts';

useOwnTimers();

const never = () => new Promise<Response>(() => {});
const enough = new Error('enough');

/** Returns a signal that aborts after a time. */
function abortAfter(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(enough), milliseconds);
  return controller.signal;
}

describe('an attempt', () => {
  test('ends at its timeout', async () => {
    const { result, attempts, milliseconds } = await send([never], { timeout: 100, retry: { limit: 0 } });
    expect(result).toBeInstanceOf(TimeoutError);
    const message = 'no response within 100 ms: the request may have arrived';
    expect(result).toMatchObject({ message, attempts: 1, mayHaveArrived: true });
    expect([attempts, milliseconds]).toEqual([1, 100]);
  });

  test('that timed out is repeated', async () => {
    const { result, attempts } = await send([never, busy(200)], { timeout: 100 });
    expect([attempts, result]).toEqual([2, expect.objectContaining({ status: 200 })]);
  });

  test('has a timeout of its own each time', async () => {
    const { result, milliseconds } = await send([never], { timeout: 100, retry: { limit: 3 } });
    expect(result).toMatchObject({ name: 'TimeoutError', attempts: 4 });
    // A delay of no length takes a timer of 1 ms.
    expect(milliseconds).toBe(403);
  });

  test('includes the body', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
    const { result } = await send([async () => new Response(body)], { timeout: 100, retry: { limit: 0 } });
    expect(result).toMatchObject({ name: 'TimeoutError', mayHaveArrived: true });
  });

  test('is aborted at its timeout', async () => {
    const { requests } = await send([never], { timeout: 100, retry: { limit: 0 } });
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  test('has the token of this moment', async () => {
    let count = 0;
    const { requests } = await send([busy(503), busy(200)], { token: async () => `t${++count}` });
    expect(requests.map(({ headers }) => headers.get('authorization'))).toEqual(['Bearer t1', 'Bearer t2']);
  });

  test('without a token is no attempt', async () => {
    const failing = async () => {
      throw enough;
    };
    const { result, attempts, events } = await send([busy(200)], { token: failing });
    expect([result, attempts, events]).toEqual([enough, 0, []]);
  });

  test('that waits for a token ends at its timeout', async () => {
    const late = async () => {
      await wait(500);
      return 't';
    };
    const { result, attempts } = await send([busy(200)], { token: late, timeout: 100 });
    expect(result).toMatchObject({ name: 'TimeoutError', mayHaveArrived: false, attempts: 3 });
    expect(attempts).toBe(0);
  });
});

describe('all attempts', () => {
  test('end at the total timeout', async () => {
    const { result, milliseconds } = await send([never], { timeout: 400, totalTimeout: 1_000, retry: { limit: 9 } });
    const message = 'no response within 1000 ms: the request may have arrived';
    expect(result).toMatchObject({ name: 'TimeoutError', message, attempts: 3 });
    expect(milliseconds).toBe(1_000);
  });

  test('end when it passes before a delay', async () => {
    const onEvent = () => vi.advanceTimersByTime(1_000);
    const { result, attempts } = await send([busy(503)], { totalTimeout: 1_000, onEvent });
    expect([attempts, result]).toEqual([1, expect.objectContaining({ name: 'TimeoutError', attempts: 1 })]);
    expect(result).toMatchObject({ mayHaveArrived: true });
  });

  test('leave no timer behind', async () => {
    const { attempts, timers } = await send([busy(503), busy(200)]);
    expect([attempts, timers]).toEqual([2, 0]);
  });

  test('tell of a response before a lost connection', async () => {
    const { result } = await send([busy(503), refused], { retry: { limit: 1 } });
    expect(result).toMatchObject({ name: 'ConnectionError', attempts: 2, mayHaveArrived: true });
  });

  test('end at their limit', async () => {
    const { result, attempts } = await send([lost], { totalTimeout: 1_000, retry: { limit: 9, backoffBase: 0 } });
    expect([attempts, result]).toEqual([10, expect.objectContaining({ cause: lost })]);
  });
});

describe('a caller that aborts', () => {
  test('before the start sends nothing', async () => {
    const { result, attempts } = await send([busy(200)], { signal: AbortSignal.abort(enough) });
    expect([result, attempts]).toEqual([enough, 0]);
  });

  test('in an attempt gets its reason', async () => {
    const { result, attempts, milliseconds } = await send([never], { signal: abortAfter(50) });
    expect([result, attempts, milliseconds]).toEqual([enough, 1, 50]);
  });

  test('in a delay gets its reason', async () => {
    const steps = [busy(503, { 'Retry-After': '5' })];
    const { result, attempts, milliseconds } = await send(steps, { signal: abortAfter(1_000) });
    expect([result, attempts, milliseconds]).toEqual([enough, 1, 1_000]);
  });

  test('in an event gets its reason', async () => {
    const controller = new AbortController();
    const onEvent = () => controller.abort(enough);
    const { result, attempts } = await send([busy(503)], { signal: controller.signal, onEvent });
    expect([result, attempts]).toEqual([enough, 1]);
  });

  test('leaves no listener behind', async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...words: Parameters<typeof add>) => {
      listeners += 1;
      add(...words);
    };
    signal.removeEventListener = (...words: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...words);
    };
    await send([busy(503), busy(200)], { signal });
    expect(listeners).toBe(0);
  });
});
