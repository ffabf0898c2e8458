// @databases none
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { createOAuthAppsClient, ProblemError } from '../../client/index.ts';
import { handlers, type ResponseNames } from '../../client/msw.ts';
import { documentedResponses } from '../../generated/responses.ts';
import { bundle } from '../contract/documented.ts';
import { example } from '../helpers/examples.ts';

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

describe('every other documented response can be chosen', () => {
  test.each(Object.entries(documentedResponses))('%s', async (operationId, { method, path, examples }) => {
    for (const [name, { status, headers, example: body }] of Object.entries(examples)) {
      server.use(...handlers({ baseUrl, responses: { [operationId]: name } }));
      const response = await fetch(baseUrl + path.replace('{id}', app.id), { method: method.toUpperCase() });
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

test('without a base URL any host is mocked', async () => {
  server.use(...handlers());
  const other = createOAuthAppsClient({ baseUrl: 'https://elsewhere.example', token: 't' });
  expect(await other.getOAuthApp('x')).toEqual(app);
});
