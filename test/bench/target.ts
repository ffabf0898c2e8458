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

/**
 * The kind of a measured server: `on` the server, `off` without validation, `whole` validated by
 * express-openapi-validator alone, `fastify` the same API on Fastify.
 */
export type Kind = 'on' | 'off' | 'whole' | 'fastify';

/** The accounts of the measurements, with their number of apps at the start. */
export const appCounts = { single: 1, twenty: 20, hundred: 100, writes: 0 } as const;
export type Account = keyof typeof appCounts;
export const accounts = Object.keys(appCounts) as Account[];

/** The message of a server once it listens. */
export interface Report {
  readonly url: string;
  readonly tokens: Readonly<Record<string, string>>;
}

/** The usage of a server so far: CPU time, and memory in bytes. */
export interface Usage {
  readonly cpuMicroseconds: number;
  readonly rss: number;
  readonly heapUsed: number;
}

/** The command of `npm start` that starts the server. */
export const serverCommand: string[] = manifest.scripts.start.split(' && ').at(-1)?.split(' ') ?? [];

/** Returns the CPU time of a process so far, user and system, in milliseconds. On Linux. */
export async function readCpu(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // Behind the name of the program, which may hold spaces; in ticks of ten milliseconds (proc(5)).
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

/** The cores of client and server, if there are two. */
const cores = availableParallelism() > 1 ? ({ client: 0, server: 1 } as const) : undefined;

/** Returns a command that runs on the core of the server, on Linux. */
export const onServerCore = (words: readonly string[]): string[] =>
  cores && process.platform === 'linux' ? ['taskset', '-c', String(cores.server), ...words] : [...words];

/** Lets a process and those that it starts run on all cores: a database that this process has started. */
export async function useAllCores(pid: number): Promise<void> {
  if (cores === undefined || process.platform !== 'linux') return;
  await once(spawn('taskset', ['-a', '-pc', Object.values(cores).join(), String(pid)]), 'close');
}
/** Returns a command that runs on any core, on Linux: this process and what it starts have one core. */
export const onAllCores = (words: readonly string[]): string[] =>
  cores && process.platform === 'linux' ? ['taskset', '-c', Object.values(cores).join(), ...words] : [...words];

/** Moves this process, the client, to the other core. Returns whether that worked. */
export async function keepOffServerCore(): Promise<boolean> {
  if (cores === undefined || process.platform !== 'linux') return false;
  const [code] = await once(spawn('taskset', ['-a', '-pc', String(cores.client), String(process.pid)]), 'close');
  return code === 0;
}

type LoadClient = ReturnType<typeof createLoadClient>;

/** A measured server with its apps. */
export interface Target extends AsyncDisposable {
  readonly kind: string;
  readonly url: string;
  /** The HTTP client of each account. */
  readonly clients: Readonly<Record<Account, LoadClient>>;
  /** The id of the app of the account `single`. */
  readonly appId: string;
  usage(question?: 'usage' | 'heap'): Promise<Usage>;
}

const askUsage = async (child: ChildProcess, question: 'usage' | 'heap'): Promise<Usage> => {
  child.send(question);
  const [usage] = await once(child, 'message');
  return usage;
};

/** Creates an HTTP client for each account. */
export function openClients({ url, tokens }: Report): Target['clients'] {
  const clients = accounts.map((account) => [account, createLoadClient(url, tokens[account] ?? '')]);
  return Object.fromEntries(clients);
}

/** Creates the apps of all accounts through the API. Returns the id of the last app of each. */
async function createApps({ url, tokens }: Report): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  const body = JSON.stringify(example('CreateOAuthApp'));
  for (const [account, count] of Object.entries(appCounts)) {
    const headers = { Authorization: `Bearer ${tokens[account]}`, 'Content-Type': 'application/json' };
    for (let index = 0; index < count; index += 1) {
      const response = await fetch(`${url}/v1/oauth-apps`, { method: 'POST', headers, body });
      if (response.status !== 200) throw new Error(`a create for the account ${account} got ${response.status}`);
      ids[account] = ((await response.json()) as { id: string }).id;
    }
  }
  return ids;
}

/** Starts a server on a new database, with its log in a file in `folder`. Dispose of it with `await using`. */
export async function startTarget(kind: Kind, databaseUrl: string, folder: string): Promise<Target> {
  const logFile = join(folder, `${kind}.log`);
  const log = openSync(logFile, 'w');
  const entry = [...serverCommand.slice(0, -1), join(import.meta.dirname, 'server.ts'), kind, databaseUrl];
  const [command = '', ...words] = onServerCore(entry);
  // With a compile cache the server runs without Node's TypeScript support.
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const child = spawn(command, words, { env, stdio: ['ignore', 'inherit', log, 'ipc'] });
  closeSync(log);
  const ended = once(child, 'exit');
  const failed = ended.then(async () => {
    throw new Error(`the server ${kind} ended: ${await readFile(logFile, 'utf8')}`);
  });
  const [report] = (await Promise.race([once(child, 'message'), failed])) as [Report];
  failed.catch(() => {});
  const ids = await createApps(report);
  const clients = openClients(report);
  return {
    ...{ kind, url: report.url, clients },
    appId: ids.single ?? '',
    usage: (question = 'usage') => askUsage(child, question),
    async [Symbol.asyncDispose]() {
      for (const client of Object.values(clients)) client.close();
      child.disconnect();
      await ended;
    },
  };
}
