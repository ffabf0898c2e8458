// @databases none
import { describe, expect, test, vi } from 'vitest';
import { createComposer } from '../../client/composed-methods.ts';
import { ConnectionError, ProblemError, TimeoutError } from '../../client/index.ts';
import { applyOptions, readSettings } from '../../client/options.ts';
import { ResponseDataPromise } from '../../client/response.ts';
import type { RequestOptions } from '../../generated/client.ts';
import { useOwnTimers, wait } from './sent-attempts.ts';

useOwnTimers();

const fetch = () => Promise.reject(new Error('not called'));
const settings = readSettings({ baseUrl: 'https://example.com', token: 't', retry: { backoffBase: 100 }, fetch });
const composer = createComposer((options) => applyOptions(options, settings));
const problem = (status: number, headers?: Record<string, string>) =>
  new ProblemError(new Response(null, { status, headers }));
const changed = problem(412);

/** Returns the response of a request, or rejects with an error. */
const respond = <Data>(data: Data | Error, etag?: string) =>
  new ResponseDataPromise<Data>(
    data instanceof Error
      ? Promise.reject(data)
      : Promise.resolve({ data, status: 200, headers: new Headers({ 'X-Request-Id': 'r1' }), etag, requestId: 'r1' }),
  );

interface Steps {
  readonly etags?: readonly (string | undefined)[];
  /** Results of the writes, the last one again and again. */
  readonly writes?: readonly (string | Error | Promise<string>)[];
  readonly reads?: () => ResponseDataPromise<string>;
  readonly change?: (current: string) => string | undefined | Promise<string | undefined>;
}

/** Makes a change at a server that takes these steps. */
async function change(
  { etags = ['"v1"'], writes = ['written'], reads, change = (name) => `${name}!` }: Steps,
  options?: RequestOptions,
) {
  const [sentReads, sent]: [RequestOptions[], [string, RequestOptions][]] = [[], []];
  const at = <Item>(items: readonly Item[], count: number) => items[Math.min(count, items.length) - 1] as Item;
  const start = Date.now();
  let [end, timers] = [start, 0];
  const requests = {
    read: (init: RequestOptions) => reads?.() ?? respond('read', at(etags, sentReads.push(init))),
    write(body: string, init: RequestOptions) {
      const step = at(writes, sent.push([body, init]));
      return step instanceof Promise
        ? new ResponseDataPromise(step.then((data) => respond(data).withResponse()))
        : respond(step);
    },
  };
  const result = composer
    .change('changeA', requests, change, options)
    .catch((error: unknown) => error)
    .finally(() => {
      end = Date.now();
      timers = vi.getTimerCount();
    });
  await vi.advanceTimersByTimeAsync(130_000);
  return { result: await result, reads: sentReads, sent, milliseconds: end - start, timers };
}

describe('a change', () => {
  test('writes what it makes of what it reads', async () => {
    const { result, reads, sent, timers } = await change({});
    expect([result, reads.length, sent.length, timers]).toEqual(['written', 1, 1, 0]);
    expect(sent[0]).toEqual(['read!', expect.objectContaining({ headers: { 'If-Match': '"v1"' } })]);
  });

  test('hands its options and one signal to both requests', async () => {
    const { reads, sent } = await change({}, { headers: { traceparent: 'x' }, timeout: 5 });
    expect(reads[0]).toMatchObject({ headers: { traceparent: 'x' }, timeout: 5 });
    expect(sent[0]?.[1]).toMatchObject({ headers: { traceparent: 'x', 'If-Match': '"v1"' }, timeout: 5 });
    expect(reads[0]?.signal).toBeInstanceOf(AbortSignal);
    expect(sent[0]?.[1].signal).toBe(reads[0]?.signal);
  });

  test('of nothing writes nothing', async () => {
    const { result, sent } = await change({ change: () => undefined });
    expect([result, sent.length]).toEqual(['read', 0]);
  });

  test.each([undefined, 'W/"v1"', ''])('without a strong entity tag, %j, writes nothing', async (etag) => {
    const { result, sent } = await change({ etags: [etag] });
    expect(result).toBeInstanceOf(ProblemError);
    expect(result).toMatchObject({
      ...{ status: 200, requestId: 'r1', problem: undefined },
      message: '200: no strong ETag, so that a change is not safe [changeA]',
    });
    expect(sent).toEqual([]);
  });

  test('starts again when another has written', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    const { result, sent, milliseconds } = await change({
      etags: ['"v1"', '"v2"', '"v3"'],
      writes: [changed, changed, 'third'],
    });
    expect(result).toBe('third');
    expect(sent.map(([, { headers }]) => headers?.['If-Match'])).toEqual(['"v1"', '"v2"', '"v3"']);
    expect(milliseconds).toBe(50 + 100);
  });

  test('waits as long as the server asks', async () => {
    const { result, milliseconds } = await change({ writes: [problem(412, { 'Retry-After': '7' }), 'second'] });
    expect([result, milliseconds]).toEqual(['second', 7_000]);
  });

  test('gives up after ten attempts', async () => {
    const { result, sent } = await change({ writes: [changed] }, { totalTimeout: 120_000 });
    expect([result, sent.length]).toEqual([changed, 10]);
  });

  test.each([problem(404), problem(503), new Error('412'), Object.assign(new Error('x'), { status: 412 })])(
    'is not made again after %s',
    async (error) => {
      const { result, sent } = await change({ writes: [error] });
      expect([result, sent.length]).toEqual([error, 1]);
    },
  );

  test('ends with the error of its function', async () => {
    const error = problem(412);
    const { result, sent } = await change({ change: () => Promise.reject(error) });
    expect([result, sent.length]).toEqual([error, 0]);
  });

  test('ends with the error of a read', async () => {
    const error = problem(412);
    const { result, sent } = await change({ reads: () => respond<string>(error) });
    expect([result, sent.length]).toEqual([error, 0]);
  });
});

