// @databases none
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkTypes, type RunOptions, root, run, startProcess } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';
import type { tryStores } from '../own-store/try-store.ts';
import { type InstalledPackage, installPackage, manifest } from './installed-package.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const lines = (/## Use it\n+```sh\n(.*?)\n```/s.exec(readme)?.[1] ?? '').split('\n');

let installed: InstalledPackage;
beforeAll(async () => {
  installed = await installPackage();
});
afterAll(() => installed[Symbol.asyncDispose]());

const serverPackages = ['kysely', 'express', 'express-openapi-validator', 'pino', 'rate-limiter-flexible'];
const command = (...words: (string | RunOptions)[]) => {
  const options = words.filter((word) => typeof word === 'object');
  const texts = words.filter((word) => typeof word === 'string');
  // The programs of this project, which npm scripts have on their `PATH`, are not those of a consumer.
  const program = ['env', 'PATH=/usr/bin:/bin', process.execPath, 'node_modules/.bin/oauth-apps'];
  return installed.run([...program, ...texts], options[0]);
};
const installLine = (...names: string[]) =>
  `npm install --save-dev ${names.map((name) => `${name}@${manifest.devDependencies[name]}`).join(' ')}\n`;
const entries = Object.keys(manifest.exports).map((entry) => entry.replace('.', manifest.name));

/** A program that uses the entries of client, types and validators. */
const consumer = `
import { createOAuthAppsClient, type OAuthApp, ProblemError, providers } from '${manifest.name}';
import type { CreateOAuthApp } from '${manifest.name}/types';
import { validateCreateOAuthApp } from '${manifest.name}/validators';

const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't' });
const body: CreateOAuthApp = { provider: providers[0], client_id: 'a', client_secret: 'b', name: 'c' };
export const create = (): Promise<OAuthApp> => client.createOAuthApp(validateCreateOAuthApp(body).value ?? body);
export const fieldsOf = (error: unknown) =>
  error instanceof ProblemError && error.is(422) ? Object.keys(error.problem.validation_errors) : [];
interface Settings {
  theme: string;
}
const metadata: Settings = { theme: 'dark' };
// An interface is metadata, and an optional property may be undefined.
export const changed = client.updateOAuthApp('x', { metadata, name: undefined }, { timeout: undefined, headers: undefined });
export const listed = client.listOAuthApps({ metadata, provider: undefined });
export const standard: readonly (readonly string[])[] | undefined =
  ((result) => result.issues?.map(({ path }) => path))(validateCreateOAuthApp['~standard'].validate(body));
// @ts-expect-error: not a provider
export const wrong: CreateOAuthApp = { ...body, provider: 'myspace' };
`;

