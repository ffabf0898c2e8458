// @databases none
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deref, type ResolvedOperation } from '../../openapi/generate/bundle.ts';
import { bundle } from '../contract/documented.ts';
import { type Account, openAccount } from '../helpers/accounts.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type Json, type PlacedOperation, placedOperations, resourceOf, type TestedResource } from '../resources.ts';

let server: TestServer;
let http: HttpClient;
let account: Account;
/** An OAuth app. */
let id: string;
beforeAll(async () => {
  server = await startServer();
  http = createHttpClient(server.url, server.token);
  account = await openAccount(server, http, 'default');
  [id = ''] = await account.createMany(resourceOf('oauth-apps'), 1);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

const readValue = (node: object) => deref<{ value?: unknown }>(bundle, node).value;

/** Returns the named examples of a body, by name. */
function bodiesOf(node: { content?: ResolvedOperation['responses'][string]['content'] } | undefined) {
  const [mediaType] = Object.values(node?.content ?? {});
  return Object.fromEntries(Object.entries(mediaType?.examples ?? {}).map(([name, node]) => [name, readValue(node)]));
}

/** Sends a request of an operation, about a new record where it is about one. */
async function send(
  operation: PlacedOperation,
  body?: unknown,
  query = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  const [record] = operation.needsRecord ? await account.createMany(resourceOf(operation.resource?.name ?? ''), 1) : [];
  const init = {
    method: operation.method.toUpperCase(),
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  return server.fetch((await account.pathOf(operation, record)) + query, init);
}

/** Expects the headers and the problem of a response to be the examples of its status. */
async function expectExample(operation: ResolvedOperation, response: Response, names: readonly string[]) {
  const { headers = {}, ...documented } = operation.responses[response.status] ?? {};
  for (const name of names) {
    const [shown] = Object.values(deref<{ examples?: object }>(bundle, headers[name] ?? {}).examples ?? {});
    expect(response.headers.get(name), `${operation.operationId} ${name}`).toBe(readValue(shown));
  }
  const { instance: _shown, ...problem } = Object.values(bodiesOf(documented))[0] as Json;
  expect(await response.json()).toEqual({ ...problem, instance: expect.any(String) });
}

describe.each(placedOperations)('the examples of $operationId', (operation) => {
  const { requestBody, parameters, responses, security } = operation;

  test('show the methods that its URL supports', async () => {
    const response = await send({ ...operation, method: 'put' });
    await expectExample(operation, response, ['Allow']);
  });

  test.runIf(security.length > 0)('show the scope that it needs', async () => {
    const token = await server.createToken({ scopes: [] });
    const response = await send(operation, undefined, '', { Authorization: `Bearer ${token}` });
    expect(security).toHaveLength(1);
    await expectExample(operation, response, ['WWW-Authenticate']);
  });

  const { operationId } = operation;
  // The reasons in the shared example are those of OAuth apps.
  test.runIf(!requestBody || operation.resource?.name === 'oauth-apps')('show reasons that it has', async () => {
    const body = requestBody && { ...example('CreateOAuthApp'), name: '', metadata: [] };
    const { provider: _provider, client_id: _clientId, ...changes } = body ?? {};
    const invalid = operationId === 'updateOAuthApp' ? changes : body;
    await expectExample(operation, await send(operation, invalid, body ? '' : '?page=1'), []);
  });

  test('are harmless when they are sent', async () => {
    const shown = parameters.flatMap(({ name, in: where, example, examples = {} }) => {
      const [value = example] = Object.values(examples).map(readValue);
      return where === 'path' || value === undefined ? [] : [{ name, where, value: String(value) }];
    });
    expect(shown.filter(({ where }) => where !== 'query')).toEqual([]);
    if (operation.verb !== 'list') return;
    const plain = await (await send(operation)).json();
    const query = new URLSearchParams(shown.map(({ name, value }) => [name, value]));
    expect(await (await send(operation, undefined, `?${query}`)).json()).toEqual(plain);
  });

  test('show the response to each request', async () => {
    const responseBodies = bodiesOf(responses[200]);
    const requests = Object.entries(bodiesOf(requestBody));
    for (const [name, example] of requests) {
      const resource = operation.verb === 'create' ? resourceOf(operation.resource?.name ?? '') : undefined;
      const body = resource ? await account.newBody(resource, {}, example as Json) : example;
      const { created_at, updated_at, ...shown } = responseBodies[name] as Json;
      const { id: _id, health: _health, ...sent } = { ...shown, ...referring(resource, body as Json) };
      const received = (await (await send(operation, body)).json()) as Json;
      expect(Object.keys(received).sort()).toEqual(Object.keys({ ...shown, created_at, updated_at }).sort());
      const own = operation.method === 'post' ? sent : Object.fromEntries(Object.keys(body as Json).map(pick(sent)));
      expect(received).toMatchObject(own);
    }
  });
});

/** Returns the members of a body that refer to records. */
const referring = (resource: TestedResource | undefined, body: Json) =>
  Object.fromEntries(Object.keys(resource?.references ?? {}).map(pick(body)));

const pick = (from: Json) => (name: string) => [name, from[name]] as const;

test.each(['Provider', 'HealthStatus'])('the words of the open values name every %s', (name) => {
  const open = bundle.components.schemas[`Open${name}`];
  const named = [...String(open?.description).matchAll(/`([^`]+)`/g)].map(([, value]) => value);
  expect(named).toEqual(bundle.components.schemas[name]?.enum);
});

test.each(['', '\n', ' ', '\r\n', '\t', '\u00a0'])('the mask with %j behind it is no secret', async (end) => {
  for (const secret of [`**********${end}`, `${end}**********`, `**${end}**`, `*${end}`]) {
    const update = await server.fetch(`/v1/oauth-apps/${id}`, {
      method: 'PATCH',
      body: JSON.stringify({ client_secret: secret }),
    });
    expect(await update.json()).toMatchObject({
      status: 422,
      validation_errors: { client_secret: [expect.any(String)] },
    });
  }
});

test.each(['a secret*', '* a', '**\n*a', 'a\n', '\u{1f600}'])('%j is a secret', async (secret) => {
  const response = await server.fetch(`/v1/oauth-apps/${id}`, {
    method: 'PATCH',
    body: JSON.stringify({ client_secret: secret }),
  });
  expect(response.status).toBe(200);
});
