/**
 * What a client adds to a call: whole calls over a connection that is kept, beside bare `fetch` and others.
 *
 *   node test/bench/client.ts
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import ky from 'ky';
import createClient from 'openapi-fetch';
import { createOAuthAppsClient } from '../../client/index.ts';
import type { paths } from '../../generated/types.ts';
import { example } from '../helpers/examples.ts';

/** How long a call takes with one client. */
export interface ClientRow {
  readonly name: string;
  /** The median of the rounds' medians, in microseconds per call. */
  readonly median: number;
  /** From the fastest round's median to the slowest one's, in microseconds. */
  readonly spread: number;
}

const rounds = 15;
const callsPerRound = 100;
const id = '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8';

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** One call with each client: get an OAuth app, as JSON. */
function listCalls(baseUrl: string): Record<string, () => Promise<unknown>> {
  const url = `${baseUrl}/v1/oauth-apps/${id}`;
  const headers = { Authorization: 'Bearer YOUR_API_TOKEN' };
  const raw = createClient<paths>({ baseUrl, headers });
  const client = createOAuthAppsClient({ baseUrl, token: 'YOUR_API_TOKEN' });
  const withKy = ky.create({ headers });
  const withAxios = axios.create({ headers, adapter: 'fetch' });
  return {
    fetch: async () => (await fetch(url, { headers })).json(),
    'openapi-fetch': () => raw.GET('/v1/oauth-apps/{id}', { params: { path: { id } } }),
    'this client': () => client.getOAuthApp(id),
    ky: () => withKy.get(url).json(),
    'axios (fetch)': () => withAxios.get(url),
    'axios (http)': () => axios.get(url, { headers }),
  };
}

/** The median of one round, in microseconds per call. */
async function measure(call: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < callsPerRound; count += 1) {
    const start = performance.now();
    await call();
    times.push((performance.now() - start) * 1000);
  }
  return middle(times);
}

/** Measures every client in turn, round after round, so that what else the machine does hits all of them alike. */
export async function benchClient(): Promise<ClientRow[]> {
  const body = JSON.stringify(example('OAuthApp'));
  const server = createServer((_req, res) => res.setHeader('Content-Type', 'application/json').end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const calls = Object.entries(listCalls(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const medians = new Map<string, number[]>(calls.map(([name]) => [name, []]));
  try {
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, call] of calls) {
        const median = await measure(call);
        if (round > 0) medians.get(name)?.push(median);
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return Array.from(medians, ([name, values]) => ({
    name,
    median: Math.round(middle(values)),
    spread: Math.round(Math.max(...values) - Math.min(...values)),
  }));
}

if (import.meta.main) console.table(await benchClient());
