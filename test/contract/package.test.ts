import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, run } from '../helpers/process.ts';
import { startIndependentServer } from '../independent/server.ts';

const packageJson = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
/** What npm installs with the package, and the peers that its documentation has people add for `verify`. */
const installed = [...Object.keys(packageJson.dependencies), 'openapi-typescript-helpers'];
const added = ['ajv', 'ajv-formats', 'fast-check'];
let folder: string;

/** The packed package in an empty project, as npm would lay it out. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-package-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, packageJson.name), { recursive: true });
  const packed = await run(['npm', 'pack', '--silent', '--pack-destination', folder]);
  expect(packed.code, packed.stderr).toBe(0);
  const tarball = join(folder, packed.stdout.trim().split('\n').at(-1) ?? '');
  await run(['tar', '-xzf', tarball, '--strip-components=1', '-C', join(modules, packageJson.name)]);
  for (const name of installed) await symlink(join(root, 'node_modules', name), join(modules, name));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const command = (...words: string[]) =>
  run(['node', `node_modules/${packageJson.name}/server/bin.js`, ...words], { cwd: folder });

test('a command says what to install for it', async () => {
  const { code, stderr } = await command('verify', 'http://127.0.0.1:9', '--token', 'T');
  expect(code).toBe(1);
  const { peerDependencies } = packageJson;
  expect(stderr).toContain(
    `npm install --save-dev ${added.map((name) => `${name}@${peerDependencies[name]}`).join(' ')}`,
  );
});

test('the package alone verifies a foreign implementation', async () => {
  await using server = await startIndependentServer({ tokens: { T1: 'one', T2: 'two' } });
  for (const name of added) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  const words = ['verify', server.url, '--token', 'T1', '--other-token', 'T2', '--level', 'inferred', '--seed', '1'];
  const { code, stdout } = await command(...words);
  expect(stdout).toContain(' 0 findings');
  expect(code).toBe(0);
});

test('the package gives client, lists and suite', async () => {
  const source = `
    import { createOAuthAppsClient, providers } from '${packageJson.name}';
    import { createSuite } from '${packageJson.name}/conformance';
    import description from '${packageJson.name}/openapi.json' with { type: 'json' };
    createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't' });
    const { cases } = createSuite({ baseUrl: 'https://api.example.com', token: 't' });
    console.log(providers.length, cases.length > 100, description.info.version);`;
  await writeFile(join(folder, 'use.js'), source);
  const { stdout } = await run(['node', 'use.js'], { cwd: folder });
  expect(stdout.trim()).toBe(`14 true ${packageJson.version}`);
});
