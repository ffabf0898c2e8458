// @databases none
import { describe, expect, test } from 'vitest';
import type { OAuthApp } from '../../generated/types.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { rejectField } from '../../server/problem.ts';
import { readCursor } from '../../server/resource/cursor.ts';
import { pages } from '../../server/resource/pages.ts';

const now = new Date();
const keyRing = loadKeyRing(makeKeyLine(now), now);
const [operation, epoch] = ['listOAuthApps', 'epoch-1'] as const;

interface Options {
  readonly after?: number;
  readonly limit?: number;
  readonly mark?: string;
}

/** Makes the pages of a list of so many records, whose positions count from 1. Notes the reads of the store. */
function pagesOf(count: number) {
  const reads: (Options & { readonly accountId: string })[] = [];
  const list = pages<number, OAuthApp, Options>({
    ...{ keyRing, epoch, operation },
    async list(accountId: string, options: Options) {
      reads.push({ accountId, ...options });
      const [after, limit] = [options.after ?? 0, options.limit ?? 0];
      const records = Array.from({ length: Math.min(limit, count - after) }, (_, index) => after + index + 1);
      return { records, ...(after + records.length < count && { next: after + records.length }) };
    },
    show: (position) => ({ id: `app-${position}` }) as OAuthApp,
  });
  return { list, reads };
}

interface Slice {
  readonly data: readonly unknown[];
  readonly next_cursor?: string;
}

/** Returns the slices. */
async function collect(slices: AsyncIterable<Slice>): Promise<Slice[]> {
  const all: Slice[] = [];
  for await (const slice of slices) all.push(slice);
  return all;
}

/** Returns the sizes of slices, and the positions of their cursors. */
async function sizesOf(slices: AsyncIterable<Slice>) {
  return (await collect(slices)).map(({ data, ...rest }) => {
    const { next_cursor: cursor } = rest;
    const position =
      cursor === undefined ? cursor : readCursor(keyRing, { operation, accountId: 'acme', epoch }, cursor);
    return [data.length, ...('next_cursor' in rest ? [position] : [])];
  });
}

describe('a list is read in slices of fifty', () => {
  test.each([
    [0, 100, [[0]]],
    [50, 100, [[50]]],
    [51, 100, [[50], [1]]],
    [120, 100, [[50], [50, 100]]],
    [100, 100, [[50], [50]]],
    [120, 30, [[30, 30]]],
    [120, 50, [[50, 50]]],
    [120, 70, [[50], [20, 70]]],
    [120, undefined, [[50], [50], [20]]],
  ])('%d records, limit %s', async (count, limit, sizes) => {
    expect(await sizesOf(pagesOf(count).list.slices('acme', { limit }))).toEqual(sizes);
  });

  test('with the options of the request', async () => {
    const { list, reads } = pagesOf(120);
    expect(await sizesOf(list.slices('acme', { after: 5, limit: 60, mark: 'm' }))).toEqual([[50], [10, 65]]);
    expect(reads).toEqual([
      { accountId: 'acme', after: 5, limit: 50, mark: 'm' },
      { accountId: 'acme', after: 55, limit: 10, mark: 'm' },
    ]);
  });

  test('whose records are shown', async () => {
    for await (const { data } of pagesOf(2).list.slices('acme', { limit: 2 }))
      expect(data).toEqual([{ id: 'app-1' }, { id: 'app-2' }]);
  });
});

describe('a page that is read at once is cut', () => {
  test.each([
    [0, undefined, [[0]]],
    [50, 50, [[50, 50]]],
    [51, 51, [[50], [1, 51]]],
    [100, 100, [[50], [50, 100]]],
    [100, undefined, [[50], [50]]],
  ])('%d records, next %s', async (count, next, sizes) => {
    const records = Array.from({ length: count }, () => ({}) as OAuthApp);
    expect(await sizesOf(pagesOf(0).list.cut('acme', { records, next }))).toEqual(sizes);
  });

  test('in its order', async () => {
    const records = Array.from({ length: 51 }, (_, index) => ({ id: String(index) }) as OAuthApp);
    const slices = await collect(pagesOf(0).list.cut('acme', { records }));
    expect(slices.flatMap(({ data }) => data)).toEqual(records);
  });
});

test('other requests run between slices', async () => {
  for (const make of [
    () => pagesOf(120).list.slices('acme', { limit: 120 }),
    () => pagesOf(0).list.cut('acme', { records: Array.from({ length: 120 }, () => ({}) as OAuthApp) }),
  ]) {
    const order: string[] = [];
    setImmediate(() => order.push('other'));
    for await (const { data } of make()) order.push(`slice of ${data.length}`);
    expect(order).toEqual(['slice of 50', 'other', 'slice of 50', 'slice of 20']);
  }
});

describe('the position of a page', () => {
  const { list } = pagesOf(120);

  test('is that of the cursor of an earlier page', async () => {
    const [slice] = await collect(list.slices('acme', { limit: 7 }));
    expect(list.read('acme', slice?.next_cursor)).toBe(7);
    expect([list.read('acme', undefined), list.read('acme', 'start')]).toEqual([0, 0]);
  });

  test('is not read from another cursor', async () => {
    const [slice] = await collect(list.slices('other', { limit: 7 }));
    const rejection = rejectField('cursor', 'must be the next_cursor of an earlier page');
    for (const cursor of [slice?.next_cursor, 'x', '']) expect(list.read('acme', cursor)).toEqual(rejection);
  });
});
