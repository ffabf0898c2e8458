import { join } from 'node:path';
import { expect } from 'vitest';
import { readConfig } from '../../server/config.ts';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { errorMessage } from '../../server/process/error-message.ts';
import { serve } from '../../server/process/serve.ts';
import { isPostgres } from '../../server/store/database-url.ts';
import { runCommandHere } from './commands.ts';
import { createDatabase, createStoreDatabase, type DatabaseKind, type TestDatabase } from './databases.ts';
import { createHttpClient } from './http-client.ts';
import { run, startProcess } from './process.ts';

type Settings = Readonly<Record<string, string>>;

/** Settings that the environment of the tests may have, emptied. */
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

/** Returns a database, with the settings with which servers and commands use it. */
function deploy(database: TestDatabase) {
  const { url: DATABASE_URL } = database;
  // On SQLite the server creates its own key file. Servers on PostgreSQL need the same configured keys.
  const keys = isPostgres(DATABASE_URL) ? { SECRET_KEYS: makeKeyLine(new Date()) } : {};
  const settings: Settings = { ...unset, ...keys, DATABASE_URL, PORT: '0', LOG_LEVEL: 'warn' };
  return {
    database,
    settings,
    /** Runs an `oauth-apps` command in this process, to its end. */
    runCommand: (words: readonly string[], env: Settings = {}) => runCommandHere(words, { ...settings, ...env }),
    /** Runs an `oauth-apps` command as a process of its own, to its end. */
    runProgram: (words: readonly string[], env: Settings = {}) =>
      run(['node', 'server/bin.js', ...words], { env: { ...settings, ...env } }),
    /** Runs a server that is expected to exit by itself. */
    runServer: (env: Settings = {}, cwd?: string) => run(serverWords, { env: { ...settings, ...env }, cwd }),
    /** Starts a server. `launcher` is a command in front of it, such as a shell that sets limits. */
    startServer: (env: Settings = {}, launcher: readonly string[] = []) =>
      startServerProcess({ ...settings, ...env }, launcher),
    /** Starts the same server in this process, which costs a tenth of the CPU. It logs nothing. */
    startServerHere: (env: Settings = {}) => startServerHere({ ...settings, LOG_LEVEL: 'silent', ...env }),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

export type Deployment = ReturnType<typeof deploy>;

/**
 * Creates a database for a store, and the settings with which servers and commands use it. On PostgreSQL it has all
 * tables. Dispose of it with `await using`.
 * @param kind The kind of database. @default the one of the Vitest project
 */
export const createDeployment = async (kind?: DatabaseKind): Promise<Deployment> =>
  deploy(await createStoreDatabase(kind));

/** Creates the same on an empty database, for tests of what makes its tables. */
export const createEmptyDeployment = async (kind?: DatabaseKind): Promise<Deployment> =>
  deploy(await createDatabase(kind));

/** Starts a server in this process. Returns the text on standard error of a start that fails; empty for one that succeeds. */
async function failHere(settings: Settings): Promise<string> {
  try {
    await (await serve(readConfig(settings))).stop();
    return '';
  } catch (error) {
    return `${errorMessage(error)}\n`;
  }
}

/**
 * Expects that a server does not start, and that the message is one line with the reason and the setting, without values.
 * @param isProcess Whether the server is a process of its own, which ends with exit code 1.
 */
export async function expectStartFailure(
  deployment: Deployment,
  env: Settings,
  reason: RegExp,
  { isProcess = false, cwd }: { readonly isProcess?: boolean; readonly cwd?: string } = {},
) {
  const { stderr, ...end } = isProcess
    ? await deployment.runServer(env, cwd)
    : { code: 1, stdout: '', stderr: await failHere({ ...deployment.settings, ...env }) };
  expect(end).toEqual({ code: 1, stdout: '' });
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
    /** The curl command in its output. */
    curl,
    /** Sends a request with `API_TOKEN`. */
    send: client.send,
    async [Symbol.asyncDispose]() {
      client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ServerProcess = Awaited<ReturnType<typeof startServerProcess>>;

async function startServerHere(env: Settings) {
  const { url, banner, stop } = await serve(readConfig(env));
  const client = createHttpClient(url, env.API_TOKEN ?? '', maxSockets);
  return {
    url,
    output: { stdout: banner, stderr: '' },
    /** Sends a request with `API_TOKEN`. */
    send: client.send,
    async [Symbol.asyncDispose]() {
      client.close();
      await stop();
    },
  };
}

/** A server of a deployment, as a process or in this one. */
export type DeployedServer = Awaited<ReturnType<typeof startServerHere>>;
