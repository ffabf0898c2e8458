import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import { limits } from '../../generated/values.ts';
import { description } from '../../server/description.ts';
import { type Store, StoreUnavailable } from '../../server/store/store.ts';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const bodies: Partial<Record<OperationId, unknown>> = {
  createOAuthApp: example('CreateOAuthApp'),
  updateOAuthApp: example('UpdateOAuthApp'),
};

/** Sends the request of an operation with the example body. `init` replaces parts of it. */
function send(server: TestServer, operationId: OperationId, id: string, init: RequestInit = {}, query = '') {
  const { method, path } = operations[operationId];
  const body = bodies[operationId];
  return server.fetch(path.replace('{id}', id) + query, {
    method: method.toUpperCase(),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...init,
  });
}

/** Returns a store whose app queries fail, as without a disk. Tokens are still found. */
function failAppQueries(store: Store): Store {
  const fail = () => Promise.reject(new StoreUnavailable('SQLITE_IOERR'));
  return {
    ...store,
    // Without the app of the request, which a store may find together with the token.
    findToken: (hash) => store.findToken(hash),
    createApp: fail,
    findApp: fail,
    listApps: fail,
    revealApps: fail,
    updateApp: fail,
    deleteApp: fail,
  };
}

type Provoke = (server: TestServer, operationId: OperationId, id: string) => Promise<Response>;

/** Sends a request that gets the status. */
const provoke: Record<string, Provoke> = {
  200: send,
  304: (server, operationId, id) => send(server, operationId, id, { headers: { 'If-None-Match': '"v1"' } }),
  400: (server, operationId, id) => send(server, operationId, id, {}, '?provider=%E0%A4'),
  401: (server, operationId, id) => send(server, operationId, id, { headers: { Authorization: 'Bearer wrong' } }),
  403: async (server, operationId, id) => {
    const token = await server.createToken({ scopes: [] });
    return send(server, operationId, id, { headers: { Authorization: `Bearer ${token}` } });
  },
  404: (server, operationId) => send(server, operationId, 'unknown'),
  405: (server, operationId, id) => send(server, operationId, id, { method: 'PUT' }),
  409: async (server, operationId, id) => {
    await using full = await startServer({ store: server.store, maxAppsPerAccount: 1 });
    return await send(full, operationId, id);
  },
  412: (server, operationId, id) => send(server, operationId, id, { headers: { 'If-Match': '"v2"' } }),
  413: (server, operationId, id) => send(server, operationId, id, { body: ' '.repeat(limits.bodyBytes + 1) }),
  415: (server, operationId, id) => send(server, operationId, id, { headers: { 'Content-Type': 'text/plain' } }),
  422: (server, operationId, id) => send(server, operationId, id, {}, '?unknown=1'),
  429: async (server, operationId, id) => {
    await using limited = await startServer({ store: server.store, rateLimit: 1 });
    await send(limited, operationId, id);
    return await send(limited, operationId, id);
  },
  500: async (server, operationId, id) => {
    await server.database.rows(sql`ALTER TABLE oauth_apps RENAME TO elsewhere`);
    return await send(server, operationId, id);
  },
  503: async (server, operationId, id) => {
    await using failing = await startServer({ store: failAppQueries(server.store) });
    return await send(failing, operationId, id);
  },
};

/** Statuses of requests that Node does not parse: test/server/transport-errors.test.ts has them. */
const transportStatuses = ['408', '431'];
const statuses = Object.entries(operations).flatMap(([operationId, { responses }]) =>
  Object.keys(responses)
    .filter((status) => !transportStatuses.includes(status))
    .map((status) => ({ operationId: operationId as OperationId, status })),
);

describe('every documented status is sent as documented', () => {
  /** The server of all tests but those that break the database. */
  let shared: TestServer;
  beforeAll(async () => {
    shared = await startServer();
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  const expectStatus = async (server: TestServer, operationId: OperationId, status: string) => {
    const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
    const response = (await provoke[status]?.(server, operationId, id)) as Response;
    expect(response.status).toBe(Number(status));
    await expectDocumented(operationId, response);
  };

  test.each(statuses)('$operationId responds with $status', async ({ operationId, status }) => {
    if (status !== '500') return expectStatus(shared, operationId, status);
    await using broken = await startServer();
    await expectStatus(broken, operationId, status);
  });
});

test('a write gets 503 while the database stays locked', async () => {
  await using server = await startServer();
  await using _lock = await server.database.lock();
  const response = await send(server, 'createOAuthApp', '');
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  await expectDocumented('createOAuthApp', response);
});

test('an undocumented status becomes a server fault', async () => {
  const changed = JSON.parse(JSON.stringify(description));
  delete changed.paths['/v1/oauth-apps/{id}'].get.responses[404];
  await using server = await startServer({ description: changed });
  const response = await server.fetch('/v1/oauth-apps/unknown');
  expect(response.status).toBe(500);
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
});

test('a response without a required field becomes a server fault', async () => {
  const changed = JSON.parse(JSON.stringify(description));
  changed.components.schemas.OAuthApp.required.push('region');
  await using server = await startServer({ description: changed });
  const response = await server.fetch('/v1/oauth-apps', {
    method: 'POST',
    body: JSON.stringify(example('CreateOAuthApp')),
  });
  expect(response.status).toBe(500);
});
