import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { run, startProcess } from '../helpers/process.ts';
import type { Section } from './section.ts';
import { median, percentile } from './statistics.ts';
import { serverCommand } from './target.ts';

const ready = /API +(http:\S+)\/v1\/oauth-apps/;
const measureMilliseconds = 4_000;
const [busyApps, metadataBytes] = [600, 8_000];

/** The state of a server process under attack. */
interface Attacked {
  readonly url: string;
  readonly token: string;
}

/** Writes requests to a connection, whose responses it reads slowly or not at all, until `isOver`. */
async function pipeline({ url }: Attacked, request: string, times: number, isOver: () => boolean): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(request.repeat(times));
  socket.pause();
  while (!isOver()) await setTimeout(100);
  socket.destroy();
}

const listRequest = (token: string) =>
  `GET /v1/oauth-apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;

/** The attacks by name, each of one caller. */
const attacks: Readonly<Record<string, (target: Attacked, isOver: () => boolean) => Promise<unknown>>> = {
  none: async () => {},
  async 'full lists, 4 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 4);
    const work = async () => {
      while (!isOver()) await client.send('GET /v1/oauth-apps');
    };
    await Promise.all(Array.from({ length: 4 }, work));
    client.close();
  },
  '120 pipelined lists, read slowly': (target, isOver) => pipeline(target, listRequest(target.token), 120, isOver),
  async '150 pipelined lists, client gone'(target, isOver) {
    while (!isOver()) {
      const left = performance.now() + 50;
      await pipeline(target, listRequest(target.token), 150, () => performance.now() > left);
    }
  },
  async '10 × 1,600 pipelined pages'(target, isOver) {
    const request = 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n';
    await Promise.all(Array.from({ length: 10 }, () => pipeline(target, request, 1_600, isOver)));
  },
  async '40 creates at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 40);
    const work = async () => {
      while (!isOver()) await client.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
    };
    await Promise.all(Array.from({ length: 40 }, work));
    client.close();
  },
  async 'wide filters, 8 at a time'({ url, token }, isOver) {
    const client = createLoadClient(url, token, 8);
    const filter = Object.fromEntries(Array.from({ length: 32 }, (_, index) => [`property ${index}`, index]));
    const metadata = encodeURIComponent(JSON.stringify(filter));
    const work = async () => {
      while (!isOver()) await client.send(`GET /v1/oauth-apps?limit=1&metadata=${metadata}`);
    };
    await Promise.all(Array.from({ length: 8 }, work));
    client.close();
  },
};

/** Sends a request of the victim every few milliseconds, and one to `/healthz`. */
async function watch({ url, token }: Attacked, id: string, pid: number, isOver: () => boolean) {
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

/** The requests of one account alone, and beside each attack of another account. On Linux. */
export const fairness: Section = async ({ folder, report }) => {
  const settings = { DATABASE_URL: `sqlite:${join(folder, 'fairness.db')}`, SECRET_KEYS: makeKeyLine(new Date()) };
  const env = {
    ...settings,
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
  for (const [attack, start] of Object.entries(attacks)) {
    const end = performance.now() + measureMilliseconds;
    const isOver = () => performance.now() > end;
    const attacked = start({ url, token }, isOver);
    const figures = await watch({ url, token: env.API_TOKEN }, id, server.pid, isOver);
    await attacked;
    report(`fairness: ${attack}`);
    rows.push({ attack, ...figures });
  }
  return rows;
};