/** Returns a promise that the signal of a request rejects with its reason. */
const untilAborted = (signal: AbortSignal | undefined) =>
  new Promise<string>((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });

describe('the time of a change', () => {
  /** Makes a change whose server responds to nothing from a step on. */
  async function changeUntilEnd(stuck: 'read' | 'write' | 'change', options: RequestOptions) {
    let signals: AbortSignal | undefined;
    const wait = () => new ResponseDataPromise<string>(untilAborted(signals).then(() => respond('').withResponse()));
    const start = Date.now();
    const result = composer
      .change<string, string, string>(
        'changeA',
        {
          read({ signal }) {
            signals = signal;
            return stuck === 'read' ? wait() : respond<string>('read', '"v1"');
          },
          write: () => (stuck === 'write' ? wait() : respond<string>(changed)),
        },
        () => (stuck === 'change' ? untilAborted(signals) : 'x'),
        options,
      )
      .then(String, (error: unknown) => [error, Date.now() - start] as const);
    await vi.advanceTimersByTimeAsync(130_000);
    return (await result) as readonly [TimeoutError, number];
  }

  test.each([
    ['read', false],
    ['change', false],
    ['write', true],
  ] as const)('ends in a %s, and tells whether it may have written', async (stuck, mayHaveArrived) => {
    const [error, milliseconds] = await changeUntilEnd(stuck, { totalTimeout: 1_000 });
    expect(error).toBeInstanceOf(TimeoutError);
    expect(error).toMatchObject({ attempts: 1, mayHaveArrived });
    expect(error.message).toContain('within 1000 ms');
    expect(milliseconds).toBe(1_000);
  });

  test('ends in a delay, in which nothing is on its way', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { result, sent, milliseconds } = await change({ writes: [changed] }, { totalTimeout: 650 });
    expect(result).toBeInstanceOf(TimeoutError);
    expect(result).toMatchObject({ attempts: 3, mayHaveArrived: false });
    expect([sent.length, milliseconds]).toEqual([3, 650]);
  });

  test('leaves the error of a request as it is', async () => {
    const late = async (error: Error) => {
      await wait(500);
      throw error;
    };
    const lost = new ConnectionError({ attempts: 3, mayHaveArrived: true });
    for (const error of [lost, problem(500), new Error('own')]) {
      const { result } = await change({ writes: [late(error)] }, { totalTimeout: 100 });
      expect(result).toBe(error);
    }
  });

  test.each(['read', 'change', 'write'] as const)('ends in a %s when the caller aborts', async (stuck) => {
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 300);
    expect(await changeUntilEnd(stuck, { signal: controller.signal })).toEqual([reason, 300]);
  });
});

describe('a list of all items', () => {
  /** Lists the items of pages by their cursors. Returns them, and the error of the list. */
  async function listAll(pages: Record<string, { data: number[]; next_cursor?: string }>) {
    const [items, cursors]: [number[], unknown[]] = [[], []];
    const list = (cursor?: string) => {
      cursors.push(cursor);
      return respond(pages[cursor ?? ''] ?? { data: [] });
    };
    const error = await (async () => {
      for await (const item of composer.listAll('listAll', list)) items.push(item);
    })().catch((failure: unknown) => failure);
    return { items, cursors, error };
  }

  test('has those of every page', async () => {
    const pages = { '': { data: [1, 2], next_cursor: 'a' }, a: { data: [], next_cursor: 'b' }, b: { data: [3] } };
    expect(await listAll(pages)).toEqual({ items: [1, 2, 3], cursors: [undefined, 'a', 'b'], error: undefined });
  });

  test('ends at a cursor that was there before', async () => {
    const pages = {
      '': { data: [1], next_cursor: 'a' },
      a: { data: [2], next_cursor: 'b' },
      b: { data: [3], next_cursor: 'a' },
    };
    const { items, cursors, error } = await listAll(pages);
    expect([items, cursors]).toEqual([
      [1, 2, 3],
      [undefined, 'a', 'b'],
    ]);
    expect(error).toMatchObject({
      ...{ name: 'ProblemError', status: 200, requestId: 'r1' },
      message: '200: the server sent the same next_cursor again [listAll]',
    });
  });
});
