// @databases none
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadKeys } from '../../server/keys/key-source.ts';
import { openStore } from '../../server/store/open-store.ts';
import { backUp } from '../../server/store/transfer/backup.ts';
import { runCommandHere } from '../helpers/commands.ts';
import { createDatabase } from '../helpers/databases.ts';
import { root, run, startProcess } from '../helpers/process.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { isSoak } from '../helpers/soak.ts';

const readme = await readFile(join(root, 'README.md'), 'utf8');
const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const { scripts } = manifest;
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
const table = (heading: string) => readme.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
// contract/package.test.ts runs the commands for other projects, and programs.test.ts the TypeScript.
const blocksHere = blocks('sh').filter((block) => !table('Use it').includes(block));
const commands = blocksHere.flatMap((block) => block.trim().split('\n'));
const namesIn = (text: string, form: RegExp) => [...text.matchAll(form)].map(([, name = '']) => name);

/** The commands for the whole project, which the gate runs itself. */
const gate = 'npm ci && npm test';
const parts = [
  'openapi',
  'generated',
  'server',
  'client',
  'test/conformance',
  'redocly.yaml',
  'tsconfig.json',
  'package.json',
];

/** Returns a command as npm runs it, which takes half a second less. The long form runs npm itself. */
function direct(command: string): string {
  if (isSoak) return command;
  return command
    .replace('npx oauth-apps', `node ${join(root, manifest.bin['oauth-apps'])}`)
    .replace(/^(\w+=\S+) /, 'export $1; ')
    .replace(/npm (?:run )?(\w+)$/, (_, name) => scripts[name]);
}

test('the readme has at most 150 lines', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(151);
});

test('the gate runs the test command of the readme', async () => {
  expect(commands).toContain(gate);
  const steps = await readFile(join(root, '.ci/run'), 'utf8');
  for (const step of gate.split(' && ')) expect(steps).toContain(`step ${step}\n`);
});

test('the table has exactly the npm scripts', () => {
  const known = namesIn(table('Scripts'), /^\| `([\w:]+)` \|/gm);
  expect(known.sort()).toEqual(Object.keys(scripts).sort());
});

test('the table has exactly the settings of the server', async () => {
  const source = await readFile(join(root, 'server/config.ts'), 'utf8');
  const read = new Set(namesIn(source, /(?:env\.|env, ')([A-Z_]{3,})/g));
  const listed = new Set(namesIn(table('Settings'), /`([A-Z_]{3,})`/g));
  expect([...listed].sort()).toEqual([...read].sort());
});

describe('commands of the readme', () => {
  // The first start builds the docs. The commands after it find them built.
  let copy: ProjectCopy;
  beforeAll(async () => {
    copy = await copyProject(...parts);
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  const servers = commands.filter((command) => /npm start/.test(command));
  test.each(servers)('%s serves API and docs', async (command) => {
    const settings = { cwd: copy.folder, env: { PORT: '0' } };
    const words = command.replace('npm ci && ', '');
    // One start is by npm.
    const shell = ['bash', '-c', command === servers[0] ? words : direct(words)];
    await using server = await startProcess(shell, /API +(http:\S+)\/v1/, settings);
    const url = server.match[1];
    for (const path of ['/docs', '/docs.md', '/llms.txt', '/typescript.md'])
      expect((await fetch(url + path)).status, path).toBe(200);
    const [token] = /oar_\S+/.exec(server.output.stdout) ?? ['YOUR_API_TOKEN'];
    const headers = { Authorization: `Bearer ${token}` };
    expect((await fetch(`${url}/v1/oauth-apps`, { headers })).status).toBe(200);
  });

  test('npm run docs writes page and Markdown', async () => {
    const files = ['index.html', 'docs.md', 'llms.txt'].map((name) => `dist/docs/${name}`);
    const built = await Promise.all(files.map(copy.read));
    await rm(join(copy.folder, 'dist'), { recursive: true });
    expect(commands).toContain('npm run docs');
    expect(await copy.run(['bash', '-c', direct('npm run docs')])).toMatchObject({ code: 0 });
    expect(built.map((text) => /<html|^# /.test(text))).toEqual([true, true, true]);
    // The same bundle gives the same bytes, as the start built them.
    expect(await Promise.all(files.map(copy.read))).toEqual(built);
  });

  test('npm run mock has the port of the readme', () => {
    // contract/mock.test.ts tests its responses.
    expect(commands).toContain('npm run mock');
    expect(readme).toContain(/--port (\d+)/.exec(scripts.mock)?.[1]);
  });

  const programs = commands.filter((command) => command.startsWith('npx'));
  test.each(programs)('%s succeeds', async (command) => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-readme-'));
    // The import goes to another SQLite database. `test/postgres/import.test.ts` imports to PostgreSQL.
    await using target = await createDatabase('sqlite');
    const env = { DATABASE_URL: `sqlite:${join(folder, 'test.db')}` };
    const words = direct(command)
      .replace('oauth-apps-backup.db', join(folder, 'backup.db'))
      .replace('sqlite:.data/oauth-apps.db', env.DATABASE_URL)
      .replace('postgres://user@host/database', target.url);
    // As after the first start of a server.
    const store = await openStore(env.DATABASE_URL);
    await loadKeys({ file: join(folder, 'test.db.keys'), isEmbedded: true }, store, new Date());
    await store.close();
    if (command.includes(' restore ')) await backUp(join(folder, 'test.db'), join(folder, 'backup.db'), () => {});
    // In the short form, the first command runs as a program.
    const [, , ...own] = words.split(' ');
    const isProgram = isSoak || command === programs[0];
    const result = isProgram ? run(words.split(' '), { env }) : runCommandHere(own, env);
    expect(await result).toMatchObject({ code: 0 });
    await rm(folder, { recursive: true });
  });
});
