// @databases none
/**
 * The first ten minutes of a stranger, with the packed package in an empty folder: install, types, a request, a form, a mock,
 * the docs, `verify`, embedding. The commands and programs are those of the readme and the guide. In the long form only,
 * because npm installs packages. In the short form, `package.test.ts` and `docs/` run them with the packages of this project.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, run, startProcess } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import { type InstalledPackage, installPackage, manifest } from './installed-package.ts';

const [readme, guide] = await Promise.all(
  ['README.md', 'client/README.md'].map((file) => readFile(join(root, file), 'utf8')),
);
const block = (text = '', heading: string, language: string) =>
  new RegExp(`^##+ ${heading}$[\\s\\S]*?^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'm').exec(text)?.[1] ?? '';
const commands = block(readme, 'Use it', 'sh').trim().split('\n');
const commandOf = (name: string) => commands.find((line) => line.includes(`oauth-apps ${name}`)) ?? '';
const firstProgram = /^```ts\n([\s\S]*?)^```/m.exec(readme ?? '')?.[1] ?? '';
const versionOf = (name: string): string => `${name}@${manifest.devDependencies[name]}`;
const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];

/** Installs a version of Node, once. Returns the folder of its program. */
async function installNode(version: string): Promise<string> {
  const target = join(root, 'node_modules/.cache/runtimes', `node-${version}`);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, 'package.json'), '{"private":true,"allowScripts":{"node":true}}');
  const { code, stderr } = await run(['npm', 'install', ...quiet, `node@${version}`], { cwd: target });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return join(target, 'node_modules/node/bin');
}

describe.runIf(isSoak)('the first ten minutes of a stranger', () => {
  let installed: InstalledPackage;
  beforeAll(async () => {
    installed = await installPackage();
  });
  afterAll(() => installed[Symbol.asyncDispose]());

  describe.each(['20.19.5', '24.21.0'])('on Node %s', (version) => {
    const canServe = version.startsWith('24.');
    let [folder, path] = ['', ''];
    /** Runs a line as it is printed, with this Node. */
    const type = (line: string, env: Record<string, string> = {}) =>
      run(['bash', '-c', `PATH=${path}:/usr/local/bin:/usr/bin:/bin; ${line}`], { cwd: folder, env });
    /** Compiles a program to JavaScript and runs it. Types are checked by the compiler of this project. */
    const runProgram = async (name: string, source: string, url: string, token: string) => {
      const text = source.replaceAll(/https:\/\/api\.sequin\.io|http:\/\/127\.0\.0\.1:3000/g, url);
      await writeFile(join(folder, `${name}.ts`), text);
      const options = '--strict --module nodenext --target es2022 --skipLibCheck';
      expect(await type(`npx tsc ${options} ${name}.ts`)).toEqual({ code: 0, stdout: '', stderr: '' });
      const { code, stdout, stderr } = await type(`node ${name}.js`, { API_TOKEN: token });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };

    beforeAll(async () => {
      path = await installNode(version);
      folder = await mkdtemp(join(tmpdir(), 'oauth-apps-stranger-'));
      await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    });
    afterAll(() => rm(folder, { recursive: true }));

    test('the package is installed and has types', async () => {
      const [install = ''] = commands;
      const line = `${install.replace(manifest.name, installed.tarball)} ${quiet.join(' ')}`;
      expect(await type(line)).toMatchObject({ code: 0 });
      const tools = [versionOf('typescript'), versionOf('@types/node'), 'msw@2.15.0'].join(' ');
      expect(await type(`npm install --save-dev ${quiet.join(' ')} ${tools}`)).toMatchObject({ code: 0 });
    });

    test('the program of the readme sends its requests', async () => {
      await using server = await startServer();
      expect(await runProgram('first', firstProgram, server.url, server.token)).toContain('validation_errors');
    });

    test('a form and a mock without a server work as printed', async () => {
      expect(await runProgram('form', block(guide, 'Forms', 'ts'), '', '')).toContain("[ 'name fehlt' ]");
      const mock = block(guide, 'Tests without a server', 'ts');
      expect(await runProgram('mock', mock, 'http://127.0.0.1:3000', '')).toBe('404\ntrue\n');
    });

    test('the reference lies in the package', async () => {
      const docs = join(folder, 'node_modules', manifest.name, 'dist/package/docs');
      expect(await readFile(join(docs, 'docs.md'), 'utf8')).toMatch(/^# /);
      expect(await readFile(join(docs, 'typescript.md'), 'utf8')).toMatch(/^# TypeScript API/);
    });

    test('a command names the packages that it needs, and runs with them', async () => {
      await using server = await startServer();
      const verify = commandOf('verify')
        .replace('http://127.0.0.1:3000', server.url)
        .replace('YOUR_API_TOKEN', server.token);
      const missing = await type(verify);
      expect(missing.code).toBe(2);
      const [install = ''] = /\bnpm install --save-dev .*$/m.exec(missing.stderr) ?? [];
      expect(await type(`${install} ${quiet.join(' ')}`)).toMatchObject({ code: 0 });
      expect(await type(verify)).toMatchObject({ code: 0, stdout: expect.stringContaining(' 0 findings ') });
    });

    test('the docs are built by their command', async () => {
      expect(await type(`npm install --save-dev ${quiet.join(' ')} ${versionOf('@redocly/cli')}`)).toMatchObject({
        code: 0,
      });
      const { code, stderr } = await type(commandOf('docs'));
      expect({ code, stderr }).toMatchObject({ code: 0 });
      expect(await readFile(join(folder, 'docs/index.html'), 'utf8')).toContain('TypeScript API');
    });

    test('the server is embedded, or says which Node it needs', async () => {
      const missing = await type(`${commandOf('serve')} --port 0`);
      expect(missing.code).toBe(2);
      if (!canServe) return expect(missing.stderr).toContain('Node 24');
      const [install = ''] = /\bnpm install --save-dev .*$/m.exec(missing.stderr) ?? [];
      const types = versionOf('@types/express');
      expect(await type(`${install} ${types} ${quiet.join(' ')}`)).toMatchObject({ code: 0 });
      await runProgram('embedded', block(guide, 'The server in your own', 'ts'), '', '');
      const words = ['bash', '-c', `PATH=${path}:/usr/bin:/bin; exec node_modules/.bin/oauth-apps serve --port 0`];
      const settings = { cwd: folder, env: { DATABASE_URL: 'sqlite::memory:' } };
      await using service = await startProcess(words, /API +(http:\S+:\d+)/, settings);
      expect((await fetch(`${service.match[1]}/typescript.md`)).status).toBe(200);
    });

    test('Jest requires it without flags', async () => {
      const jest = join(folder, 'jest');
      await mkdir(jest);
      await writeFile(join(jest, 'package.json'), '{"private":true}');
      await writeFile(join(jest, 'jest.config.js'), /^```js\n([\s\S]*?)^```/m.exec(guide ?? '')?.[1] ?? '');
      const source = `const { isProvider } = require('${manifest.name}');
        const { validateUpdateOAuthApp } = require('${manifest.name}/validators');
        test('it is loaded', () => expect([isProvider('stripe'), validateUpdateOAuthApp({}).value]).toEqual([true, {}]));`;
      await writeFile(join(jest, 'package.test.js'), source);
      const install = `npm install ${quiet.join(' ')} jest@30 @babel/plugin-transform-modules-commonjs ${installed.tarball}`;
      expect(await type(`cd jest && ${install}`)).toMatchObject({ code: 0 });
      expect(await type('cd jest && npx jest')).toMatchObject({ code: 0, stderr: expect.stringContaining('1 passed') });
    });
  });
});
