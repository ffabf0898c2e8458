// @databases sqlite
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bufferBytes } from '../../server/process/log-destination.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { startProcess } from '../helpers/process.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import {
  countLines,
  env,
  expectService,
  fullDisk,
  hasFullDisk,
  makePipe,
  outputsOnly,
  readLines,
  sendMany,
  startOnSocket,
  startRedirected,
} from './log-outputs.ts';

/** More lines than a socket of this machine and its reader hold: about 300 KB. */
const enough = isSoak ? 1_500 : 300;
const few = 50;

describe.concurrent('a log that takes no lines stops neither responses nor the end', () => {
  test.runIf(hasFullDisk)('full disk', async () => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, `2>${fullDisk}`);
    await expectService(server, few);
  });

  test('closed file descriptor', async () => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, '2>&-');
    await expectService(server, few);
  });

  test.each([
    ['is gone', 'destroy()'],
    ['stands still', 'pause()'],
  ])('socket whose reader %s', async (_name, use) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startOnSocket(deployment, use, outputsOnly);
    await expectService(server, enough);
  });
});

// `npm start` is tried above, and both call the same function.
test.runIf(isSoak)('oauth-apps serve ends while the reader stands still', async () => {
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
    second.close();
    // The server responds and ends without a reader,
    await expectService(server, few);
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
    // The lines of the program are five times as long as those of the server.
    const many = isSoak ? 6_000 : 1_500;
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
    pipe.fill();
    // and with one that stands still.
    await expectService(server, few);
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

  // Each starts a server. The short form has one of each kind.
  const outputs = ['2>&-', `2>${fullDisk}`].filter((to) => !to.endsWith(fullDisk) || hasFullDisk).slice(-soak(1, 2));
  test.each(outputs)('also with %s', async (redirection) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startRedirected(deployment, redirection);
    await sendMany(server, few);
    server.signal('SIGUSR1');
    expect(await server.closed).toEqual([1, null]);
  });

  test.each(['stands still', 'is gone'].slice(0, soak(1, 2)))('also when the reader %s', async (state) => {
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
