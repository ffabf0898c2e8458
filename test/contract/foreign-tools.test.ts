// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example } from '../helpers/examples.ts';
import { root, run } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import { readerPackages, readerPeers, readerProgram } from './foreign-readers.ts';
import { type ForeignTool, foreignTools } from './foreign-tools.ts';

const specmatic = 'specmatic@2.55.1';

const filter = JSON.stringify({ tag: 'p+q&r #1' });

const readTable = () => readFile(join(root, 'openapi/tools.md'), 'utf8');

it('the table of tools has those that are tested, in the versions of the tests', async () => {
  const table = await readTable();
  const tested = [...foreignTools.map(({ packages }) => packages[0] ?? ''), ...readerPackages, specmatic];
  for (const one of tested) {
    const [, name, version] = /^(.+)@(.+)$/.exec(one) ?? [];
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
  async function install({ packages, files = {} }: Pick<ForeignTool, 'packages' | 'files'>): Promise<ProjectCopy> {
    const copy = await copyProject();
    await copy.run(['rm', 'node_modules']);
    await copy.write('package.json', '{"type":"module","private":true}');
    const descriptions = { 'openapi.json': 'openapi.json', '3.1.json': 'openapi.json', '3.0.json': 'openapi-3.0.json' };
    for (const [name, file] of Object.entries(descriptions))
      await copy.write(name, await readFile(join(root, 'generated', file), 'utf8'));
    for (const [name, text] of Object.entries(files)) await copy.write(name, text);
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps'];
    const words = ['npm', 'install', ...flags, ...packages, 'typescript@5.9.3', 'tsx@4', '@types/node@24'];
    expect(await copy.run(words)).toMatchObject({ code: 0 });
    return copy;
  }

  /** Runs a program in the folder of a tool. */
  async function runProgram(copy: ProjectCopy, program: string) {
    const facts = { BASE: server.url, TOKEN: server.token, FILTER: filter };
    const constants = Object.entries(facts).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
    await copy.write('program.ts', `${constants.join('')}${program}`);
    return copy.run(['node', 'node_modules/tsx/dist/cli.mjs', 'program.ts']);
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
    const { code, stdout, stderr } = await runProgram(copy, tool.program);
    expect({ code, stdout: stdout.trim() }, stderr).toEqual({ code: 0, stdout: 'filtered' });
  });

  it('every other tool as the table says', async () => {
    await using copy = await install({ packages: [...readerPackages, ...readerPeers] });
    const { stdout, stderr } = await runProgram(copy, readerProgram);
    const verdicts = [...stdout.matchAll(/^verdict (.*)$/gm)].map(([, line = '']) => JSON.parse(line));
    expect(verdicts.length, stderr).toBe(readerPackages.length);
    const table = await readTable();
    for (const [name, ...versions] of verdicts) {
      expect(table, stderr).toMatch(new RegExp(`^\\| ${name} \\| [\\d.]+ \\| ${versions.join(' \\| ')} \\|`, 'm'));
    }
  });

  it('Specmatic, but for apps that do not exist', async ({ skip }) => {
    const java = await run(['sh', '-c', 'java -version']);
    skip(java.code !== 0, 'Specmatic needs Java');
    await using full = await startServer({ maxAppsPerAccount: 1_000_000 });
    await using copy = await install({ packages: [specmatic] });
    const words = ['java', '-jar', 'node_modules/specmatic/specmatic.jar', 'test', 'openapi.json'];
    const env = { BearerAuth: full.token };
    const { stdout } = await copy.run([...words, `--testBaseURL=${full.url}`], { env });
    const [, tests, successes] = /Tests run: (\d+), Successes: (\d+)/.exec(stdout) ?? [];
    console.log(`specmatic: ${successes} of ${tests} tests passed`);
    expect(Number(successes)).toBeGreaterThan(700);
    const failed = [...stdout.matchAll(/^Scenario: (\S+ \S+ -> \d+).* has FAILED/gm)].map(([, scenario]) => scenario);
    expect(failed.filter((scenario) => !/\/\(id:string\) -> 200$/.test(scenario ?? ''))).toEqual([]);
  });
});
