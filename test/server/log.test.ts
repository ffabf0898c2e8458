// @databases sqlite
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bufferBytes, LineBuffer, type Sink } from '../../server/process/log-destination.ts';
import { getFile } from '../helpers/databases.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { run, startProcess } from '../helpers/process.ts';
import { createDeployment, type Deployment, type ServerProcess } from '../helpers/server-process.ts';

const list = 'GET /v1/oauth-apps';
const fullDisk = '/dev/full';
const stopMilliseconds = 10_000;

/** Throws an exception that is not caught, or prints the memory in use, at a signal. */
const preload = `
  process.on('SIGUSR1', () => { throw new RangeError(); });
  process.on('SIGUSR2', () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    console.log('memory', heapUsed + external);
  });`;
const env = {
  API_TOKEN: 'YOUR_API_TOKEN',
  LOG_LEVEL: 'info',
  NODE_OPTIONS: `--expose-gc --import=data:text/javascript,${encodeURIComponent(preload)}`,
};

/** Starts a server whose outputs a shell redirects. */
const startRedirected = (deployment: Deployment, redirection: string) =>
  deployment.startServer(env, ['sh', '-c', `exec "$0" "$@" ${redirection}`]);

/** Starts a server whose standard error is a socket. `use` is a call on the other end. */
const startOnSocket = (deployment: Deployment, use: string) =>
  deployment.startServer(env, [
    'node',
    '--eval',
    `process.on('SIGTERM', () => {});
    const [command, ...args] = process.argv.slice(1);
    const child = require('node:child_process').spawn(command, args, { stdio: ['ignore', 'inherit', 'pipe'] });
    child.stderr.${use};
    child.on('exit', (code) => process.exit(code ?? 70));`,
  ]);

/** Makes a pipe with a name, for readers that come and go. */
async function makePipe({ database }: Deployment) {
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

type Reader = ReturnType<Awaited<ReturnType<typeof makePipe>>['open']>;

/** Sends requests over 32 connections; returns how many got each status. */
async function sendMany({ send }: Pick<HttpClient, 'send'>, count: number) {
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

/** Expects a response to every request, health, and a stop in time with exit code 0. */
async function expectService(server: Pick<ServerProcess, 'send' | 'signal' | 'closed'>, count: number) {
  expect(await sendMany(server, count)).toEqual({ 200: count });
  expect(await server.send('GET /healthz')).toMatchObject({ status: 200 });
  const start = performance.now();
  server.signal('SIGTERM');
  expect(await server.closed).toEqual([0, null]);
  expect(performance.now() - start).toBeLessThan(stopMilliseconds);
}

/** Counts the lines about requests, and the lines that the log says are lost. */
function countLines(text: string) {
  const lines = text.trimEnd().split('\n');
  const entries = lines.map((line) => JSON.parse(line) as { msg: string; operationId?: string; lost?: number });
  return {
    received: entries.filter(({ operationId }) => operationId === 'listOAuthApps').length,
    lost: entries.reduce((sum, { msg, lost = 0 }) => sum + (msg === 'log lines lost' ? lost : 0), 0),
  };
}

/** Reads until there is a line of every request, or it is counted as lost. */
async function readLines(reader: Reader, sent: number) {
  for (;;) {
    const text = reader.read();
    if (text.endsWith('\n')) {
      const { received, lost } = countLines(text);
      if (received + lost >= sent) return { received, lost, text };
    }
    await delay(10);
  }
}

/** More lines than a socket of this machine and its reader hold, about 300 KB. */
const enough = 1_500;
const few = 50;

describe.concurrent('a log that takes no lines stops neither responses nor the end', () => {
  test.skipIf(!existsSync(fullDisk))('full disk', async () => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, `2>${fullDisk}`);
    await expectService(server, few);
  });

  test('closed file descriptor', async () => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, '2>&-');
    await expectService(server, few);
  });

  test('pipe whose reader is gone', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    await using server = await startRedirected(deployment, `2>${pipe.path}`);
    reader.close();
    await expectService(server, few);
  });

  test('pipe whose reader stands still', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    pipe.fill();
    await using server = await startRedirected(deployment, `2>${pipe.path}`);
    await expectService(server, few);
    reader.close();
  });

  test.each([
    ['is gone', 'destroy()'],
    ['stands still', 'pause()'],
  ])('socket whose reader %s', async (_name, use) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startOnSocket(deployment, use);
    await expectService(server, enough);
  });
});

