/** What a call costs with a thousand apps and with a million, in accounts of the same size: `node test/bench/growth.ts`. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openStore } from '../../server/store/open-store.ts';
import type { AuditEntry, Store } from '../../server/store/store.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { seededRandom } from '../helpers/random.ts';
import { type Amount, accountOf, fillDatabase, filterOf, idOf, tokenHashOf } from './growth-data.ts';

const seed = 20261122;
const appsEach = 200;
const pageSize = 100;

/** What one call costs, in microseconds: medians. */
export interface GrowthFigure {
  readonly store: string;
  readonly call: string;
  readonly small: number;
  readonly large: number;
  readonly ratio: number;
}

/** A filled database, and random places in it. */
interface Side extends Amount {
  readonly store: Store;
  readonly random: (below: number) => number;
}

const auditOf = (accountId: string): AuditEntry => ({
  ...{ at: '2026-01-02T00:00:00.000Z', accountId, tokenId: 'token', requestId: 'request' },
  ...{ operation: 'createOAuthApp', fields: ['name'] },
});

const anyAccount = (side: Side) => accountOf(side.random(side.apps), side);

/** The calls that are measured, each on an app or an account at random. */
const calls: Record<string, { times: number; run: (side: Side) => Promise<unknown> }> = {
  'find a token': { times: 4_000, run: (side) => side.store.findToken(tokenHashOf(anyAccount(side))) },
  'get an app': {
    times: 4_000,
    run(side) {
      const index = side.random(side.apps);
      return side.store.findApp(accountOf(index, side), idOf(index));
    },
  },
  [`page of ${pageSize}`]: {
    times: 1_500,
    run: (side) => side.store.listApps(anyAccount(side), { limit: pageSize }),
  },
  'metadata filter': {
    times: 1_500,
    run: (side) => side.store.listApps(anyAccount(side), { filter: { properties: filterOf(side.random(30)) } }),
  },
  'create an app': {
    times: 500,
    run(side) {
      const accountId = anyAccount(side);
      const [createdAt, id] = ['2026-01-02T00:00:00Z', randomUUID()];
      const app = {
        ...{ id, accountId, provider: 'stripe', name: 'New', clientId: 'client', sealedSecret: 'v1.k.iv.text.tag' },
        ...{ secretKeyId: 'k', metadata: '{}', createdAt, updatedAt: createdAt, version: 1 },
      };
      return side.store.createApp(app, { properties: filterOf(0), maxApps: 1e6, audit: auditOf(accountId) });
    },
  },
};

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) * 1_000;
}

const median = (values: number[]) => values.sort((one, other) => one - other)[values.length >> 1] ?? 0;

/** Measures a call on both sides by turns, so that whatever else the machine does befalls both. */
async function compare(name: string, small: Side, large: Side, share: number): Promise<[number, number]> {
  const { times, run } = calls[name] as (typeof calls)[string];
  const seen: [number[], number[]] = [[], []];
  for (let turn = 0; turn < times * share; turn += 1) {
    const order = turn % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const at of order) seen[at].push(await time(() => run(at === 0 ? small : large)));
  }
  // The first tenth warms up.
  const [one, other] = seen.map((values) => median(values.slice(values.length / 10)));
  return [one ?? 0, other ?? 0];
}

async function openSide(url: string, apps: number): Promise<Side> {
  const amount = { apps, appsEach };
  const start = performance.now();
  await fillDatabase(url, amount);
  console.log(`filled ${apps.toLocaleString('en')} apps in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  return { ...amount, store: await openStore(url), random: seededRandom(seed) };
}

async function measure(name: string, urls: readonly [string, string], { apps, share }: Size): Promise<GrowthFigure[]> {
  const small = await openSide(urls[0], smallApps);
  const large = await openSide(urls[1], apps);
  const figures: GrowthFigure[] = [];
  for (const call of Object.keys(calls)) {
    const [one, other] = await compare(call, small, large, share);
    figures.push({ store: name, call, small: one, large: other, ratio: other / one });
  }
  await small.store.close();
  await large.store.close();
  return figures;
}

const smallApps = 1_000;

interface Size {
  /** Apps in the large database. */
  readonly apps: number;
  /** How many of the calls are made. */
  readonly share: number;
}

async function onSqlite(size: Size): Promise<GrowthFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-growth-'));
  try {
    return await measure('SQLite', [`sqlite:${folder}/small.db`, `sqlite:${folder}/large.db`], size);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function onPostgres(size: Size): Promise<GrowthFigure[]> {
  await using server = await startPostgres();
  const client = new pg.Client({ connectionString: `${server.url}/postgres` });
  await client.connect();
  for (const name of ['small', 'large']) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return await measure('PostgreSQL', [`${server.url}/small`, `${server.url}/large`], size);
}

/** Compares a thousand apps with a million, or in the quick form with twenty thousand, on both kinds of database. */
export async function benchGrowth({ isQuick = false } = {}): Promise<GrowthFigure[]> {
  const size = isQuick ? { apps: 20_000, share: 0.1 } : { apps: 1_000_000, share: 1 };
  const figures = [...(await onSqlite(size)), ...(await onPostgres(size))];
  const head = `1,000 and ${size.apps.toLocaleString('en')} apps, ${appsEach} an account, by turns, seed ${seed}`;
  console.log(`\ngrowth: microseconds a call, medians; ${head}\n`);
  for (const { store, call, small, large, ratio } of figures) {
    const numbers = [small.toFixed(0), large.toFixed(0), ratio.toFixed(2)].map((text) => text.padStart(8));
    console.log(`  ${store.padEnd(10)}  ${call.padEnd(16)}${numbers.join('')}`);
  }
  return figures;
}

if (import.meta.main) await benchGrowth({ isQuick: process.argv.includes('--quick') });
