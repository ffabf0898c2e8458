// @databases sqlite
import { globSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRedocly, runRedoclyInThread } from '../../openapi/redocly.ts';
import { runProgram } from '../../server/commands/child.ts';
import { mock } from '../../server/commands/mock.ts';
import { childEnvironment } from '../../server/config.ts';
import { listOpenFiles } from '../../server/process/file-modes.ts';
import { getFile } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { root } from '../helpers/process.ts';
import { createDeployment } from '../helpers/server-process.ts';

const canary = 'canary-of-the-environment';
const secretNames = [
  'SECRET_KEYS',
  'API_TOKEN',
  'OTHER_API_TOKEN',
  'DATABASE_URL',
  'PGPASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'NODE_AUTH_TOKEN',
  'REDOCLY_AUTHORIZATION',
];
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-surroundings-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a child gets nothing of the settings', () => {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, canary]));

  test('of a command', async () => {
    const kept = childEnvironment(false, {
      ...secrets,
      PATH: '/bin',
      npm_config__authToken: canary,
      NODE_OPTIONS: 'x',
    });
    expect(kept).toEqual({ PATH: '/bin', NODE_OPTIONS: 'x' });
    expect(
      childEnvironment(false, { NODE_AUTH_TOKEN: canary, REDOCLY_AUTHORIZATION: canary, node_auth_token: canary }),
    ).toEqual({});
    const npm = childEnvironment(true, { ...secrets, PATH: '/bin', npm_config_cache: '/c', https_proxy: 'p' });
    expect(npm).toEqual({ PATH: '/bin', npm_config_cache: '/c', https_proxy: 'p' });
  });

  test('run by a command', async () => {
    for (const name of secretNames) process.env[name] = canary;
    const file = join(folder, 'child.mjs');
    await writeFile(file, `process.exit(JSON.stringify(process.env).includes('${canary}') ? 9 : 0)`);
    try {
      expect(await runProgram(process.execPath, [file])).toBe(0);
    } finally {
      for (const name of secretNames) delete process.env[name];
    }
  });

  test('that builds the docs', async () => {
    for (const name of secretNames) process.env[name] = canary;
    const spy = join(folder, 'spy.mjs');
    await writeFile(spy, `if (JSON.stringify(process.env).includes('${canary}')) { console.log('${canary}'); }`);
    const { NODE_OPTIONS } = process.env;
    process.env.NODE_OPTIONS = '';
    try {
      const { run } = await import('../helpers/process.ts');
      const code = `import { runRedocly } from './openapi/redocly.ts'; console.log(await runRedocly('--version'));`;
      const env = { ...Object.fromEntries(secretNames.map((name) => [name, canary])), NODE_OPTIONS: `--import=${spy}` };
      const { stdout } = await run(['node', '--input-type=module', '--eval', code], { env });
      // The process itself has the settings; the CLI, which it starts, has not.
      expect(stdout.match(new RegExp(canary, 'g'))).toHaveLength(1);
      expect(stdout).toMatch(/^\d+\.\d+\.\d+/m);
    } finally {
      if (NODE_OPTIONS !== undefined) process.env.NODE_OPTIONS = NODE_OPTIONS;
      for (const name of secretNames) delete process.env[name];
    }
    expect([runRedocly, runRedoclyInThread]).toHaveLength(2);
  });
});

