// @databases none
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Log, silentLog } from '../../server/log.ts';
import { millisecondsLeft, startClock } from '../../server/store/deadline.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const body = JSON.stringify(example('CreateOAuthApp'));

/** Sends the head of a create. Returns the connection once the server has authenticated the request. */
async function beginCreate({ server, findToken }: StartedServer, length = body.length) {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  const lines = [`Host: ${hostname}`, `Authorization: Bearer ${server.token}`, 'Content-Type: application/json'];
  socket.write(`POST /v1/oauth-apps HTTP/1.1\r\n${lines.join('\r\n')}\r\nContent-Length: ${length}\r\n\r\n`);
  await eventually(() => expect(findToken).toHaveBeenCalled());
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
  const findToken = vi.fn(store.findToken);
  const server = await startServer({ store: { ...store, findToken, createApp: createApp(store) }, log });
  return {
    server,
    findToken,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().finally(() => store.close()),
  };
}

type StartedServer = Awaited<ReturnType<typeof startWith>>;

test('the arrival of a body does not shorten the deadline', async () => {
  const left: number[] = [];
  await using started = await startWith((store) => (...parameters) => {
    const stopClock = startClock();
    left.push(millisecondsLeft());
    return store.createApp(...parameters).finally(stopClock);
  });
  // The clock of deadlines stands still, except between the two halves of the body.
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const socket = await beginCreate(started);
  socket.write(body.slice(0, 20));
  vi.advanceTimersByTime(60_000);
  socket.write(body.slice(20));
  await eventually(() => expect(left).toHaveLength(1));
  socket.destroy();
  expect(left).toEqual([4_000]);
});

test('a write completes after its client disconnects', async () => {
  const { log, statuses, faults } = recordLog();
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const created = vi.fn();
  await using started = await startWith(
    (store) =>
      async (...parameters) => {
        begun.resolve();
        await released.promise;
        const result = await store.createApp(...parameters);
        created(result);
        return result;
      },
    log,
  );
  const socket = await beginCreate(started);
  socket.write(body);
  await begun.promise;
  socket.destroy();
  // The log has the request once the server has noticed that the client is gone.
  await eventually(() => expect(statuses).toEqual([undefined]));
  released.resolve();
  await eventually(() => expect(created).toHaveBeenCalledWith('created'));
  expect(statuses).toEqual([undefined]);
  expect(faults).toEqual([]);
});

test('an incomplete body creates no app', async () => {
  const { log, statuses, faults } = recordLog();
  await using started = await startWith((store) => store.createApp, log);
  const socket = await beginCreate(started, body.length + 1);
  socket.end(body);
  socket.resume();
  await once(socket, 'close');
  await eventually(() => expect(statuses).toHaveLength(1));
  expect(faults).toEqual([]);
  expect((await started.server.client.listOAuthApps()).data).toEqual([]);
});
