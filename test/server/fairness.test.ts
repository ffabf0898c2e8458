// @databases none
/** The work of one account or one long list never holds up that of others. Held by order and counts, not by time. */
import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { accountTurns, type TakeTurn } from '../../server/http/account-turns.ts';
import { openStore } from '../../server/store/open-store.ts';
import type { Store } from '../../server/store/store.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const response = () => new EventEmitter() as ServerResponse;

describe('the turns of an account', () => {
  let take: TakeTurn;
  beforeEach(() => {
    vi.useFakeTimers();
    take = accountTurns({ capacity: 8, timeout: 4_000, maxWaiting: 2 });
  });
  afterEach(() => vi.useRealTimers());

  /** Whether a request has its turn, waits, or was rejected. */
  async function stateOf(turn: ReturnType<TakeTurn>): Promise<string> {
    if (turn === undefined) return 'in work';
    const result = await Promise.race([turn, Promise.resolve('waits')]);
    return result === 'waits' ? 'waits' : result === undefined ? 'in work' : 'rejected';
  }

  test('bound the cost in work and go on in order', async () => {
    const [list, first, second] = [response(), response(), response()];
    expect(await stateOf(take('acme', 8, list))).toBe('in work');
    const turns = [take('acme', 1, first), take('acme', 1, second)];
    expect(await Promise.all(turns.map(stateOf))).toEqual(['waits', 'waits']);
    list.emit('close');
    expect(await Promise.all(turns.map(stateOf))).toEqual(['in work', 'in work']);
  });

  test('never hold up another account', async () => {
    take('acme', 8, response());
    expect(await stateOf(take('acme', 1, response()))).toBe('waits');
    expect(await stateOf(take('globex', 1, response()))).toBe('in work');
  });

  test('let a request through whose cost is over the capacity, alone', async () => {
    const small = response();
    take('acme', 1, small);
    const large = take('acme', 100, response());
    expect(await stateOf(large)).toBe('waits');
    small.emit('close');
    expect(await stateOf(large)).toBe('in work');
  });

  test('reject a request that waits for too long', async () => {
    take('acme', 8, response());
    const turn = take('acme', 1, response());
    vi.advanceTimersByTime(4_000);
    expect(await turn).toMatchObject({ problem: 'Unavailable', details: { headers: { 'Retry-After': '1' } } });
  });

  test('reject requests over the number that may wait', async () => {
    take('acme', 8, response());
    const turns = [1, 2, 3].map(() => take('acme', 1, response()));
    expect(await Promise.all(turns.map(stateOf))).toEqual(['waits', 'waits', 'rejected']);
  });

  test('skip a request whose client has gone', async () => {
    const [list, gone, next] = [response(), response(), response()];
    take('acme', 8, list);
    const turns = [take('acme', 8, gone), take('acme', 8, next)];
    gone.emit('close');
    list.emit('close');
    expect(await stateOf(turns[0])).toBe('rejected');
    expect(await stateOf(turns[1])).toBe('in work');
    next.emit('close');
    expect(await stateOf(take('acme', 8, response()))).toBe('in work');
  });
});

describe('a long list', () => {
  /** A server whose store notes the order of its calls, with an account of 400 apps and another one of one app. */
  async function startBusyServer() {
    const store = await openStore('sqlite::memory:');
    const calls: string[] = [];
    const recorded: Store = {
      ...store,
      listApps(...call) {
        calls.push('list');
        return store.listApps(...call);
      },
      findApp(...call) {
        calls.push('get');
        return store.findApp(...call);
      },
    };
    const server = await startServer({ store: recorded });
    const token = await server.createToken({ accountId: 'busy' });
    const body = JSON.stringify(example('CreateOAuthApp'));
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' };
    const create = () => fetch(`${server.url}/v1/oauth-apps`, { method: 'POST', headers, body });
    for (let batch = 0; batch < 20; batch += 1) await Promise.all(Array.from({ length: 20 }, create));
    const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
    return {
      server,
      calls,
      token,
      id,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]().finally(() => store.close()),
    };
  }

  test('is read in slices, and other requests run in between', async () => {
    await using busy = await startBusyServer();
    const { server, calls, token, id } = busy;
    calls.length = 0;
    const order: string[] = [];
    const lists = Array.from({ length: 4 }, async () => {
      const listed = await fetch(`${server.url}/v1/oauth-apps`, { headers: { Authorization: `Bearer ${token}` } });
      order.push('list');
      return ((await listed.json()) as { data: { id: string }[] }).data;
    });
    const gets = Array.from({ length: 4 }, async () => {
      await server.client.getOAuthApp(id);
      order.push('get');
    });
    const [all] = await Promise.all([Promise.all(lists), Promise.all(gets)]);
    expect(order.slice(0, 4)).toEqual(['get', 'get', 'get', 'get']);
    expect(calls.filter((call) => call === 'list')).toHaveLength(4 * 8);
    expect(calls.lastIndexOf('get')).toBeLessThan(calls.lastIndexOf('list'));
    for (const data of all) expect(new Set(data.map((app) => app.id)).size).toBe(400);
  });

  test('stops once its client has gone', async () => {
    await using busy = await startBusyServer();
    const { server, calls, token } = busy;
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    calls.length = 0;
    socket.write(`GET /v1/oauth-apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await eventually(() => expect(calls.length).toBeGreaterThan(0));
    socket.destroy();
    await once(socket, 'close');
    const seen = calls.length;
    await server.fetch('/v1/oauth-apps');
    expect(calls.length - seen).toBeLessThan(8);
  });

  test('has the same bytes as its pages', async () => {
    await using busy = await startBusyServer();
    const { server, token } = busy;
    const read = async (query: string) => {
      const response = await fetch(`${server.url}/v1/oauth-apps${query}`, {
        headers: { Authorization: `Bearer ${token}` },
      });
      const text = await response.text();
      expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(text)));
      return JSON.parse(text) as { data: unknown[]; next_cursor?: string };
    };
    const whole = await read('');
    const first = await read('?limit=120');
    const second = await read(`?limit=1000&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data]).toEqual(whole.data);
    expect([whole.next_cursor, second.next_cursor, first.data.length]).toEqual([undefined, undefined, 120]);
    expect(await read('?provider=github')).toEqual({ data: [] });
  });
});
