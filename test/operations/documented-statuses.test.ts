import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OperationId } from '../../generated/operations.ts';
import { limits } from '../../generated/values.ts';
import { description } from '../../server/description.ts';
import { type Store, StoreUnavailable } from '../../server/store/store.ts';
import { listExampleValues } from '../contract/documented.ts';
import { type Account, openAccount } from '../helpers/accounts.ts';
import { expectDocumented } from '../helpers/description.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { type ServerOptions, startServer, type TestServer } from '../helpers/server.ts';
import { type PlacedOperation, placedOperations, resourceOf, resources } from '../resources.ts';

/** Returns a valid body of an operation of a record. */
async function bodyOf(account: Account, { resource, verb, requestBody }: PlacedOperation): Promise<unknown> {
  const [example] = listExampleValues(requestBody?.content['application/json']?.examples);
  return verb === 'create' && resource ? account.newBody(resourceOf(resource.name)) : example;
}

/** A valid request of an operation, about a record where the operation is about one. */
interface Valid {
  readonly operation: PlacedOperation;
  readonly account: Account;
  readonly path: string;
  readonly body: unknown;
  readonly full: ServerOptions | undefined;
}

async function makeValid(server: TestServer, operation: PlacedOperation): Promise<Valid> {
  const http = createHttpClient(server.url, server.token);
  const account = await openAccount(server, http);
  const resource = operation.resource && resourceOf(operation.resource.name);
  const [id] = resource?.has('create') ? await account.createMany(resource, 1) : [];
  const [path, body] = [await account.pathOf(operation, id), await bodyOf(account, operation)];
  http.close();
  return { operation, account, path, body, full: resource?.full };
}

/** Sends a valid request. `init` replaces parts of it. */
function send(
  { url }: Pick<TestServer, 'url'>,
  { operation, account, path, body }: Valid,
  init: RequestInit = {},
  query = '',
) {
  const headers = new Headers({
    Authorization: `Bearer ${account.token}`,
    ...((body !== undefined || init.body !== undefined) && { 'Content-Type': 'application/json' }),
    ...(init.headers as Record<string, string>),
  });
  const sent = { method: operation.method.toUpperCase(), ...(body !== undefined && { body: JSON.stringify(body) }) };
  return fetch(new URL(path + query, url), { ...sent, ...init, headers });
}

/** Methods of the store that work without a disk, so that the caller is known. */
const ofCallers: readonly string[] = [
  'notices',
  'addToken',
  'findToken',
  'readFacts',
  'countRequests',
  'recordUse',
] satisfies (keyof Store)[];

/** Returns a store whose queries about records fail, as without a disk. Tokens are still found. */
function failRecords(store: Store): Store {
  const fail = () => Promise.reject(new StoreUnavailable('SQLITE_IOERR'));
  const failing = Object.entries(store).map(([name, value]) => [name, ofCallers.includes(name) ? value : fail]);
  const records: Store['records'] = (table) =>
    Object.fromEntries(Object.keys(store.records(table)).map((name) => [name, fail])) as never;
  // Without the record of the request, which a store may find together with the token.
  return { ...Object.fromEntries(failing), records, findToken: (hash: string) => store.findToken(hash) };
}

type Provoke = (server: TestServer, valid: Valid) => Promise<Response>;

/** Sends a request that gets the status. */
const provoke: Record<string, Provoke> = {
  200: send,
  304: async (server, valid) => {
    const etag = (await send(server, valid)).headers.get('etag') ?? '';
    return send(server, valid, { headers: { 'If-None-Match': etag } });
  },
  400: (server, valid) => send(server, valid, {}, '?provider=%E0%A4'),
  401: (server, valid) => send(server, valid, { headers: { Authorization: 'Bearer wrong' } }),
  403: async (server, valid) => {
    const token = await server.createToken({ scopes: [] });
    return send(server, valid, { headers: { Authorization: `Bearer ${token}` } });
  },
  404: async (server, valid) =>
    send(server, { ...valid, path: await valid.account.pathOf(valid.operation, 'unknown') }),
  405: (server, valid) => send(server, valid, { method: 'PUT' }),
  409: async (server, valid) => {
    await using full = await startServer({ store: server.store, ...valid.full });
    return await send(full, valid);
  },
  412: (server, valid) => send(server, valid, { headers: { 'If-Match': '"v2"' } }),
  413: (server, valid) => send(server, valid, { body: ' '.repeat(limits.bodyBytes + 1) }),
  415: (server, valid) => send(server, valid, { headers: { 'Content-Type': 'text/plain' } }),
  422: (server, valid) => send(server, valid, {}, '?unknown=1'),
  429: async (server, valid) => {
    await using limited = await startServer({ store: server.store, rateLimit: 1 });
    await send(limited, valid);
    return await send(limited, valid);
  },
  500: async (server, valid) => {
    const table = sql.table(resourceOf(valid.operation.resource?.name ?? '').table);
    await server.database.rows(sql`ALTER TABLE ${table} RENAME TO elsewhere`);
    return await send(server, valid);
  },
  503: async (server, valid) => {
    await using failing = await startServer({ store: failRecords(server.store) });
    return await send(failing, valid);
  },
};

/** Statuses of requests that Node does not parse: test/server/transport-errors.test.ts has them. */
const transportStatuses = ['408', '431'];
const statuses = placedOperations.flatMap((operation) =>
  Object.keys(operation.responses)
    .filter((status) => !transportStatuses.includes(status))
    .map((status) => ({ ...{ operation, status }, operationId: operation.operationId as OperationId })),
);

describe('every documented status is sent as documented', () => {
  /** The server of all tests but those that break the database. */
  let shared: TestServer;
  beforeAll(async () => {
    shared = await startServer();
  });
  afterAll(() => shared[Symbol.asyncDispose]());

  test.each(statuses)('$operationId responds with $status', async ({ operation, operationId, status }) => {
    await using broken = status === '500' ? await startServer() : undefined;
    const server = broken ?? shared;
    const send = provoke[status];
    if (send === undefined) throw new Error(`no request in this file gets ${status}`);
    const response = await send(server, await makeValid(server, operation));
    expect(response.status).toBe(Number(status));
    await expectDocumented(operationId, response);
  });
});

describe.each(resources)('a write of $name', (resource) => {
  test('gets 503 while the database stays locked', async () => {
    await using server = await startServer();
    const create = resource.operation('create');
    const valid = await makeValid(server, create);
    await using _lock = await server.database.lock();
    const response = await send(server, valid);
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    await expectDocumented(create.operationId as OperationId, response);
  });
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
