import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { example } from '../helpers/examples.ts';
import { createLoadClient } from '../helpers/load-client.ts';
import { compileCache } from '../helpers/process.ts';

/** The server: the real one, without validation, validated by the library as a whole, or the same API on Fastify. */
export type Kind = 'on' | 'off' | 'whole' | 'fastify';

/** The accounts of the measurements, and how many apps each has at first. */
export const appCounts = { single: 1, twenty: 20, hundred: 100, writes: 0 } as const;
export type Account = keyof typeof appCounts;
export const accounts = Object.keys(appCounts) as Account[];

/** What a server says when it listens. */
export interface Report {
  readonly url: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** What a server has used so far; bytes but for the time. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly rss: number;
  readonly heapUsed: number;
}

/** How `npm start` starts the server once the docs page is there. */
export const serverCommand: string[] = manifest.scripts.start.split(' && ').at(-1)?.split(' ') ?? [];

/** The core of the server and that of the client, where there are two. */
const cores = availableParallelism() > 1 ? ({ client: 0, server: 1 } as const) : undefined;

/** The words that start a command on a core of its own, on Linux. */
export const onServerCore = (words: readonly string[]): string[] =>
  cores && process.platform === 'linux' ? ['taskset', '-c', String(cores.server), ...words] : [...words];

/** Keeps this process, the client, off the server's core. */
export async function keepOffServerCore(): Promise<boolean> {
  if (cores === undefined || process.platform !== 'linux') return false;
  const [code] = await once(spawn('taskset', ['-a', '-pc', String(cores.client), String(process.pid)]), 'close');
  return code === 0;
}

type Sender = ReturnType<typeof createLoadClient>;

/** A server under measurement, with its apps in it. */
export interface Target extends AsyncDisposable {
  readonly kind: string;
  readonly url: string;
  /** Sends as an account, over connections that are kept. */
  readonly clients: Readonly<Record<Account, Sender>>;
  /** The app of the account with one. */
  readonly appId: string;
  usage(question?: 'usage' | 'heap'): Promise<Usage>;
}

const ask = async (child: ChildProcess, question: 'usage' | 'heap'): Promise<Usage> => {
  child.send(question);
  const [usage] = await once(child, 'message');
  return usage;
};

/** Opens a client for each account. */
export function openClients({ url, tokens }: Report): Target['clients'] {
  const clients = accounts.map((account) => [account, createLoadClient(url, tokens[account] ?? '')]);
  return Object.fromEntries(clients);
}

/** Fills the accounts through the API; gives the id of the last app of each. */
async function seed({ url, tokens }: Report): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const body = JSON.stringify(example('CreateOAuthApp'));
  for (const [account, count] of Object.entries(appCounts)) {
    const headers = { Authorization: `Bearer ${tokens[account]}`, 'Content-Type': 'application/json' };
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`${url}/v1/oauth-apps`, { method: 'POST', headers, body });
      if (response.status !== 200) throw new Error(`seeding ${account} was answered with ${response.status}`);
      ids[account] = ((await response.json()) as { id: string }).id;
    }
  }
  return ids;
}

/** Starts a server on a fresh database, logging to a file in `folder`. Dispose of it with `await using`. */
export async function startTarget(kind: Kind, databaseUrl: string, folder: string): Promise<Target> {
  const logFile = join(folder, `${kind}.log`);
  const log = openSync(logFile, 'w');
  const entry = [...serverCommand.slice(0, -1), join(import.meta.dirname, 'server.ts'), kind, databaseUrl];
  const [command = '', ...words] = onServerCore(entry);
  // As the server does itself, which then does without Node's support for TypeScript.
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const child = spawn(command, words, { env, stdio: ['ignore', 'inherit', log, 'ipc'] });
  closeSync(log);
  const ended = once(child, 'exit');
  const failed = ended.then(async () => {
    throw new Error(`the server ${kind} ended: ${await readFile(logFile, 'utf8')}`);
  });
  const [report] = (await Promise.race([once(child, 'message'), failed])) as [Report];
  failed.catch(() => {});
  const ids = await seed(report);
  const clients = openClients(report);
  return {
    ...{ kind, url: report.url, clients },
    appId: ids.single ?? '',
    usage: (question = 'usage') => ask(child, question),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.close();
      child.disconnect();
      await ended;
    },
  };
}