test('oauth-apps serve ends while the reader stands still', async () => {
  await using deployment = await createDeployment('sqlite');
  const pipe = await makePipe(deployment);
  const reader = pipe.open();
  pipe.fill();
  const words = ['sh', '-c', `exec node server/bin.js serve 2>${pipe.path}`];
  await using server = await startProcess(words, /API +(http:\S+)\/v1/, { env: { ...deployment.settings, ...env } });
  const sender = createHttpClient(server.match[1] ?? '', env.API_TOKEN);
  await expectService({ ...server, ...sender }, few);
  sender.close();
  reader.close();
});

describe.concurrent('a reader that comes back', () => {
  test('finds every line of the time without it', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const first = pipe.open();
    await using server = await startRedirected(deployment, `2>${pipe.path}`);
    await sendMany(server, 100);
    await readLines(first, 100);
    first.close();
    await sendMany(server, 500);
    const second = pipe.open();
    expect(await readLines(second, 600)).toMatchObject({ received: 600, lost: 0 });
    await expectService(server, 10);
    second.close();
  });

  test('finds the number of lost lines', { timeout: 180_000 }, async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    await using server = await startRedirected(deployment, `2>${pipe.path}`);
    let measured = 0;
    const measureMemory = async () => {
      server.signal('SIGUSR2');
      measured += 1;
      for (;;) {
        const figures = [...server.output.stdout.matchAll(/^memory (\d+)$/gm)];
        if (figures.length === measured) return Number(figures.at(-1)?.[1]);
        await delay(10);
      }
    };
    const many = 6_000;
    await sendMany(server, few);
    const before = await measureMemory();
    expect(await sendMany(server, many)).toEqual({ 200: many });
    const growth = (await measureMemory()) - before;
    const { received, lost, text } = await readLines(reader, few + many);
    console.log(
      `log: ${few + many} requests against a reader that stands still: memory grew by ${(growth / 1e6).toFixed(1)} MB; ` +
        `${received} lines received later, ${lost} counted as lost`,
    );
    expect(received + lost).toBe(few + many);
    expect(lost).toBeGreaterThan(0);
    expect(text.length).toBeLessThan(bufferBytes + 2 * 65_536);
    expect(growth).toBeLessThan(8_000_000);
    // The log works as before.
    await sendMany(server, 100);
    expect(await readLines(reader, few + many + 100)).toMatchObject({ received: received + 100, lost });
    await expectService(server, 1);
    reader.close();
  });
});

describe.concurrent('an uncaught exception ends the process with 1', () => {
  test('its message is the last line', async () => {
    await using deployment = await createDeployment('sqlite');
    await using server = await deployment.startServer(env);
    await sendMany(server, 100);
    server.signal('SIGUSR1');
    expect(await server.closed).toEqual([1, null]);
    const [log = '', message] = server.output.stderr.split(/^(?=This)/m);
    expect(countLines(log)).toEqual({ received: 100, lost: 0 });
    expect(message).toMatch(/^This should not have happened: RangeError\./);
  });

  const outputs = [`2>${fullDisk}`, '2>&-'].filter((to) => !to.endsWith(fullDisk) || existsSync(fullDisk));
  test.each(outputs)('also with %s', async (redirection) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, redirection);
    await sendMany(server, few);
    server.signal('SIGUSR1');
    expect(await server.closed).toEqual([1, null]);
  });

  test.each(['is gone', 'stands still'])('also when the reader %s', async (state) => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    pipe.fill();
    await using server = await startRedirected(deployment, `2>${pipe.path}`);
    if (state === 'is gone') reader.close();
    await sendMany(server, few);
    server.signal('SIGUSR1');
    expect(await server.closed).toEqual([1, null]);
    if (state !== 'is gone') reader.close();
  });
});

