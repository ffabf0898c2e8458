// @databases none
import { http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { createOAuthAppsClient, ProblemError } from '../../client/index.ts';
import { handlers, type ResponseNames } from '../../client/msw.ts';
import { documentedResponses } from '../../generated/responses.ts';
import { bundle } from '../contract/documented.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const baseUrl = 'https://api.example.com';
const app = example('OAuthApp');
const client = createOAuthAppsClient({ baseUrl, token: 't', retry: { limit: 0 } });
const server = setupServer(...handlers({ baseUrl }));
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('every operation has its documented success by default', async () => {
  expect(await client.createOAuthApp(example('CreateOAuthApp'))).toEqual(app);
  expect(await client.getOAuthApp(app.id)).toEqual(app);
  expect(await client.updateOAuthApp(app.id, { name: 'New' })).toEqual(app);
  expect(await client.deleteOAuthApp(app.id)).toEqual({ id: app.id, deleted: true });
  expect((await client.listOAuthApps({ provider: 'stripe' })).data).toEqual([app]);
});

test('a read-change-write gets the ETag it needs', async () => {
  expect(await client.changeOAuthApp(app.id, () => ({ name: 'New' }))).toEqual(app);
});

const token = { Authorization: 'Bearer t' };
const json = { ...token, 'Content-Type': 'application/json' };
const inits: Readonly<Record<string, RequestInit>> = {
  get: { headers: token },
  delete: { headers: token },
  post: { headers: json, body: JSON.stringify(example('CreateOAuthApp')) },
  patch: { headers: json, body: '{"name":"New"}' },
};

describe('every other documented response can be chosen', () => {
  test.each(Object.entries(documentedResponses))('%s', async (operationId, { method, path, examples }) => {
    for (const [name, { status, headers, example: body }] of Object.entries(examples)) {
      server.use(...handlers({ baseUrl, responses: { [operationId]: name } }));
      const response = await fetch(baseUrl + path.replace('{id}', app.id), {
        method: method.toUpperCase(),
        ...inits[method],
      });
      const text = await response.text();
      expect({ name, status: response.status }).toEqual({ name, status });
      expect(Object.fromEntries(response.headers)).toMatchObject(
        Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value])),
      );
      expect(text === '' ? undefined : JSON.parse(text)).toEqual(body && bundle.components.examples[body]?.value);
    }
  });
});

test('the client throws the chosen problem', async () => {
  server.use(...handlers({ baseUrl, responses: { createOAuthApp: 'ValidationFailed' } }));
  const error = await client.createOAuthApp(example('CreateOAuthApp')).catch((thrown: unknown) => thrown);
  expect(error instanceof ProblemError && error.is(422) && error.problem.validation_errors).toBeTypeOf('object');
});

test('only documented responses can be chosen', () => {
  expectTypeOf<ResponseNames['createOAuthApp']>().extract<'NotFound'>().toBeNever();
  // @ts-expect-error: create documents no 404
  expect(() => handlers({ responses: { createOAuthApp: 'NotFound' } })).toThrow(
    'createOAuthApp has no response named NotFound',
  );
});

describe('what the contract refuses is refused in the words of the server', () => {
  const list = '/v1/oauth-apps';
  const item = `${list}/x`;
  const requests: [string, RequestInit][] = [
    [list, { headers: {} }],
    [list, { headers: { Authorization: 'Basic dDo=' } }],
    [list, { method: 'PUT', headers: token }],
    [item, { method: 'POST', headers: token }],
    [item, { method: 'OPTIONS', headers: token }],
    [item, { method: 'HEAD', headers: token }],
    [`${list}?unknown=1`, { headers: token }],
    [`${list}?provider=myspace&limit=0`, { headers: token }],
    [`${list}?limit=1&limit=2`, { headers: token }],
    [`${list}?provider=stripe&provider=stripe`, { headers: token }],
    [`${list}?cursor=${'x'.repeat(3_000)}`, { headers: token }],
    [item, { headers: { ...token, 'If-None-Match': 'x' } }],
    [list, { method: 'POST', headers: json }],
    [list, { method: 'POST', headers: json, body: '{' }],
    [list, { method: 'POST', headers: json, body: '{"name":"","extra":1}' }],
    [list, { method: 'POST', headers: { ...json, 'Content-Type': 'text/plain' }, body: '{}' }],
    [list, { method: 'POST', headers: { ...json, 'Idempotency-Key': '' }, body: '{}' }],
    [item, { method: 'PATCH', headers: json, body: '{"provider":"stripe"}' }],
    [item, { method: 'PATCH', headers: json, body: '{"client_secret":"***"}' }],
  ];
  const read = async (response: Response) => {
    const text = await response.text();
    const { instance: _, ...problem } = text === '' ? {} : JSON.parse(text);
    return [response.status, problem, response.headers.get('allow'), response.headers.get('www-authenticate')];
  };

  test('whatever response is chosen', async () => {
    await using real = await startServer();
    server.use(...handlers({ baseUrl, responses: { getOAuthApp: 'NotFound' } }));
    server.use(http.all(`${real.url}/*`, () => passthrough()));
    for (const [path, init] of requests) {
      const headers = new Headers(init.headers);
      if (headers.get('authorization') === token.Authorization) headers.set('Authorization', `Bearer ${real.token}`);
      const expected = await read(await fetch(real.url + path, { ...init, headers }));
      expect([path, init, await read(await fetch(baseUrl + path, init))]).toEqual([path, init, expected]);
    }
  });
});

test('an operation may have responses of its own', async () => {
  const own = { ...app, name: 'Own' };
  const requested: string[] = [];
  server.use(
    ...handlers({
      baseUrl,
      responses: {
        getOAuthApp: { data: own },
        deleteOAuthApp: new Response('{}', { status: 418 }),
        listOAuthApps: (request) => {
          requested.push(new URL(request.url).search);
          return Response.json({ data: [own] });
        },
        updateOAuthApp: async (request) => Response.json({ ...app, ...(await request.json()) }),
      },
    }),
  );
  const { data, etag } = await client.getOAuthApp('x').withResponse();
  expect([data, etag]).toEqual([own, '"v1"']);
  for (let count = 0; count < 2; count += 1) {
    await expect(client.deleteOAuthApp('x')).rejects.toMatchObject({ status: 418 });
  }
  expect((await client.listOAuthApps({ provider: 'stripe' })).data).toEqual([own]);
  expect(requested).toEqual(['?provider=stripe']);
  expect(await client.updateOAuthApp('x', { name: 'Sent' })).toMatchObject({ name: 'Sent' });
  // @ts-expect-error: a deletion responds with `deleted`
  handlers({ responses: { deleteOAuthApp: { data: own } } });
});

test('without a base URL any host is mocked', async () => {
  server.use(...handlers());
  const other = createOAuthAppsClient({ baseUrl: 'https://elsewhere.example', token: 't' });
  expect(await other.getOAuthApp('x')).toEqual(app);
});
