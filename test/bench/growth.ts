/** Measures calls with a thousand apps and with a million, in accounts of the same size: `node test/bench/growth.ts`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { startProcess } from '../helpers/process.ts';
import { seededRandom } from '../helpers/random.ts';
import { type Call, requests, type Side, storeCalls } from './growth-calls.ts';
import { fillDatabase } from './growth-data.ts';

const seed = 20261122;
const appsEach = 200;
const smallApps = 1_000;

/** The duration of a call with few apps and with many: medians, in microseconds. */
export interface GrowthFigure {
  readonly database: string;
  /** Whether the store is called directly or over HTTP. */
  readonly of: 'store' | 'HTTP';
  readonly call: string;
  readonly small: number;
  readonly large: number;
  readonly ratio: number;
}

interface Size {
  /** Apps in the large database. */
  readonly apps: number;
  /** The fraction of the calls that are made. */
  readonly share: number;
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) * 1_000;
}

const median = (values: number[]) => values.sort((one, other) => one - other)[values.length >> 1] ?? 0;

/** Measures a call on both sides by turns, so that other load on the machine affects both alike. */
async function compare({ times, run }: Call, sides: readonly [Side, Side], share: number): Promise<[number, number]> {
  const durations: [number[], number[]] = [[], []];
  for (let index = 0; index < times * share; index += 1) {
    const order = index % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const at of order) durations[at].push(await time(() => run(sides[at])));
  }
  // The first tenth warms up.
  const [small, large] = durations.map((values) => median(values.slice(values.length / 10)));
  return [small ?? 0, large ?? 0];
}

async function openSide(url: string, apps: number, stack: AsyncDisposableStack): Promise<Side> {
  const amount = { apps, appsEach };
  const filling = await time(() => fillDatabase(url, amount));
  console.log(`filled ${apps.toLocaleString('en')} apps in ${(filling / 1e6).toFixed(1)} s`);
  const env = { DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'warn', SECRET_KEYS: makeKeyLine(new Date()) };
  const ready = /API +(http:\S+)\/v1\/oauth-apps/;
  const server = stack.use(await startProcess(['node', 'server/start.js'], ready, { env }));
  const store = await openStore(url);
  stack.defer(() => store.close());
  const client = createHttpClient(server.match[1] ?? '', '');
  stack.defer(() => client.close());
  return { ...amount, store, client, random: seededRandom(seed) };
}

async function measure(database: string, urls: readonly [string, string], size: Size): Promise<GrowthFigure[]> {
  await using stack = new AsyncDisposableStack();
  const sides = [await openSide(urls[0], smallApps, stack), await openSide(urls[1], size.apps, stack)] as const;
  const figures: GrowthFigure[] = [];
  const all = [
    ...requests.map((call) => ['HTTP', call] as const),
    ...storeCalls.map((call) => ['store', call] as const),
  ];
  for (const [of, call] of all) {
    const [small, large] = await compare(call, sides, size.share);
    figures.push({ database, of, call: call.name, small, large, ratio: large / small });
  }
  return figures;
}

async function measureSqlite(size: Size): Promise<GrowthFigure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-growth-'));
  try {
    return await measure('SQLite', [`sqlite:${folder}/small.db`, `sqlite:${folder}/large.db`], size);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measurePostgres(size: Size): Promise<GrowthFigure[]> {
  await using server = await startPostgres();
  const client = new pg.Client({ connectionString: `${server.url}/postgres` });
  await client.connect();
  for (const name of ['small', 'large']) await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  return await measure('PostgreSQL', [`${server.url}/small`, `${server.url}/large`], size);
}

function print(figures: readonly GrowthFigure[], { apps }: Size): void {
  const head = `${smallApps.toLocaleString('en')} and ${apps.toLocaleString('en')} apps, ${appsEach} per account`;
  console.log(`\ngrowth: ${head}; µs per call, medians of alternating calls, seed ${seed}\n`);
  for (const { database, of, call, small, large, ratio } of figures) {
    const numbers = [small.toFixed(0), large.toFixed(0), ratio.toFixed(2)].map((text) => text.padStart(8));
    console.log(`  ${database.padEnd(10)}  ${of.padEnd(5)}  ${call.padEnd(15)}${numbers.join('')}`);
  }
}

/** Compares a thousand apps with a million, or with twenty thousand if `isQuick`, on both kinds of database. */
export async function benchGrowth({ isQuick = false } = {}): Promise<GrowthFigure[]> {
  const size = isQuick ? { apps: 20_000, share: 0.1 } : { apps: 1_000_000, share: 1 };
  const figures: GrowthFigure[] = [];
  for (const measureOn of [measureSqlite, measurePostgres]) {
    const measured = await measureOn(size);
    print(measured, size);
    figures.push(...measured);
  }
  return figures;
}

if (import.meta.main) await benchGrowth({ isQuick: process.argv.includes('--quick') });
