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

/** Sends the head of a create and returns the connection. */
async function beginCreate({ url, token }: TestServer, length = body.length) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const lines = [`Host: ${hostname}`, `Authorization: Bearer ${token}`, 'Content-Type: application/json'];
  socket.write(`POST /v1/oauth-apps HTTP/1.1\r\n${lines.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n`);
  await setTimeout(100);
  return socket;
}

/** Creates a log that records statuses and faults. */
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

/** Starts a server with another `createApp` of its store. */
async function startWith(createApp: (store: Store) => Store['createApp'], log = silentLog) {
  const store = await openStore('sqlite::memory:');
  const server = await startServer({ store: { ...store, createApp: createApp(store) }, log });
  return { server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().finally(() => store.close()) };
}

test('the arrival of a body does not shorten the deadline', async () => {
  const left: number[] = [];
  await using started = await startWith((store) => (...parameters) => {
    return countTime(() => {
      left.push(millisecondsLeft());
      return store.createApp(...parameters);
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

test('a write completes after its client disconnects', async () => {
  const { log, statuses, faults } = recordLog();
  const created = vi.fn();
  await using started = await startWith(
    (store) =>
      async (...parameters) => {
        await setTimeout(200);
        const result = await store.createApp(...parameters);
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

test('an incomplete body creates no app', async () => {
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
