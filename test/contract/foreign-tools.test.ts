// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example } from '../helpers/examples.ts';
import { root } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import { foreignTools } from './foreign-tools.ts';

const filter = JSON.stringify({ tag: 'p+q&r #1' });

it('the table of tools has those that are tested, in the versions of the tests', async () => {
  const table = await readFile(join(root, 'openapi/tools.md'), 'utf8');
  for (const { packages } of foreignTools) {
    const [, name, version] = /^(.+)@(.+)$/.exec(packages[0] ?? '') ?? [];
    expect(table).toContain(`| ${name} | ${version} |`);
  }
  expect(table.match(/^\| (?!Tool|---)/gm)?.length).toBeGreaterThanOrEqual(20);
});

// The short form installs nothing.
describe.runIf(isSoak)('the description is understood by', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    await server.client.createOAuthApp({ ...example('CreateOAuthApp'), name: 'other' });
    const metadata = JSON.parse(filter);
    await server.client.createOAuthApp({ ...example('CreateOAuthApp'), name: 'filtered', metadata });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Installs a tool in a folder of its own. */
  async function install({ packages, files = {} }: (typeof foreignTools)[number]): Promise<ProjectCopy> {
    const copy = await copyProject();
    await copy.run(['rm', 'node_modules']);
    await copy.write('package.json', '{"type":"module","private":true}');
    await copy.write('openapi.json', await readFile(join(root, 'generated/openapi.json'), 'utf8'));
    for (const [name, text] of Object.entries(files)) await copy.write(name, text);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
    const words = ['npm', 'install', ...flags, ...packages, 'typescript@5.9.3', 'tsx@4', '@types/node@24'];
    expect(await copy.run(words)).toMatchObject({ code: 0 });
    return copy;
  }

  it.each(foreignTools)('$name', async (tool) => {
    await using copy = await install(tool);
    for (const [name = '', ...words] of tool.commands ?? []) {
      const { code, stdout, stderr } = await copy.run([join(copy.folder, 'node_modules/.bin', name), ...words]);
      expect(code, stdout + stderr).toBe(0);
    }
    if (tool.compiles) {
      const flags = '--noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler'.split(
        ' ',
      );
      const words = ['node_modules/typescript/bin/tsc', ...flags, '--allowImportingTsExtensions', ...tool.compiles];
      expect(await copy.run(['node', ...words])).toMatchObject({ code: 0, stdout: '' });
    }
    if (tool.program === undefined) return;
    const facts = { BASE: server.url, TOKEN: server.token, FILTER: filter };
    const constants = Object.entries(facts).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
    await copy.write('program.ts', `${constants.join('')}${tool.program}`);
    const { code, stdout, stderr } = await copy.run(['node', 'node_modules/tsx/dist/cli.mjs', 'program.ts']);
    expect({ code, stdout: stdout.trim() }, stderr).toEqual({ code: 0, stdout: 'filtered' });
  });
});
