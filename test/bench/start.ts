import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startProcess } from '../helpers/process.ts';
import type { Section } from './section.ts';
import { median, summarise } from './statistics.ts';
import { onServerCore, serverCommand } from './target.ts';

const token = 'a-token-for-the-benchmark';
const laterRequests = 200;
const healthChecks = 20;

async function timeRequest(url: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  await response.text();
  if (!response.ok) throw new Error(`answered with ${response.status}`);
  return performance.now() - start;
}

async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}

/** How `npm start` does without the docs page: until it is ready, the first request, those after it, and memory. */
export const start: Section = async ({ folder, rounds, say }) => {
  const runs: Record<'ready' | 'first' | 'later' | 'ratio' | 'rss', number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const env = {
      PORT: '0',
      API_TOKEN: token,
      LOG_LEVEL: 'info',
      DATABASE_URL: `sqlite:${join(folder, `${round}.db`)}`,
    };
    // Like the first time: without what earlier starts compiled.
    const options = { env: { ...env, NODE_COMPILE_CACHE: '' } };
    await using server = await startProcess(onServerCore(serverCommand), /API +(http:\S+)/, options);
    const url = server.match[1] ?? '';
    // The client's own first requests are slow too; they go where a supervisor asks, and no operation is behind it.
    for (let index = 0; index < healthChecks; index += 1) await (await fetch(new URL('/healthz', url))).text();
    const first = await timeRequest(url);
    const later = [];
    for (let index = 0; index < laterRequests; index += 1) later.push(await timeRequest(url));
    const rss = await residentMegabytes(server.pid);
    runs.push({ ready: server.readyMilliseconds, first, later: median(later), ratio: first / median(later), rss });
    say(`start ${round + 1}`);
  }
  const row = (figure: string, of: (run: (typeof runs)[number]) => number) => ({ figure, ...summarise(runs.map(of)) });
  return [
    row('start to ready, ms', ({ ready }) => ready),
    row('first request, ms', ({ first }) => first),
    row('later requests, ms', ({ later }) => later),
    row('first ÷ later', ({ ratio }) => ratio),
    row('RSS, MB', ({ rss }) => rss),
  ];
};
