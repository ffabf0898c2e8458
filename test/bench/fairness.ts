import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { run, startProcess } from '../helpers/process.ts';
import { attackNames } from './attacks.ts';
import type { Bench, Section } from './section.ts';
import { median, percentile } from './statistics.ts';
import { serverCommand, useAllCores } from './target.ts';

const ready = /API +(http:\S+)\/v1\/oauth-apps/;
const measureMilliseconds = 4_000;
const [busyApps, metadataBytes] = [600, 8_000];

/** A server, and the token of an account. */
interface Account {
  readonly url: string;
  readonly token: string;
}

/** Sends a request of the victim every few milliseconds, and one to `/healthz`. */
async function watch({ url, token }: Account, id: string, pid: number, isOver: () => boolean) {
  const victim = createLoadClient(url, token, 2);
  const [gets, health]: [number[], number[]] = [[], []];
  let [rejected, rss] = [0, 0];
  while (!isOver()) {
    const sent = performance.now();
    const { status } = await victim.send(`GET /v1/oauth-apps/${id}`);
    gets.push(performance.now() - sent);
    if (status !== 200) rejected += 1;
    const asked = performance.now();
    await victim.send('GET /healthz');
    health.push(performance.now() - asked);
    const [, pages] = (await readFile(`/proc/${pid}/statm`, 'utf8')).split(' ');
    rss = Math.max(rss, (Number(pages) * 4_096) / 2 ** 20);
    await setTimeout(5);
  }
  victim.close();
  return {
    ...{ 'GET p50, ms': median(gets), 'GET p95, ms': percentile(gets, 0.95), rejected },
    ...{ 'healthz max, ms': Math.max(...health), 'RSS max, MB': rss },
  };
}

/** Measures the requests of one account on a database, alone and beside each attack of another account. */
async function measureDatabase(database: string, DATABASE_URL: string, { report }: Bench): Promise<object[]> {
  const env = {
    ...{ DATABASE_URL, SECRET_KEYS: makeKeyLine(new Date()) },
    API_TOKEN: 'YOUR_API_TOKEN',
    PORT: '0',
    LOG_LEVEL: 'error',
    MAX_APPS_PER_ACCOUNT: '1000000',
  };
  await using server = await startProcess(serverCommand, ready, { env });
  const url = server.match[1] ?? '';
  const create = ['node', 'server/bin.js', 'token', 'create', '--account', 'busy', '--scopes', 'read,write'];
  const token = (await run(create, { env })).stdout.trim().split('\n').at(-1) ?? '';
  const busy = createLoadClient(url, token);
  const body = { ...example('CreateOAuthApp'), metadata: { text: 'x'.repeat(metadataBytes) } };
  await Promise.all(Array.from({ length: busyApps }, () => busy.send('POST /v1/oauth-apps', { body })));
  busy.close();
  const victim = createLoadClient(url, env.API_TOKEN, 1);
  const { id } = JSON.parse((await victim.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') })).text);
  victim.close();
  const rows = [];
  for (const attack of attackNames) {
    const end = performance.now() + measureMilliseconds;
    const isOver = () => performance.now() > end;
    const attacked = run(['node', 'test/bench/attacks.ts', attack, url, token, String(measureMilliseconds)]);
    const figures = await watch({ url, token: env.API_TOKEN }, id, server.pid, isOver);
    await attacked;
    report(`fairness on ${database}: ${attack}`);
    rows.push({ database, attack, ...figures });
  }
  return rows;
}

/** The requests of one account alone, and beside each attack of another account, on both databases. On Linux. */
export const fairness: Section = async (bench) => {
  const embedded = await measureDatabase('SQLite', `sqlite:${join(bench.folder, 'fairness.db')}`, bench);
  await using postgres = await startPostgres();
  await useAllCores(await postgres.pid());
  return [...embedded, ...(await measureDatabase('PostgreSQL', `${postgres.url}/postgres`, bench))];
};
