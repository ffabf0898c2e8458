import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { openStore } from '../../server/store/open-store.ts';
import { root, run } from '../helpers/process.ts';
import { createDeployment, createEmptyDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const words = [
  'token create --scopes read',
  'rotate-keys',
  ...['token list', 'token revoke x', 'keys check', 'audit', 'thin-audit --before 2020-01-01 --output thinned.jsonl'],
].slice(0, soak(3, 7));
const reason =
  /^There is no database to work on\. Look at DATABASE_URL .*a server makes the database when it starts\.\n$/;

describe('a command makes no database', () => {
  test.each(words)('%s', async (command) => {
    await using deployment = await createEmptyDeployment();
    const SECRET_KEYS = makeKeyLine(new Date());
    const { code, stdout, stderr } = await deployment.runCommand(command.split(' '), { SECRET_KEYS });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(reason);
    if (inject('store') === 'postgres')
      expect(await deployment.database.rows(sql`SELECT 1 FROM pg_tables WHERE schemaname = 'public'`)).toEqual([]);
    else await expect(readdir(join(root, 'thinned.jsonl'))).rejects.toThrow();
  });
});

test.runIf(inject('store') === 'postgres')('a database of another program is left as it was', async () => {
  await using deployment = await createEmptyDeployment();
  const { rows } = deployment.database;
  await rows(sql`CREATE TABLE kysely_migration (name text)`);
  await rows(sql`CREATE TABLE notes (text text)`);
  for (const command of words) {
    const { code, stderr } = await deployment.runCommand(command.split(' '));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(reason) });
  }
  const { stderr } = await deployment.runCommand(['restore', '--finish']);
  expect(stderr).toMatch(/holds no installation\.\n$/);
  const names = (await rows(sql`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).map(
    ({ tablename }) => tablename,
  );
  expect(names).toEqual(['kysely_migration', 'notes']);
});

describe.runIf(inject('store') === 'sqlite')('on a file', () => {
  test('a command in the wrong folder leaves it as it was', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-folder-'));
    try {
      await mkdir(join(folder, 'empty'));
      const program = ['node', join(root, 'server/bin.js'), 'rotate-keys'];
      const env = { DATABASE_URL: '', SECRET_KEYS: '', SECRET_KEYS_FILE: '' };
      const { code, stderr } = await run(program, { cwd: join(folder, 'empty'), env });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(reason) });
      expect(await readdir(join(folder, 'empty'))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('a command makes no key file', async () => {
    await using deployment = await createDeployment();
    await (await openStore(deployment.database.url)).close();
    const { code, stdout, stderr } = await deployment.runCommand(['rotate-keys']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^Database: sqlite:\/.+\/test\.db\. Keys: the file .+test\.db\.keys\.$/m);
    expect(stderr).toMatch(/^The secret keys cannot be used: the file .+test\.db\.keys is missing\./m);
    await expect(readdir(`${deployment.database.url.slice('sqlite:'.length)}.keys`)).rejects.toThrow('ENOENT');
  });

  const makers = {
    'an empty file': (file: string) => writeFile(file, ''),
    'a database of another program': async (file: string) => {
      const database = new DatabaseSync(file);
      database.exec('CREATE TABLE kysely_migration (name TEXT); CREATE TABLE notes (text TEXT)');
      database.close();
    },
  };

  test.each(Object.entries(makers))('%s is left as it was by every command', async (_name, make) => {
    await using deployment = await createDeployment();
    const file = deployment.database.url.slice('sqlite:'.length);
    await make(file);
    const before = await readFile(file);
    const SECRET_KEYS = makeKeyLine(new Date());
    for (const command of [...words, 'keys check']) {
      const { code, stderr } = await deployment.runCommand(command.split(' '), { SECRET_KEYS });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(reason) });
    }
    const copy = `${file}.copy`;
    expect(await deployment.runCommand(['backup', copy], { SECRET_KEYS })).toEqual({
      ...{ code: 1, stdout: '', stderr: 'The database holds no installation. Look at DATABASE_URL.\n' },
    });
    const other = { SECRET_KEYS, DATABASE_URL: `sqlite:${file}.other` };
    expect(await deployment.runCommand(['restore', '--from', file], other)).toEqual({
      ...{ code: 1, stdout: '', stderr: 'The backup holds no installation. Name a file that `backup` made.\n' },
    });
    expect(await readFile(file)).toEqual(before);
    expect((await readdir(dirname(file))).filter((name) => !/-(wal|shm)$/.test(name))).toEqual(['test.db']);
  });

  test('a restore makes no folder', async () => {
    await using deployment = await createDeployment();
    await (await openStore(deployment.database.url)).close();
    const file = deployment.database.url.slice('sqlite:'.length);
    const settings = {
      SECRET_KEYS: makeKeyLine(new Date()),
      DATABASE_URL: `sqlite:${join(dirname(file), 'no', 'x.db')}`,
    };
    const { code, stderr } = await deployment.runCommand(['restore', '--from', file], settings);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The folder of the database does not exist\. Look at DATABASE_URL/),
    });
  });

  test('a command says which database it used', async () => {
    await using deployment = await createDeployment();
    await (await openStore(deployment.database.url)).close();
    const created = await deployment.runCommand([
      'token',
      'create',
      '--scopes',
      'read',
      '--name',
      'ci',
      '--expires',
      '30d',
    ]);
    expect(created.stdout).toMatch(
      /^Token \S+ for the account default with read, until \d{4}-\S+:\nDatabase: sqlite:\/.+\noar_\S+\n$/,
    );
    const { stdout, stderr } = await deployment.runCommand(['token', 'list']);
    expect(stderr).toMatch(/^Database: sqlite:\/.+test\.db\.\n$/);
    expect(stdout).toMatch(/^\S+\tdefault\tread\t\S+\toar_\S{6}\tci\t\d{4}-\S+Z\t-\tusable\n$/);
  });
});
