// @databases postgres
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { createDatabase } from '../helpers/databases.ts';
import { soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { type PairedServer, startPairedServer } from './paired-servers.ts';
import { type Step, sequences } from './request-sequences.ts';

const seed = 20261122;
const runs = soak(40, 2_000);

/** Starts a server on each kind of database. `alterStore` changes the store on SQLite. */
async function startServers(alterStore: (store: Store) => Store = (store) => store) {
  const stack = new AsyncDisposableStack();
  const keyRing = loadKeyRing(makeKeyLine(new Date()), new Date());
  const database = stack.use(await createDatabase('sqlite'));
  const store = await openStore(database.url);
  stack.defer(() => store.close());
  const sqlite = stack.use(await startPairedServer({ keyRing, store: alterStore(store) }));
  const postgres = stack.use(await startPairedServer({ keyRing }));
  return { sqlite, postgres, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Sends a sequence of requests to both servers and expects equal responses. */
async function compare(
  { sqlite, postgres }: { sqlite: PairedServer; postgres: PairedServer },
  steps: Step[],
  statuses: Map<string, number>,
) {
  await Promise.all([sqlite.begin(), postgres.begin()]);
  for (const step of steps) {
    const [one, other] = await Promise.all([sqlite.send(step), postgres.send(step)]);
    const status = one.slice(1, 4);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    expect(one).toBe(other);
  }
}

test('both stores give equal responses to every sequence', { timeout: timeLimit(60_000 + runs * 1_000) }, async () => {
  await using servers = await startServers();
  const statuses = new Map<string, number>();
  const property = fc.asyncProperty(sequences, (steps) => compare(servers, steps, statuses));
  const { failed, numRuns, errorInstance } = await fc.check(property, { seed, numRuns: runs });
  const counts = [...statuses].sort().map(([status, count]) => `${count} × ${status}`);
  const requests = [...statuses.values()].reduce((total, count) => total + count, 0);
  console.log(
    `store parity: ${numRuns} sequences, ${requests} requests to each store (${counts.join(', ')}): ` +
      `${failed ? 'a difference' : '0 differences'}; seed ${seed}`,
  );
  if (failed) throw errorInstance;
  expect([...statuses.keys()].sort()).toEqual(expect.arrayContaining(['200', '304', '404', '409', '412', '422']));
  expect(statuses.get('500')).toBeUndefined();
  const audits = [await servers.sqlite.listAudit(), await servers.postgres.listAudit()];
  expect(audits[0]).toEqual(audits[1]);
});

test('the comparison detects a store with another order', async () => {
  await using servers = await startServers((store) => ({
    ...store,
    async listApps(accountId, options) {
      const page = await store.listApps(accountId, options);
      return { ...page, apps: page.apps.reverse() };
    },
  }));
  const property = fc.asyncProperty(sequences, (steps) => compare(servers, steps, new Map()));
  expect((await fc.check(property, { seed, numRuns: 50, endOnFailure: true })).failed).toBe(true);
});