// These tests run first, because later ones install other packages.
describe('a command without its packages', () => {
  test.each([
    ['verify http://127.0.0.1:9 --token T', ['ajv', 'ajv-formats', 'fast-check']],
    ['mock', ['@stoplight/prism-cli']],
    ['docs', ['@redocly/cli']],
    ['serve --port 0', serverPackages],
  ])('%s prints the install command', async (words, names) => {
    const { code, stderr } = await command(...words.split(' '));
    expect(stderr).toContain(installLine(...names));
    // 2: the command did not run. 1 would mean that the implementation does not conform.
    expect(code).toBe(2);
  });

  test('serve on PostgreSQL names its driver too', async () => {
    const { stderr } = await command('serve', '--port', '0', { env: { DATABASE_URL: 'postgres://user@127.0.0.1/x' } });
    expect(stderr).toContain(installLine(...serverPackages, 'pg'));
  });

  test('serve shows the reference as text without Redocly', async () => {
    await installed.add(...serverPackages);
    const words = ['node_modules/.bin/oauth-apps', 'serve', '--port', '0'];
    const settings = { cwd: installed.folder, env: { DATABASE_URL: 'sqlite::memory:' } };
    await using service = await startProcess(words, /Docs +(http:\S+:\d+)\/docs/, settings);
    const [, url = ''] = service.match;
    expect((await fetch(`${url}/v1/oauth-apps`)).status).toBe(401);
    const page = await (await fetch(`${url}/docs`)).text();
    expect(page).toContain('install <code>@redocly/cli</code> beside this package');
    expect(page).toContain('createOAuthApp');
    expect(await (await fetch(`${url}/docs.md`)).text()).toMatch(/^# /);
    expect(await (await fetch(`${url}/llms.txt`)).text()).toMatch(/^# /);
  });
});

/** The readme and the program that builds the docs. */
const docsFile = /^(README\.md|.*\/openapi\/docs\.js)$/;

describe('the package', () => {
  beforeAll(() => installed.add(...Object.keys(manifest.peerDependencies), 'vitest'));

  test('has at most 1.5 MB and three packages', () => {
    const size = installed.files.reduce((sum, file) => sum + file.size, 0);
    const docs = installed.files.filter(({ path }) => docsFile.test(path)).reduce((sum, file) => sum + file.size, 0);
    console.log(`unpacked ${size} bytes, ${size - docs} without docs; ${installed.packageCount} packages`);
    expect(size).toBeLessThanOrEqual(1_500_000);
    expect(installed.packageCount).toBeLessThanOrEqual(3);
  });

  test('has readable names and source maps with sources for its libraries', async () => {
    const read = (file: string) => readFile(join(installed.folder, 'node_modules', manifest.name, file), 'utf8');
    const code = await read('dist/package/client/index.js');
    expect(code).toMatch(/\bclass ProblemError\b|\bProblemError = class\b/);
    const { sources, sourcesContent } = JSON.parse(await read('dist/package/client/index.js.map'));
    const index = sources.findIndex((source: string) => source.endsWith('client/raw.ts'));
    expect(sourcesContent[index]).toBe(await readFile(join(root, 'client/raw.ts'), 'utf8'));
  });

  test('has programs whose lines a stack trace can point at', async () => {
    // Commander is minified: its lines are not those of this package.
    const isOwn = (path: string) => path.endsWith('.js') && !path.endsWith('/commander.js');
    const programs = installed.files.filter(({ path, size }) => isOwn(path) && size > 1_000);
    for (const { path } of programs) {
      const text = await readFile(join(installed.folder, 'node_modules', manifest.name, path), 'utf8');
      expect(Math.max(...text.split('\n').map(({ length }) => length)), path).toBeLessThan(1_000);
    }
    expect(programs.length).toBeGreaterThan(20);
  });

  test('has each doc comment in front of its member', async () => {
    const declarations = installed.files.filter(({ path }) => path.endsWith('.d.ts'));
    for (const { path } of declarations) {
      const text = await readFile(join(installed.folder, 'node_modules', manifest.name, path), 'utf8');
      // TypeScript takes a comment behind a member for none of the next one.
      expect(text.match(/[;{,] *\/\*\*.{0,40}|\*\/[^\s;,)].{0,40}/), path).toBeNull();
    }
    expect(declarations.length).toBeGreaterThan(10);
  });

  test('takes ranges of its peers, with the version that is tested', () => {
    for (const [name, range] of Object.entries<string>(manifest.peerDependencies)) {
      const [major, minor] = manifest.devDependencies[name].split('.');
      const first = major === '0' ? `0.${minor}.` : `${major}.`;
      expect(range.split(' || ').some((part) => part.startsWith(`^${first}`))).toBe(true);
    }
  });

  test('has no finding of publint', async () => {
    const { code, stdout } = await run(['publint', '--strict', installed.tarball]);
    expect(stdout).toContain('All good!');
    expect(code).toBe(0);
  });

  // In the short form, a consumer compiles with every entry.
  test.runIf(isSoak)('has types for every entry in attw', async () => {
    const words = ['attw', '--profile', 'esm-only', '--exclude-entrypoints', './openapi.yaml', './package.json', '--'];
    const { code, stdout } = await run([...words, installed.tarball]);
    expect(stdout).toContain(`${manifest.name}/validators`);
    expect(code, stdout).toBe(0);
  });

  test('has a file for every entry', async () => {
    const files = ['openapi.json', 'openapi-3.0.json', 'openapi.yaml', 'package.json'];
    const importable = entries.filter((entry) => !files.some((file) => entry.endsWith(file)));
    const source = `
      import { readFileSync } from 'node:fs';
      import { parse } from ${JSON.stringify(import.meta.resolve('yaml'))};
      const read = (entry) => readFileSync(new URL(import.meta.resolve(entry)), 'utf8');
      for (const entry of ${JSON.stringify(importable)}) await import(entry).catch((error) => console.log(entry, error.message));
      const [json, yaml] = [JSON.parse(read('${manifest.name}/openapi.json')), read('${manifest.name}/openapi.yaml')];
      // Many readers know YAML 1.1 only, in which a plain timestamp is a date.
      const isSame = (version) => JSON.stringify(parse(yaml, { version })) === JSON.stringify(json);
      console.log(isSame('1.2') && isSame('1.1'), json.info.version);`;
    await installed.write('entries.js', source);
    const { stdout } = await installed.run(['node', 'entries.js']);
    expect(stdout.trim()).toBe(`true ${manifest.version}`);
  });
});

/** A program that uses the entries with optional peer dependencies. */
const peerConsumer = `
import { createSuite } from '${manifest.name}/conformance';
import { handlers } from '${manifest.name}/msw';

export const responses: number = handlers({ responses: { getOAuthApp: 'NotFound' } }).length;
export const cases: number = createSuite({ baseUrl: 'https://api.example.com', token: 't' }).cases.length;
// @ts-expect-error: create documents no 404
handlers({ responses: { createOAuthApp: 'NotFound' } });
`;

describe.concurrent('a consumer compiles', () => {
  beforeAll(async () => {
    await installed.write('consumer.ts', consumer);
    await installed.write('peer-consumer.ts', peerConsumer);
  });

  const versions = [
    { name: 'TypeScript 5.9', compiler: 'typescript', files: ['consumer.ts'] },
    { name: 'TypeScript 6', compiler: 'typescript-6', files: ['consumer.ts'] },
    { name: 'TypeScript 7', compiler: 'typescript-7', files: ['consumer.ts', 'peer-consumer.ts'] },
  ];
  const ways = { nodenext: 'nodenext', bundler: 'esnext' };
  const runs = versions.flatMap((line) =>
    Object.entries(ways).map(([resolution, module]) => ({ ...line, resolution, module })),
  );
  // The newest compiler alone, which is the fastest and checks every file. All six runs are in the long form.
  const chosen = isSoak ? runs : runs.slice(-2, -1);
  test.each(chosen)('under $name with $resolution', async ({ compiler, files, resolution, module }) => {
    const options = { module, moduleResolution: resolution, target: 'es2022', lib: ['es2023', 'dom', 'dom.iterable'] };
    const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, noEmit: true, types: [] };
    const config = `tsconfig.${compiler}.${resolution}.json`;
    await installed.write(config, JSON.stringify({ compilerOptions: { ...options, ...strict }, files }));
    // Several checkers would check the same declarations several times.
    const frugal = compiler === 'typescript-7' ? ['--singleThreaded'] : [];
    const words = [`${root}/node_modules/${compiler}/bin/tsc`, '--pretty', 'false', '--project', config];
    expect(await installed.run(['node', ...words, ...frugal])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('the tests for stores', () => {
  beforeAll(async () => {
    await mkdir(join(installed.folder, 'own-store'));
    for (const file of ['memory-installation.ts', 'memory-store.ts', 'faults.ts', 'record-faults.ts', 'try-store.ts']) {
      const source = await readFile(join(root, 'test/own-store', file), 'utf8');
      const text = source.replaceAll(/'\.\.\/\.\.\/server\/index\.ts'/g, `'${manifest.name}/server'`);
      await installed.write(
        `own-store/${file}`,
        text.replace('../store-tests/index.ts', `${manifest.name}/store-tests`),
      );
    }
    await installed.add('@types/node', '@types/express', 'undici-types');
  });

  test('take a store that is made of exports alone', async () => {
    const base = { module: 'nodenext', target: 'es2024', lib: ['es2024', 'dom'], types: ['node'], noEmit: true };
    const compilerOptions = { ...base, strict: true, allowImportingTsExtensions: true, skipLibCheck: true };
    await installed.write('tsconfig.store.json', JSON.stringify({ compilerOptions, include: ['own-store'] }));
    const [node = '', compiler = '', ...options] = checkTypes;
    const words = [node, join(root, compiler), ...options, '--project', 'tsconfig.store.json'];
    expect(await installed.run(words)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('find every seeded fault by its name', async () => {
    await installed.write(
      'try.ts',
      "console.log(JSON.stringify(await (await import('./own-store/try-store.ts')).tryStores()))",
    );
    const { stdout, stderr } = await installed.run(['node', 'try.ts']);
    expect(stderr).toBe('');
    const { right, found } = JSON.parse(stdout) as Awaited<ReturnType<typeof tryStores>>;
    expect(right).toEqual({});
    expect(found.length).toBeGreaterThanOrEqual(40);
    for (const { name, method, message } of found) expect(message, name).toMatch(new RegExp(`^${method}\\b`));
  });
});

describe('the commands of the readme for another project', () => {
  const [install, ...rest] = lines;

  test('begin with the install', () => {
    expect(install).toBe(`npm install ${manifest.name}`);
  });

  // `serve` has run above, without Redocly. The suite of `verify` has its own tests.
  test.each(rest.filter((line) => isSoak || !line.endsWith(' serve')))('%s works', async (line) => {
    await using server = await startServer();
    const words = line
      .replace('npx ', 'exec node_modules/.bin/')
      .replace('http://127.0.0.1:3000', server.url)
      .replace(/YOUR_API_TOKEN$/, `${server.token}${isSoak ? '' : ' --level documented --cases 1'}`);
    const settings = { cwd: installed.folder, env: { DATABASE_URL: 'sqlite::memory:' } };
    if (/ (mock|serve)$/.test(line)) {
      await using service = await startProcess(
        ['bash', '-c', `${words} --port 0`],
        /(?:listening on|API) +(http:\S+:\d+)/,
        settings,
      );
      expect((await fetch(`${service.match[1]}/v1/oauth-apps`)).status).toBe(401);
      return;
    }
    const { code, stdout, stderr } = await run(['bash', '-c', words], settings);
    expect({ code, stderr: stderr.replaceAll(/^\d+ of \d+ cases\n/gm, '') }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/ 0 findings |The docs page is docs\/index\.html/);
  });
});
