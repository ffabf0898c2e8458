// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSuite, type Finding, type Level, renderText, type SuiteResult } from '../conformance/index.ts';
import { runCommandHere } from '../helpers/commands.ts';
import { hasCurl, runCurlScripts } from '../helpers/curl.ts';
import { root } from '../helpers/process.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { type IndependentOptions, startIndependentServer } from '../independent/server.ts';
import { listImports } from './layers.ts';

const token = 'first-account-token';
const otherToken = 'second-account-token';
const tokens = { [token]: 'first', [otherToken]: 'second' };
const cases = soak(5, 20);
const isInstalled = await hasCurl();
const lostResponse = 'a create request with bytes behind it is carried out and gets an error';
const seeds = [1, 2, 3].slice(0, soak(1, 3));

const verify = async (level: Level, seed: number, options: Partial<IndependentOptions> = {}, operations?: string[]) => {
  await using server = await startIndependentServer({ tokens, ...options });
  return await createSuite({ baseUrl: server.url, token, otherToken, level, seed, cases, operations }).run();
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

  it('may merge metadata at the documented level', async () => {
    // In the short form, the operation that merges.
    const operations = isSoak ? undefined : ['updateOAuthApp'];
    expect((await verify('documented', 1, { mergesMetadata: true }, operations)).findings).toEqual([]);
  });
});

describe('findings about the extensions of the description', () => {
  const env = { TOKEN: 'a token\'s $HOME `of` "its" own', OTHER_TOKEN: 'another token' };
  let server: Awaited<ReturnType<typeof startIndependentServer>>;
  let result: SuiteResult;
  beforeAll(async () => {
    server = await startIndependentServer({ tokens: { [env.TOKEN]: 'one', [env.OTHER_TOKEN]: 'two' } });
    const options = { baseUrl: server.url, token: env.TOKEN, otherToken: env.OTHER_TOKEN, seed: 3 };
    result = await createSuite({ ...options, cases: soak(1, 20) }).run();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('are found by their checks, and no others', () => {
    const names = ['problem_shape', 'response_headers_conformance', 'conditional_requests', 'stable_paging'];
    const { findings, causes } = result;
    const checks = new Set(findings.map(({ check }) => check));
    for (const name of names) expect(checks).toContain(name);
    expect(new Set(findings.map(({ provenance }) => provenance))).toEqual(new Set(['extension']));
    // Only a connection of its own shows these.
    for (const message of ['a URL with a fragment is accepted', 'a body that is not UTF-8 is accepted', lostResponse]) {
      expect(causes.map((cause) => cause.message)).toContain(message);
    }
  });

  it.runIf(isInstalled)('have curl commands that get the same status', async () => {
    // In the short form, one operation for each message.
    const different = Map.groupBy(
      result.findings,
      ({ check, operationId, message }) => `${check} ${isSoak ? operationId : ''} ${message}`,
    );
    const all = [...different.values()].map(([finding]) => finding as Finding);
    // Whether Node loses the response depends on how many packets the bytes come in.
    const selected = all.filter(({ cause }) => !cause.includes('bytes behind'));
    const statuses = await runCurlScripts(
      selected.map(({ curl }) => curl),
      env,
    );
    expect(statuses).toEqual(selected.map(({ response }) => response.split(' ')[0]));
    expect(selected.length).toBeGreaterThan(60);
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

  const wordsFor = (url: string, ...options: string[]) => [
    ...['verify', url, '--token', token, '--level', 'inferred'],
    ...['--seed', '4', '--cases', String(cases), ...options],
  ];

  it('exits 0 and lists the remaining apps', async () => {
    const { code, stdout } = await runCommandHere(wordsFor(conforming.url, '--operation', 'getOAuthApp'));
    expect(stdout).toMatch(/^\d+ apps could not be deleted: [\da-f-]{36}, /m);
    expect(stdout).toMatch(/ 0 findings .*level inferred, seed 4$/m);
    expect(code, stdout).toBe(0);
  });

  it('exits 1 and names the check of a fault', async () => {
    const words = wordsFor(merging.url, '--only', 'partial_update');
    const { code, stdout } = await runCommandHere(words);
    expect(stdout).toMatch(
      /^1 cause at the level inferred\n {2}1\. partial_update: an update does not store metadata/m,
    );
    expect(stdout).toMatch(/contract Replaces the fields .*patch\/description\)$/m);
    expect(code).toBe(1);
  });
});
