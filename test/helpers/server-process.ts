import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, startProcess } from './process.ts';
import { createSender } from './sender.ts';

type Settings = Readonly<Record<string, string>>;

/** What the environment around the tests may say, said to be empty. */
const unset = {
  API_TOKEN: '',
  HOST: '',
  SECRET_KEYS: '',
  SECRET_KEYS_FILE: '',
  MAX_APPS_PER_ACCOUNT: '',
  RATE_LIMIT: '',
  RESPONSE_VALIDATION: '',
};

/** A folder with a database for the real server and the real commands. Dispose of it with `await using`. */
export async function makeSite() {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-site-'));
  const databaseFile = join(folder, 'test.db');
  const databaseUrl = `sqlite:${databaseFile}`;
  const settings: Settings = { ...unset, DATABASE_URL: databaseUrl, PORT: '0', LOG_LEVEL: 'warn' };
  return {
    folder,
    databaseFile,
    databaseUrl,
    settings,
    /** Runs `oauth-apps`. */
    command: (words: readonly string[], env: Settings = {}) =>
      run(['node', 'server/bin.js', ...words], { env: { ...settings, ...env } }),
    /** Runs the server where it is expected to stop by itself. */
    runServer: (env: Settings = {}, cwd?: string) => run(serverWords, { env: { ...settings, ...env }, cwd }),
    startServer: (env: Settings = {}) => startServerProcess({ ...settings, ...env }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export type Site = Awaited<ReturnType<typeof makeSite>>;

const serverWords = ['node', join(import.meta.dirname, '../../server/main.ts')];

const maxSockets = 64;

async function startServerProcess(env: Settings) {
  const ready = /API +(http:\S+)\/v1\/oauth-apps[\s\S]*?\n( +curl [\s\S]*?)\n\n?$/;
  const server = await startProcess(serverWords, ready, { env });
  const [, url = '', curl = ''] = server.match;
  const sender = createSender(url, env.API_TOKEN ?? '', maxSockets);
  return {
    ...server,
    url,
    /** The command that it shows to try it with. */
    curl,
    /** Sends a request with the token of the settings. */
    send: sender.send,
    async [Symbol.asyncDispose]() {
      sender.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ServerProcess = Awaited<ReturnType<typeof startServerProcess>>;
