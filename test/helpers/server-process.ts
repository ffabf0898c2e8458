import { join } from 'node:path';
import { expect } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { isPostgres } from '../../server/store/database-url.ts';
import { createDatabase, type DatabaseKind } from './databases.ts';
import { createHttpClient } from './http-client.ts';
import { run, startProcess } from './process.ts';

type Settings = Readonly<Record<string, string>>;

/** What the environment around the tests may say, said to be empty. */
const unset = {
  API_TOKEN: '',
  DATABASE_POOL_SIZE: '',
  HOST: '',
  SECRET_KEYS: '',
  SECRET_KEYS_FILE: '',
  MAX_APPS_PER_ACCOUNT: '',
  RATE_LIMIT: '',
  RESPONSE_VALIDATION: '',
};

/** A fresh database for the real server and the real commands. Dispose of it with `await using`. */
export async function createDeployment(kind?: DatabaseKind) {
  const database = await createDatabase(kind);
  const { url: DATABASE_URL } = database;
  // The embedded default makes its own keys; servers that share a database share keys that they are given.
  const keys = isPostgres(DATABASE_URL) ? { SECRET_KEYS: makeKeyLine(new Date()) } : {};
  const settings: Settings = { ...unset, ...keys, DATABASE_URL, PORT: '0', LOG_LEVEL: 'warn' };
  return {
    database,
    settings,
    /** Runs `oauth-apps`. */
    command: (words: readonly string[], env: Settings = {}) =>
      run(['node', 'server/bin.js', ...words], { env: { ...settings, ...env } }),
    /** Runs the server where it is expected to stop by itself. */
    runServer: (env: Settings = {}, cwd?: string) => run(serverWords, { env: { ...settings, ...env }, cwd }),
    /** Starts the server, by way of a launcher where there is one. */
    startServer: (env: Settings = {}, launcher: readonly string[] = []) =>
      startServerProcess({ ...settings, ...env }, launcher),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export type Deployment = Awaited<ReturnType<typeof createDeployment>>;

/** Starts a server that cannot: expects an exit code and one line that names what to set, without any value. */
export async function expectStartFailure(
  deployment: Deployment,
  env: Readonly<Record<string, string>>,
  reason: RegExp,
  cwd?: string,
) {
  const { code, stdout, stderr } = await deployment.runServer(env, cwd);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^[^\n]+\.\n$/);
  expect(stderr).toMatch(reason);
  expect(stderr).not.toMatch(/canary|^ +at /m);
}

const serverWords = ['node', join(import.meta.dirname, '../../server/start.js')];

const maxSockets = 64;

async function startServerProcess(env: Settings, launcher: readonly string[]) {
  const ready = /API +(http:\S+)\/v1\/oauth-apps[\s\S]*?\n( +curl [\s\S]*?)\n\n?$/;
  const server = await startProcess([...launcher, ...serverWords], ready, { env });
  const [, url = '', curl = ''] = server.match;
  const client = createHttpClient(url, env.API_TOKEN ?? '', maxSockets);
  return {
    ...server,
    url,
    /** The command that it shows to try it with. */
    curl,
    /** Sends a request with the token of the settings. */
    send: client.send,
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ServerProcess = Awaited<ReturnType<typeof startServerProcess>>;
