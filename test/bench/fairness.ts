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
import { createApp } from './send-load.ts';
import { median, percentile } from './statistics.ts';
import { onAllCores, serverCommand } from './target.ts';

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

/** Measures the requests of one account alone, and beside each attack of another account. */
async function measure(database: string, url: string, report: Bench['report']): Promise<object[]> {
  const env = {
    ...{ DATABASE_URL: url, SECRET_KEYS: makeKeyLine(new Date()) },
    API_TOKEN: 'YOUR_API_TOKEN',
    PORT: '0',
    LOG_LEVEL: 'error',
    MAX_APPS_PER_ACCOUNT: '1000000',
  };
  await using server = await startProcess(onAllCores(serverCommand), ready, { env });
  const api = server.match[1] ?? '';
  const create = ['node', 'server/bin.js', 'token', 'create', '--account', 'busy', '--scopes', 'read,write,reveal'];
  const token = (await run(create, { env })).stdout.trim().split('\n').at(-1) ?? '';
  const busy = createLoadClient(api, token);
  const body = { ...example('CreateOAuthApp'), metadata: { text: 'x'.repeat(metadataBytes) } };
  await Promise.all(Array.from({ length: busyApps }, () => busy.send('POST /v1/oauth-apps', { body })));
  busy.close();
  const id = await createApp(api, env.API_TOKEN);
  const rows = [];
  for (const attack of attackNames) {
    const end = performance.now() + measureMilliseconds;
    const isOver = () => performance.now() > end;
    const attacked = run(
      onAllCores(['node', 'test/bench/attacks.ts', attack, api, token, String(measureMilliseconds)]),
    );
    const figures = await watch({ url: api, token: env.API_TOKEN }, id, server.pid, isOver);
    await attacked;
    report(`fairness, ${database}: ${attack}`);
    rows.push({ database, attack, ...figures });
  }
  return rows;
}

/** The requests of one account alone and under attack, on SQLite and PostgreSQL. On Linux. */
export const fairness: Section = async ({ folder, report }) => {
  await using postgres = await startPostgres();
  return [
    ...(await measure('SQLite', `sqlite:${join(folder, 'fairness.db')}`, report)),
    ...(await measure('PostgreSQL', `${postgres.url}/postgres`, report)),
  ];
};
