// @databases sqlite
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createHttpClient } from '../helpers/http-client.ts';
import { startProcess } from '../helpers/process.ts';
import { createDeployment, type Deployment } from '../helpers/server-process.ts';
import {
  env,
  expectService,
  fullDisk,
  hasFullDisk,
  makePipe,
  outputsOnly,
  realServer,
  sendMany,
} from './log-outputs.ts';

const few = 50;

describe.concurrent('a banner that cannot be printed stops nothing', () => {
  async function findPort() {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  /** Starts a server that cannot print its URL, and waits until it is ready. */
  async function startMute(deployment: Deployment, redirection: string, { arrange = () => {}, program = outputsOnly }) {
    const port = await findPort();
    const words = ['sh', '-c', `exec 3>&1 ${redirection}; echo started >&3; exec ${program.join(' ')} 3>&-`];
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

  const outputs = [`>${fullDisk}`, '>&-'].filter((to) => !to.endsWith(fullDisk) || hasFullDisk);
  test.each(outputs)('%s', async (redirection) => {
    await using deployment = await createDeployment('sqlite');
    await using server = await startMute(deployment, redirection, {});
    await expectService(server, few);
  });

  test('pipe whose reader is gone', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    await using server = await startMute(deployment, `>${pipe.path}`, { arrange: reader.close });
    await expectService(server, few);
  });

  test('pipe whose reader comes late', async () => {
    await using deployment = await createDeployment('sqlite');
    const pipe = await makePipe(deployment);
    const reader = pipe.open();
    pipe.fill();
    await using server = await startMute(deployment, `>${pipe.path}`, { program: realServer });
    await sendMany(server, few);
    while (!reader.read().endsWith("'\n\n")) await delay(10);
    expect(reader.read()).toMatch(/^\n+The server is ready\.\n/);
    await expectService(server, few);
    reader.close();
  });
});