test('every start of a program or thread names its environment', async () => {
  const starts = /(?<![.\w])(?:spawn|spawnSync|promisify\(execFile\)|execute|new Worker)\([^;]*?;/g;
  const files = ['server', 'openapi'].flatMap((folder) => globSync(`${folder}/**/*.{ts,js}`, { cwd: root }));
  const found = files.flatMap((file) => readFileSync(join(root, file), 'utf8').match(starts) ?? []);
  expect(found.filter((call) => !/\benv\b|\boptions\b/.test(call))).toEqual([]);
  expect(found.length).toBeGreaterThanOrEqual(7);
});

test('mock --install runs no install scripts', async () => {
  const words: string[] = [];
  const program = join(folder, 'npm');
  await writeFile(program, `#!/bin/sh\necho "$@" > ${join(folder, 'words')}\nenv > ${join(folder, 'env')}\n`, {
    mode: 0o755,
  });
  const { PATH } = process.env;
  process.env.PATH = `${folder}:${PATH}`;
  process.env.API_TOKEN = canary;
  try {
    const input = {
      ...{ options: { install: true }, positionals: [], say: (line: string) => void words.push(line) },
      ...{ findVersion: () => '5.16.0', readTokens: () => ({}), sayRow: () => {} },
      readConfig: () => {
        throw new Error('mock reads no settings');
      },
    };
    expect(await mock.run(input)).toBe(0);
  } finally {
    process.env.PATH = PATH;
    delete process.env.API_TOKEN;
  }
  const { readFile } = await import('node:fs/promises');
  expect(await readFile(join(folder, 'words'), 'utf8')).toMatch(
    /^exec --yes --ignore-scripts --package=@stoplight\/prism-cli@5\.16\.0 -- \S+ \S+bin\.js mock /,
  );
  expect(await readFile(join(folder, 'env'), 'utf8')).not.toContain(canary);
});

test('files that other users can use are told', async () => {
  const [database, keys] = [join(folder, 'open.db'), join(folder, 'open.keys')];
  for (const file of [database, `${database}-wal`, keys]) {
    await writeFile(file, '');
    await chmod(file, 0o600);
  }
  const list = () => listOpenFiles({ databaseUrl: `sqlite:${database}`, keys: { file: keys, isEmbedded: true } });
  expect(list()).toEqual([]);
  await writeFile(`${database}-shm`, '');
  await chmod(`${database}-shm`, 0o666);
  expect(list()).toEqual([expect.stringContaining(`${database}-shm (mode 0666)`)]);
  await rm(`${database}-shm`);
  await chmod(database, 0o666);
  await chmod(keys, 0o640);
  expect(list()).toEqual([
    `Other users of this machine can use the file ${keys} (mode 0640). Run chmod 600 on it.`,
    `Other users of this machine can use the file ${database} (mode 0666). Run chmod 600 on it.`,
  ]);
  // SQLite has its log beside the file that a link names.
  const link = join(folder, 'link.db');
  await symlink(database, link);
  await chmod(`${database}-wal`, 0o604);
  const linked = listOpenFiles({ databaseUrl: `sqlite:${link}`, keys: undefined });
  expect(linked).toEqual([expect.stringContaining(database), expect.stringContaining(`${database}-wal (mode 0604)`)]);
  await chmod(folder, 0o777);
  expect(list().at(-1)).toMatch(/can replace files in \S+ \(mode 0777\)\. Run chmod go-w on it\.$/);
  await chmod(folder, 0o1777);
  expect(list()).toHaveLength(3);
  await chmod(folder, 0o700);
  const given = listOpenFiles({ databaseUrl: 'postgres://x/y', keys: { file: keys, isEmbedded: false } });
  expect(given).toEqual([expect.stringContaining('the file that SECRET_KEYS_FILE names (mode 0640)')]);
  expect(listOpenFiles({ databaseUrl: 'sqlite::memory:', keys: { text: 'k' } })).toEqual([]);
});

test('folders above, beside a link and of a group are told', async () => {
  const [outer, inner, links] = [join(folder, 'outer'), join(folder, 'outer', 'inner'), join(folder, 'links')];
  for (const each of [inner, links]) await mkdir(each, { recursive: true });
  for (const each of [outer, inner, links]) await chmod(each, 0o700);
  const file = join(inner, 'test.db');
  await writeFile(file, '', { mode: 0o600 });
  await symlink(file, join(links, 'link.db'));
  const list = () => listOpenFiles({ databaseUrl: `sqlite:${join(links, 'link.db')}`, keys: undefined });
  expect(list()).toEqual([]);
  for (const [open, mode] of [
    [outer, 0o777],
    [links, 0o777],
    [inner, 0o702],
  ] as const) {
    await chmod(open, mode);
    expect(list()).toEqual([expect.stringContaining(`can replace files in ${open} (mode 0${mode.toString(8)})`)]);
    await chmod(open, 0o700);
  }
  if (process.getuid?.() !== 0) return;
  await chmod(inner, 0o770);
  expect(list()).toEqual([]);
  await chown(inner, 0, 12_345);
  expect(list()).toEqual([expect.stringContaining(`${inner} (mode 0770)`)]);
});

test('a server warns of its surroundings and opens no inspector', async () => {
  await using deployment = await createDeployment();
  // The first start makes the file of the keys.
  await (await deployment.startServerHere())[Symbol.asyncDispose]();
  await chmod(`${getFile(deployment.database)}.keys`, 0o644);
  const script = JSON.parse(await (await import('node:fs/promises')).readFile(join(root, 'package.json'), 'utf8'));
  for (const name of ['start', 'dev']) expect(script.scripts[name]).toContain('node --disable-sigusr1 ');
  await using server = await deployment.startServer({ HOST: '0.0.0.0', LOG_LEVEL: 'warn' });
  server.signal('SIGUSR1');
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  await eventually(() => expect(server.output.stderr).toContain('test.db.keys (mode 0644)'));
  expect(server.output.stderr).toContain('speaks plain HTTP beyond this machine');
  expect(server.output.stderr).not.toContain('Debugger listening');
  const isOpen = await new Promise((resolve) => {
    const socket = connect(9229, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
    socket.unref();
  });
  expect(isOpen).toBe(false);
});
