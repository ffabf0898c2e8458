import { describe, expect, it } from 'vitest';
import { createSuite, renderText } from '../conformance/index.ts';
import { startServer } from '../helpers/server.ts';
import { stores } from '../helpers/stores.ts';

const seeds = [1, 2_147_483_647];
const longestSeconds = 30;

/** Runs the whole suite, strictly, on the real server and its store. */
async function verify(seed: number, store: Parameters<typeof startServer>[0]) {
  await using server = await startServer({ ...store, maxAppsPerAccount: 100_000 });
  const otherToken = await server.createToken({ accountId: 'another' });
  const start = performance.now();
  const suite = createSuite({ baseUrl: server.url, token: server.token, otherToken, isStrict: true, seed });
  const result = await suite.run();
  const { apps } = await server.store.listApps('default');
  return { result, seconds: (performance.now() - start) / 1_000, rows: apps.length };
}

describe.each(stores)('conformance of the server on $name', ({ name, open }) => {
  it.each(seeds)('breaks nothing of the contract with seed %i', async (seed) => {
    await using opened = await open();
    const { result, seconds, rows } = await verify(seed, { store: opened.store });
    const { results, requests, findings, coverage, coveredShare, leftBehind } = result;
    const time = `${results.length} cases, ${requests} requests, ${seconds.toFixed(1)} s`;
    console.log(`${name}, seed ${seed}: ${time}, ${findings.length} findings, coverage ${coveredShare * 100} %`);
    expect(findings, renderText(result)).toEqual([]);
    expect(coverage.filter(({ isCovered, reason }) => !isCovered && reason === undefined)).toEqual([]);
    expect({ leftBehind, rows }).toEqual({ leftBehind: [], rows: 0 });
    expect(seconds).toBeLessThan(longestSeconds);
  });
});
