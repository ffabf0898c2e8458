// @databases postgres
import fc from 'fast-check';
import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { withDeadline } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import { StoreUnavailable } from '../../server/store/store.ts';
import { connectDatabase, createDatabase, createStoreDatabase } from '../helpers/databases.ts';
import { poolers, startPooler } from '../helpers/pooler.ts';
import { soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { startPairedServer } from './paired-servers.ts';
import { sequences } from './request-sequences.ts';

const seed = 20261127;
const runs = soak(20, 2_000);
const rounds = soak(30, 300);
const audit = { at: '', accountId: 'acme', tokenId: 't1', requestId: 'r1', operation: 'deleteOAuthApp', fields: [] };
const token = { id: 't1', accountId: 'acme', hash: 'h1', scopes: ['read'], createdAt: '2026-01-01T00:00:00Z' };

describe.each(poolers)('behind %s in transaction mode', (kind) => {
  test('stores migrate in parallel and send no names of statements', async () => {
    await using database = await createDatabase('postgres');
    await using pooler = await startPooler(kind, database.url);
    const stores = await Promise.all(Array.from({ length: 3 }, () => openStore(pooler.url)));
    expect(stores.map(({ notices }) => notices)).toEqual(
      Array(3).fill([expect.stringMatching(/pooler .* no prepared/)]),
    );
    await Promise.all(stores.map((store) => store.close()));
    const locks = await database.rows(sql`
      SELECT pid FROM pg_locks JOIN pg_database ON oid = database AND datname = current_database() WHERE locktype = 'advisory'`);
    expect(locks).toEqual([]);
  });

  test('two servers respond as one on SQLite does', { timeout: timeLimit(60_000 + runs * 1_000) }, async () => {
    await using stack = new AsyncDisposableStack();
    const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
    const database = stack.use(await createStoreDatabase());
    const pooler = stack.use(await startPooler(kind, database.url));
    const stores = [await openStore(pooler.url), await openStore(pooler.url)] as const;
    for (const store of stores) stack.defer(() => store.close());
    const embedded = await openStore('sqlite::memory:');
    stack.defer(() => embedded.close());
    let turn = 0;
    // Each call goes to the other one of two stores.
    const alternating = Object.fromEntries(
      Object.keys(stores[0]).map((name) => {
        const method = name as keyof (typeof stores)[0];
        const call = (...args: unknown[]) => {
          turn += 1;
          return (stores[turn % 2 === 0 ? 0 : 1][method] as (...args: unknown[]) => unknown)(...args);
        };
        return [name, typeof stores[0][method] === 'function' ? call : stores[0][method]];
      }),
    ) as object as (typeof stores)[0];
    const pooled = stack.use(await startPairedServer({ keyRing, store: alternating }));
    const plain = stack.use(await startPairedServer({ keyRing, store: embedded }));
    const property = fc.asyncProperty(sequences, async (steps) => {
      await Promise.all([pooled.begin(), plain.begin()]);
      for (const step of steps) expect(await pooled.send(step)).toBe(await plain.send(step));
    });
    const { failed, numRuns, errorInstance } = await fc.check(property, { seed, numRuns: runs });
    console.log(`pooler: ${numRuns} sequences behind ${pooler.name}: ${failed ? 'a difference' : '0 differences'}`);
    if (failed) throw errorInstance;
  });

  test('parallel transactions keep to themselves', async () => {
    await using database = await createStoreDatabase();
    await using pooler = await startPooler(kind, database.url, 2);
    const store = await openStore(pooler.url);
    const add = (index: number) => store.addToken({ ...token, id: `t${index}`, hash: `h${index}` });
    await Promise.all(Array.from({ length: rounds }, (_, index) => add(index)));
    const found = await Promise.all(Array.from({ length: rounds }, (_, index) => store.findToken(`h${index}`)));
    expect(found.map((one) => one?.id)).toEqual(Array.from({ length: rounds }, (_, index) => `t${index}`));
    expect(pooler.moves()).toBeGreaterThan(rounds);
    await store.close();
  });

  test('a statement that hangs is cancelled in the database', async () => {
    await using database = await createStoreDatabase();
    await using pooler = await startPooler(kind, database.url);
    const store = await openStore(pooler.url);
    await store.addToken(token);
    await using holder = connectDatabase(database.url);
    await holder.rows(sql`BEGIN`);
    await holder.rows(sql`LOCK TABLE oauth_apps, api_tokens IN ACCESS EXCLUSIVE MODE`);
    const start = performance.now();
    const calls: (() => Promise<unknown>)[] = [
      () => store.deleteApp('acme', 'x', { audit }),
      () => store.findToken('h1'),
      () => store.addToken(token),
    ];
    const ends = await Promise.allSettled(calls.map((call) => withDeadline(1_000, call)));
    console.log(
      `pooler: hung statements behind ${pooler.name} ended after ${Math.round(performance.now() - start)} ms`,
    );
    expect(ends.map((end) => end.status === 'rejected' && end.reason instanceof StoreUnavailable)).toEqual([
      true,
      true,
      true,
    ]);
    // The sessions of the pooler run nothing any more, while the lock is still held.
    const running = sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(() => holder.rows(running), { timeout: timeLimit(10_000) }).toEqual([]);
    await holder.rows(sql`ROLLBACK`);
    expect(await store.findToken('h1')).toMatchObject({ id: 't1' });
    await store.close();
  });
});

test('a connection without a pooler prepares its statements once', async () => {
  const store = await openStore(`${inject('postgresUrl')}/postgres`);
  expect(store.notices).toEqual([]);
  await store.close();
});
