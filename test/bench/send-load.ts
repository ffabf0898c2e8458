/**
 * Sends one kind of request over some connections, in a process of its own, so that reads beside writes do not wait for
 * the client of the writes: `node test/bench/send-load.ts <kind> <url> <token> <id> <connections> <milliseconds> <pause>`.
 */
import { setTimeout } from 'node:timers/promises';
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { run } from '../helpers/process.ts';
import { median, percentile } from './statistics.ts';
import { onAllCores } from './target.ts';

type LoadKind = 'get' | 'list' | 'create' | 'update' | 'delete';

/** The server that gets the requests, with a token and the id of an app of its account. */
interface Loaded {
  readonly url: string;
  readonly token: string;
  readonly id: string;
}

/** The options of a load. */
interface LoadOptions {
  readonly connections: number;
  readonly milliseconds: number;
  /** The pause of a connection between two requests, in milliseconds. @default 0 */
  readonly pause?: number;
}

/** The measurements of a load. */
export interface Load {
  readonly perSecond: number;
  /** The number of responses with another status than 200. */
  readonly failed: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** The apps to create before they are deleted. */
const deletable = 12_000;

/** Sends requests from a process of its own, on any core. */
export async function sendLoad(kind: LoadKind, { url, token, id }: Loaded, options: LoadOptions): Promise<Load> {
  const { connections, milliseconds, pause = 0 } = options;
  const words = [kind, url, token, id, connections, milliseconds, pause].map(String);
  const { stdout } = await run(onAllCores(['node', 'test/bench/send-load.ts', ...words]));
  return JSON.parse(stdout);
}

/** Creates an app. Returns its id. */
export async function createApp(url: string, token: string): Promise<string> {
  const client = createLoadClient(url, token, 1);
  const { text } = await client.send('POST /v1/oauth-apps', { body: example('CreateOAuthApp') });
  client.close();
  return JSON.parse(text).id;
}

async function measure(kind: LoadKind, { url, token, id }: Loaded, options: Required<LoadOptions>): Promise<Load> {
  const { connections, milliseconds, pause } = options;
  const client = createLoadClient(url, token, connections);
  const body = example('CreateOAuthApp');
  const create = async () => JSON.parse((await client.send('POST /v1/oauth-apps', { body })).text).id as string;
  const ids = kind === 'delete' ? await Promise.all(Array.from({ length: deletable }, create)) : [];
  const send = {
    get: () => client.send(`GET /v1/oauth-apps/${id}`),
    list: () => client.send('GET /v1/oauth-apps?limit=20'),
    create: () => client.send('POST /v1/oauth-apps', { body }),
    update: () => client.send(`PATCH /v1/oauth-apps/${id}`, { body: { name: 'New' } }),
    delete: () => client.send(`DELETE /v1/oauth-apps/${ids.pop()}`),
  }[kind];
  const latencies: number[] = [];
  let failed = 0;
  const start = performance.now();
  const work = async () => {
    while (performance.now() - start < milliseconds && !(kind === 'delete' && ids.length === 0)) {
      const sent = performance.now();
      const { status } = await send();
      latencies.push(performance.now() - sent);
      if (status !== 200) failed += 1;
      if (pause > 0) await setTimeout(pause);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  const perSecond = (latencies.length / (performance.now() - start)) * 1_000;
  client.close();
  const [p95, p99] = [percentile(latencies, 0.95), percentile(latencies, 0.99)];
  return { perSecond, failed, p50: median(latencies), p95, p99 };
}

if (import.meta.main) {
  const [kind, url = '', token = '', id = '', ...numbers] = process.argv.slice(2);
  const [connections = 1, milliseconds = 0, pause = 0] = numbers.map(Number);
  const load = await measure(kind as LoadKind, { url, token, id }, { connections, milliseconds, pause });
  console.log(JSON.stringify(load));
}
