// @databases none
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { createSuite, type SuiteOptions } from '../conformance/index.ts';
import { testConformance } from '../conformance/vitest.ts';
import { root, run } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { startIndependentServer } from '../independent/server.ts';

const server = await startServer();
afterAll(() => server[Symbol.asyncDispose]());
const options = { token: server.token, baseUrl: server.url, seed: 6, cases: 2 } as const;

testConformance('the vitest adapter against the server', { ...options, only: ['partial_update', 'stable_paging'] });

/** Runs a test file that calls the adapter, with `node --test`. */
async function runWithNode(suiteOptions: SuiteOptions) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-adapter-'));
  const adapter = pathToFileURL(join(root, 'test/conformance/node-test.ts')).href;
  const file = join(folder, 'api.test.mjs');
  const lines = [
    `import { testConformance } from '${adapter}';`,
    `testConformance('api', ${JSON.stringify(suiteOptions)});`,
  ];
  await writeFile(file, lines.join('\n'));
  const result = await run(['node', '--test', '--test-reporter=tap', file]);
  await rm(folder, { recursive: true });
  return result;
}

describe('the node:test adapter', () => {
  it('has a passing test for each case', async () => {
    const suiteOptions: SuiteOptions = { ...options, only: ['conditional_requests', 'use_after_free'] };
    const { code, stdout } = await runWithNode(suiteOptions);
    expect(stdout).toContain('# Subtest: api (seed 6)');
    expect(stdout).toContain(`# pass ${createSuite(suiteOptions).cases.length}\n`);
    expect(stdout).toContain('# fail 0\n');
    expect(code).toBe(0);
  });

  it('fails with message and curl, and lists remaining apps', async () => {
    await using independent = await startIndependentServer({ tokens: { one: 'one' } });
    const { code, stdout, stderr } = await runWithNode({
      ...options,
      baseUrl: independent.url,
      token: 'one',
      only: ['conditional_requests'],
    });
    expect(stdout).toContain('conditional_requests: an update does not change the ETag');
    expect(stdout).toMatch(/curl --include --request PATCH --url 'http/);
    expect(stdout + stderr).toMatch(/\d+ apps could not be deleted: /);
    expect(code).toBe(1);
  });
});
