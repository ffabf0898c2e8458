import { join } from 'node:path';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { startProcess } from '../helpers/process.ts';
import type { Section } from './section.ts';
import { createApp, sendLoad } from './send-load.ts';
import { median } from './statistics.ts';
import { onAllCores, serverCommand } from './target.ts';

const token = 'YOUR_API_TOKEN';
const ready = /API +(http:\S+)\/v1\/oauth-apps/;
const [connections, milliseconds] = [32, 2_000];
const kinds = ['get', 'list', 'create'] as const;

/**
 * Requests a second of one process and of two on one port, which take turns. The HTTP client runs on the same cores, and
 * takes about as much of them as a server that has one request of each kind.
 */
export const workers: Section = async ({ folder, rounds, report }) => {
  const settings = { API_TOKEN: token, PORT: '0', LOG_LEVEL: 'error', MAX_APPS_PER_ACCOUNT: '100000000' };
  const start = (count: number) => {
    const database = {
      DATABASE_URL: `sqlite:${join(folder, `workers-${count}.db`)}`,
      SECRET_KEYS: makeKeyLine(new Date()),
    };
    return startProcess(onAllCores(serverCommand), ready, {
      env: { ...settings, ...database, WORKERS: String(count) },
    });
  };
  await using one = await start(1);
  await using two = await start(2);
  const servers = await Promise.all(
    [one, two].map(async ({ match: [, url = ''] }) => ({ url, token, id: await createApp(url, token) })),
  );
  const figures = kinds.map((kind) => ({
    kind,
    perSecond: servers.map((): number[] => []),
    p95: servers.map((): number[] => []),
  }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { kind, perSecond, p95 } of figures) {
      for (const [index, server] of servers.entries()) {
        const load = await sendLoad(kind, server, { connections, milliseconds });
        if (load.failed > 0) throw new Error(`${load.failed} requests failed`);
        perSecond[index]?.push(load.perSecond);
        p95[index]?.push(load.p95);
      }
    }
    report(`workers: round ${round} of ${rounds}`);
  }
  return figures.map(({ kind, perSecond, p95 }) => {
    const [single = 0, double = 0] = perSecond.map(median);
    const [singleP95, doubleP95] = p95.map(median);
    return {
      kind,
      '1 worker, per second': single,
      '2 workers': double,
      '2 ÷ 1': double / single,
      singleP95,
      doubleP95,
    };
  });
};