describe.concurrent('a banner that cannot be printed stops nothing', () => {
  async function findPort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /** Starts a server that cannot print its URL, and waits until it is ready. */
  async function startMute(deployment: Deployment, redirection: string, arrange = () => {}) {
    const port = await findPort();
    const words = ['sh', '-c', `exec 3>&1 ${redirection}; echo started >&3; exec node server/start.js 3>&-`];
    const settings = { ...deployment.settings, ...env, PORT: String(port) };
    const server = await startProcess(words, /started/, { env: settings });
    arrange();
    const { send, close } = createHttpClient(`http://127.0.0.1:${port}`, env.API_TOKEN);
    while ((await send('GET /readyz').catch(() => undefined))?.status !== 200) await delay(50);
    return {
      ...server,
      send,
      [Symbol.asyncDispose]() {
        close();
        return server[Symbol.asyncDispose]();
      },
    };
  }

  const outputs = [`>${fullDisk}`, '>&-'].filter((to) => !to.endsWith(fullDisk) || existsSync(fullDisk));
  test.each(outputs)('%s', async (redirection) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startMute(deployment, redirection);
    await expectService(server, few);
  });

  test('pipe whose reader is gone', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    await using server = await startMute(deployment, `>${pipe.path}`, reader.close);
    await expectService(server, few);
  });

  test('pipe whose reader comes late', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    pipe.fill();
    await using server = await startMute(deployment, `>${pipe.path}`);
    await sendMany(server, few);
    while (!reader.read().endsWith("'\n\n")) await delay(10);
    expect(reader.read()).toMatch(/^\n+The server is ready\.\n/);
    await expectService(server, few);
    reader.close();
  });
});

describe('the buffer of the log', () => {
  /** Makes a sink that takes so many bytes of each write, or fails. */
  function makeSink(outcomes: readonly (number | Error)[]) {
    let text = '';
    const left = [...outcomes];
    const sink: Sink = {
      writeBytes: 16,
      write(bytes, done) {
        const outcome = left.shift() ?? bytes.length;
        if (outcome instanceof Error) return void setImmediate(done, outcome, 0);
        text += bytes.toString('utf8', 0, outcome);
        setImmediate(done, null, Math.min(outcome, bytes.length));
      },
      writeLast(bytes) {
        text += bytes;
      },
    };
    return { sink, written: () => text };
  }

  test('continues a line that was written in part', async () => {
    const { sink, written } = makeSink([3, new Error('ENOSPC'), 0, 1, 7]);
    const output = new LineBuffer(sink);
    for (const line of ['one\n', 'two and more\n', 'a line longer than a write\n']) output.write(line);
    await output.flush(5_000);
    expect(written()).toBe('one\ntwo and more\na line longer than a write\n');
  });

  test('tells the loss where the lines would be', async () => {
    const { sink, written } = makeSink([new Error('EAGAIN')]);
    const output = new LineBuffer(sink);
    const line = `${'x'.repeat(bufferBytes / 4 - 1)}\n`;
    for (let count = 0; count < 7; count += 1) output.write(line);
    await output.flush(5_000);
    output.write('next\n');
    await output.flush(5_000);
    const after = written().slice(4 * line.length);
    expect(after).toMatch(/^\{"level":40,"time":"[^"]+","lost":3,"msg":"log lines lost"\}\nnext\n$/);
  });

  test('writes the rest once at the exit', () => {
    const { sink, written } = makeSink([]);
    const output = new LineBuffer(sink);
    for (const line of ['one\n', 'two\n', 'three\n']) output.write(line);
    output.writeLast();
    expect(written()).toBe('one\ntwo\nthree\n');
  });

  test('a flush ends in time without a writer', async () => {
    const output = new LineBuffer({ writeBytes: 1, write() {}, writeLast() {} });
    output.write('line\n');
    await output.flush(10);
  });

  test('a line longer than the buffer is lost alone', async () => {
    const { sink, written } = makeSink([]);
    const output = new LineBuffer(sink);
    output.write(`${'x'.repeat(bufferBytes)}\n`);
    output.write('next\n');
    await output.flush(5_000);
    expect(written()).toMatch(/^\{[^\n]+"lost":1,"msg":"log lines lost"\}\nnext\n$/);
  });
});
