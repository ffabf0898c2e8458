// @first
import { describe, expect, inject, it } from 'vitest';
import { createSuite, renderText } from '../conformance/index.ts';
import { directFetch } from '../helpers/in-process.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const seeds = [1, 2_147_483_647].slice(0, soak(1, 2));
/** The limit of the processor time of client and server together, in the long form. */
const maxCpuSeconds = 30;

/** Runs the whole suite strictly on the real server. Returns the result, the times, and the number of rows left. */
async function verify(seed: number) {
  await using server = await startServer({ maxAppsPerAccount: 100_000, hasWriterThread: true });
  const otherToken = await server.createToken({ accountId: 'another' });
  const [start, before] = [performance.now(), process.cpuUsage()];
  // HTTP is the same on every database, and takes more time than the server.
  const isOverHttp = isSoak || inject('store') === 'sqlite';
  const fetch = isOverHttp ? undefined : directFetch(server);
  const suite = createSuite({ baseUrl: server.url, token: server.token, otherToken, isStrict: true, seed, fetch });
  const result = await suite.run();
  const { apps } = await server.store.listApps('default');
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1_000_000;
  return { result, seconds: (performance.now() - start) / 1_000, cpuSeconds, rows: apps.length };
}

describe(`the conformance suite on the server with ${inject('store')}`, () => {
  it.each(seeds)('has no findings with seed %i', async (seed) => {
    const { result, seconds, cpuSeconds, rows } = await verify(seed);
    const { results, requests, findings, coverage, coveredShare, leftBehind } = result;
    const time = `${results.length} cases, ${requests} requests, ${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of processor time`;
    console.log(
      `${inject('store')}, seed ${seed}: ${time}, ${findings.length} findings, coverage ${coveredShare * 100} %`,
    );
    expect(findings, renderText(result)).toEqual([]);
    expect(coverage.filter(({ isCovered, reason }) => !isCovered && reason === undefined)).toEqual([]);
    // The report of a right server fits on one screen.
    const lines = renderText(result).split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
    expect({ leftBehind, rows }).toEqual({ leftBehind: [], rows: 0 });
    if (isSoak) expect(cpuSeconds).toBeLessThan(maxCpuSeconds);
  });
});
