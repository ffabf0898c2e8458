/**
 * Measures the overhead of a client: whole requests over a kept-alive connection, beside `fetch` and other clients.
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

/** The duration of a request with one client. */
export interface ClientRow {
  readonly name: string;
  /** Median of the rounds' medians, in microseconds per request. */
  readonly median: number;
  /** Difference between the slowest and the fastest round's median, in microseconds. */
  readonly spread: number;
}

const rounds = 15;
const requestsPerRound = 100;
const id = '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8';

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Lists the clients. Each function sends one request, which gets an OAuth app as JSON. */
function listClients(baseUrl: string): Record<string, () => Promise<unknown>> {
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

/** Returns the median of one round, in microseconds per request. */
async function measure(send: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let count = 0; count < requestsPerRound; count += 1) {
    const start = performance.now();
    await send();
    times.push((performance.now() - start) * 1000);
  }
  return median(times);
}

/** Measures every client once per round, so that other load on the machine affects all of them alike. */
export async function benchClient(): Promise<ClientRow[]> {
  const body = JSON.stringify(example('OAuthApp'));
  const server = createServer((_req, res) => res.setHeader('Content-Type', 'application/json').end(body));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const clients = Object.entries(listClients(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  const medians = new Map<string, number[]>(clients.map(([name]) => [name, []]));
  try {
    // The first round warms up.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, send] of clients) {
        const duration = await measure(send);
        if (round > 0) medians.get(name)?.push(duration);
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return Array.from(medians, ([name, values]) => ({
    name,
    median: Math.round(median(values)),
    spread: Math.round(Math.max(...values) - Math.min(...values)),
  }));
}

if (import.meta.main) console.table(await benchClient());
