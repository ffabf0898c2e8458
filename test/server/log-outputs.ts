/** Servers whose outputs go where no reader takes them, and pipes to read them from. */
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { getFile } from '../helpers/databases.ts';
import type { HttpClient } from '../helpers/http-client.ts';
import { run } from '../helpers/process.ts';
import type { Deployment, ServerProcess } from '../helpers/server-process.ts';
import { isSoak } from '../helpers/soak.ts';

/** The server itself. */
export const realServer = ['node', 'server/start.js'];
/** The outputs of the server with little else; in the long form of the tests, the server. */
export const outputsOnly = isSoak ? realServer : ['node', 'test/server/log-program.ts'];

const list = 'GET /v1/oauth-apps';
export const fullDisk = '/dev/full';
/** Whether the system has a file on a disk that is always full. */
export const hasFullDisk = existsSync(fullDisk);
const stopMilliseconds = 10_000;

/** Throws an exception that is not caught, or prints the memory in use, at a signal. */
const preload = `
  process.on('SIGUSR1', () => { throw new RangeError(); });
  process.on('SIGUSR2', () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    console.log('memory', heapUsed + external);
  });`;
export const env = {
  API_TOKEN: 'YOUR_API_TOKEN',
  LOG_LEVEL: 'info',
  NODE_OPTIONS: `--expose-gc --import=data:text/javascript,${encodeURIComponent(preload)}`,
};

/** Starts a program whose outputs a shell redirects. */
export const startRedirected = (deployment: Deployment, redirection: string, program = outputsOnly) =>
  deployment.startServer(env, ['sh', '-c', `exec ${program.join(' ')} ${redirection}`]);

/** Starts a program whose standard error is a socket. `use` is a call on the other end. */
export const startOnSocket = (deployment: Deployment, use: string, program: readonly string[]) =>
  deployment.startServer(env, [
    'node',
    '--eval',
    `process.on('SIGTERM', () => {});
    const [command, ...args] = ${JSON.stringify(program)};
    const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'inherit', 'pipe'] });
    child.stderr.${use};
    child.on('exit', (code) => process.exit(code ?? 70));`,
  ]);

/** Makes a pipe with a name, for readers that come and go. */
export async function makePipe({ database }: Deployment) {
  const path = join(dirname(getFile(database)), 'log');
  await run(['mkfifo', path]);
  let text = '';
  /** Reads or writes until the system would make it wait, or there is no writer. */
  const exhaust = (step: () => number) => {
    try {
      while (step() > 0);
    } catch (error) {
      if ((error as { code?: string }).code !== 'EAGAIN') throw error;
    }
  };
  return {
    path,
    /** Opens a reader, which reads nothing by itself. */
    open() {
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const bytes = Buffer.alloc(65_536);
      return {
        /** Reads what is there. Returns everything that was read since the pipe was made. */
        read() {
          exhaust(() => {
            const count = readSync(fd, bytes);
            text += bytes.toString('utf8', 0, count);
            return count;
          });
          return text;
        },
        close: () => closeSync(fd),
      };
    },
    /** Writes line ends until there is no room for one more byte. */
    fill() {
      const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      exhaust(() => writeSync(fd, '\n'));
      closeSync(fd);
    },
  };
}

export type Reader = ReturnType<Awaited<ReturnType<typeof makePipe>>['open']>;

/** Sends requests over 32 connections; returns how many got each status. */
export async function sendMany({ send }: Pick<HttpClient, 'send'>, count: number) {
  const statuses: Record<number, number> = {};
  let left = count;
  const work = async () => {
    while (left-- > 0) {
      const { status } = await send(list);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 32 }, work));
  return statuses;
}

/** Expects a response to every request, health, and a stop with exit code 0; in the long form, in time. */
export async function expectService(server: Pick<ServerProcess, 'send' | 'signal' | 'closed'>, count: number) {
  expect(await sendMany(server, count)).toEqual({ 200: count });
  expect(await server.send('GET /healthz')).toMatchObject({ status: 200 });
  const start = performance.now();
  server.signal('SIGTERM');
  expect(await server.closed).toEqual([0, null]);
  if (isSoak) expect(performance.now() - start).toBeLessThan(stopMilliseconds);
}

/** Counts the lines about requests, and the lines that the log says are lost. */
export function countLines(text: string) {
  const lines = text.trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { msg: string; operationId?: string; lost?: number });
  return {
    received: entries.filter(({ operationId }) => operationId === 'listOAuthApps').length,
    lost: entries.reduce((sum, { msg, lost = 0 }) => sum + (msg === 'log lines lost' ? lost : 0), 0),
  };
}

/** Reads until there is a line of every request, or it is counted as lost. */
export async function readLines(reader: Reader, sent: number) {
  for (;;) {
    const text = reader.read();
    if (text.endsWith('\n')) {
      const { received, lost } = countLines(text);
      if (received + lost >= sent) return { received, lost, text };
    }
    await delay(10);
  }
}
