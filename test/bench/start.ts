import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess } from '../helpers/process.ts';
import type { Section } from './section.ts';
import { median, summarise } from './statistics.ts';
import { onServerCore, serverCommand } from './target.ts';

const token = 'YOUR_API_TOKEN';
const laterRequests = 200;
const healthChecks = 20;

async function timeRequest(url: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  await response.text();
  if (!response.ok) throw new Error(`${url} got ${response.status}`);
  return performance.now() - start;
}

async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

type Figure = 'ready' | 'first' | 'later' | 'ratio' | 'rss';

/** Measures one start of the server and its first requests. */
async function measureStart(env: Readonly<Record<string, string>>): Promise<Record<Figure, number>> {
  await using server = await startProcess(onServerCore(serverCommand), /API +(http:\S+)/, { env });
  const url = server.match[1] ?? '';
  // The first requests of the client are slow too. They go to a health check, which is no operation.
  for (let index = 0; index < healthChecks; index += 1) await (await fetch(new URL('/healthz', url))).text();
  const first = await timeRequest(url);
  const times = [];
  for (let index = 0; index < laterRequests; index += 1) times.push(await timeRequest(url));
  const later = median(times);
  const rss = await residentMegabytes(server.pid);
  return { ready: server.readyMilliseconds, first, later, ratio: first / later, rss };
}

/** Measures `npm start` without the docs page: the time until it is ready, the first request, later ones, and memory. */
export const start: Section = async ({ folder, rounds, report }) => {
  const runs: Record<'first' | 'later', Record<Figure, number>[]> = { first: [], later: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['first', 'later'] as const) {
      const env = {
        ...{ PORT: '0', API_TOKEN: token, LOG_LEVEL: 'info' },
        DATABASE_URL: `sqlite:${join(folder, `${kind}-${round}.db`)}`,
        // Only a later start has the compile cache.
        ...(kind === 'first' && { NODE_DISABLE_COMPILE_CACHE: '1' }),
      };
      runs[kind].push(await measureStart(env));
    }
    report(`start ${round + 1}`);
  }
  const makeRows = (kind: keyof typeof runs) => {
    const row = (figure: string, name: Figure) => ({
      ...{ start: kind, figure },
      ...summarise(runs[kind].map((run) => run[name])),
    });
    return [
      row('start to ready, ms', 'ready'),
      row('first request, ms', 'first'),
      row('later requests, ms', 'later'),
      row('first ÷ later', 'ratio'),
      row('RSS, MB', 'rss'),
    ];
  };
  return [...makeRows('first'), ...makeRows('later')];
};
