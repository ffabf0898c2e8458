// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSuite, type Level, renderText } from '../conformance/index.ts';
import { root, run } from '../helpers/process.ts';
import { soak } from '../helpers/soak.ts';
import { type IndependentOptions, startIndependentServer } from '../independent/server.ts';
import { listImports } from './layers.ts';

const token = 'first-account-token';
const otherToken = 'second-account-token';
const tokens = { [token]: 'first', [otherToken]: 'second' };
const lostResponse = 'a create request with bytes behind it is carried out and gets an error';
const seeds = [1, 2, 3].slice(0, soak(1, 3));

const verify = async (level: Level, seed: number, options: Partial<IndependentOptions> = {}) => {
  await using server = await startIndependentServer({ tokens, ...options });
  return await createSuite({ baseUrl: server.url, token, otherToken, level, seed }).run();
};

describe('a server written only from the published pages', () => {
  it('imports only modules of Node', async () => {
    const path = 'test/independent/server.ts';
    const imports = listImports(path, await readFile(join(root, path), 'utf8'));
    expect(imports.filter((target) => !target.startsWith('node:'))).toEqual([]);
  });

  const runs = (['documented', 'inferred'] as const).flatMap((level) => seeds.map((seed) => ({ level, seed })));

  it.each(runs)('has no $level findings with seed $seed', async ({ level, seed }) => {
    const result = await verify(level, seed);
    console.log(`independent, ${level}: ${renderText(result).split('\n').at(-1)}`);
    expect(result.findings, renderText(result)).toEqual([]);
    expect(result.coveredShare).toBe(1);
  });

  it('has findings for the extensions of the description', async () => {
    const { findings, causes } = await verify('extension', 1);
    const checks = new Set(findings.map(({ check }) => check));
    for (const check of ['problem_shape', 'response_headers_conformance', 'conditional_requests', 'stable_paging']) {
      expect(checks).toContain(check);
    }
    expect(new Set(findings.map(({ provenance }) => provenance))).toEqual(new Set(['extension']));
    // Only a connection of its own shows these.
    for (const message of ['a URL with a fragment is accepted', 'a body that is not UTF-8 is accepted', lostResponse]) {
      expect(causes.map((cause) => cause.message)).toContain(message);
    }
  });

  it('may merge metadata at the documented level', async () => {
    expect((await verify('documented', 1, { mergesMetadata: true })).findings).toEqual([]);
  });
});

describe('oauth-apps verify on the independent server', () => {
  let conforming: Awaited<ReturnType<typeof startIndependentServer>>;
  let merging: Awaited<ReturnType<typeof startIndependentServer>>;
  beforeAll(async () => {
    [conforming, merging] = [
      await startIndependentServer({ tokens }),
      await startIndependentServer({ tokens, mergesMetadata: true }),
    ];
  });
  afterAll(async () => {
    await Promise.all([conforming, merging].map((server) => server[Symbol.asyncDispose]()));
  });

  const verifyUrl = (url: string, ...options: string[]) =>
    run(['node', 'server/bin.js', 'verify', url, '--token', token, '--level', 'inferred', '--seed', '4', ...options]);

  it('exits 0 and lists the remaining apps', async () => {
    const { code, stdout } = await verifyUrl(conforming.url);
    expect(stdout).toMatch(/^\d+ apps could not be deleted: [\da-f-]{36}, /m);
    expect(stdout).toMatch(/ 0 findings .*level inferred, seed 4$/m);
    expect(code, stdout).toBe(0);
  });

  it('exits 1 and names the check of a fault', async () => {
    const { code, stdout } = await verifyUrl(merging.url, '--only', 'partial_update');
    expect(stdout).toMatch(
      /^1 cause at the level inferred\n {2}1\. partial_update: an update does not store metadata/m,
    );
    expect(stdout).toMatch(/contract Replaces the fields .*patch\/description\)$/m);
    expect(code).toBe(1);
  });
});
