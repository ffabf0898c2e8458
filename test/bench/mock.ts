import { startMock } from '../helpers/mock.ts';
import { measured } from './operations.ts';
import { measure } from './rounds.ts';
import type { Section } from './section.ts';
import { accounts, openClients } from './target.ts';

/** Measures the mock with the same requests. Its lists have one app, and it shares the cores with the client. */
export const mock: Section = async ({ rounds, report }) => {
  await using running = await startMock();
  const token = 'YOUR_API_TOKEN';
  const { url } = running;
  const tokens = Object.fromEntries(accounts.map((account) => [account, token]));
  const clients = openClients({ url, tokens });
  const target = {
    ...{ kind: 'mock', url, clients, appId: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8' },
    // The process of the mock does not report its usage.
    usage: async () => ({ cpuMicroseconds: Number.NaN, rss: Number.NaN, heapUsed: Number.NaN }),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.close();
    },
  };
  const requests = measured.map((request) => ({ ...request, amount: Math.round(request.amount / 5) }));
  const figures = await measure(['mock'], async () => target, { requests, rounds: Math.min(rounds, 3), report });
  return figures.map(({ request, server, perSecond, spread, p99Milliseconds }) => {
    return { request, server, perSecond, spread, p99Milliseconds };
  });
};
