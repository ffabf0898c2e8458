import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { type Log, silentLog } from '../../server/log.ts';
import { countTime, millisecondsLeft } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { example } from '../helpers/examples.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const body = JSON.stringify(example('CreateOAuthApp'));

/** Begins a create and gives its connection, before the body is sent. */
async function beginCreate({ url, token }: TestServer, length = body.length) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = [`Host: ${hostname}`, `Authorization: Bearer ${token}`, 'Content-Type: application/json'];
  socket.write(`POST /v1/oauth-apps HTTP/1.1\r\n${lines.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n`);
  await setTimeout(100);
  return socket;
}

/** A log that notes down its lines. */
function recordLog() {
  const statuses: (number | undefined)[] = [];
  const faults: unknown[] = [];
  const log: Log = {
    ...silentLog,
    request: ({ status }) => void statuses.push(status),
    fault: (_requestId, error) => void faults.push(error),
  };
  return { log, statuses, faults };
}

async function startWith(createApp: (store: Store) => Store['createApp'], log = silentLog) {
  const store = await openStore('sqlite::memory:');
  const server = await startServer({ store: { ...store, createApp: createApp(store) }, log });
  return { server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().finally(() => store.close()) };
}

test('a write has its time with the store however its body arrives', async () => {
  const left: number[] = [];
  await using started = await startWith((store) => (...call) => {
    return countTime(() => {
      left.push(millisecondsLeft());
      return store.createApp(...call);
    });
  });
  const socket = await beginCreate(started.server);
  for (const half of [body.slice(0, 20), body.slice(20)]) {
    socket.write(half);
    await setTimeout(50);
  }
  socket.destroy();
  expect(left).toHaveLength(1);
  expect(left[0]).toBeLessThan(5_000);
});

test('a client that leaves while its write is under way disturbs nothing', async () => {
  const { log, statuses, faults } = recordLog();
  const created = vi.fn();
  await using started = await startWith(
    (store) =>
      async (...call) => {
        await setTimeout(200);
        const result = await store.createApp(...call);
        created(result);
        return result;
      },
    log,
  );
  const socket = await beginCreate(started.server);
  socket.write(body);
  await setTimeout(50);
  socket.destroy();
  await vi.waitFor(() => expect(created).toHaveBeenCalledWith('created'));
  await setTimeout(50);
  expect(statuses).toEqual([undefined]);
  expect(faults).toEqual([]);
});

test('a body that breaks off is no request', async () => {
  const { log, statuses, faults } = recordLog();
  await using started = await startWith((store) => store.createApp, log);
  const socket = await beginCreate(started.server, body.length + 1);
  socket.write(body);
  await setTimeout(50);
  socket.destroy();
  await once(socket, 'close');
  await vi.waitFor(() => expect(statuses).toEqual([undefined]));
  expect(faults).toEqual([]);
  expect((await started.server.client.listOAuthApps()).data).toEqual([]);
});
