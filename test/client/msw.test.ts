import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { createOAuthAppsClient, ProblemError } from '../../client/index.ts';
import { type AnswerNames, handlers } from '../../client/msw.ts';
import { answers } from '../../generated/answers.ts';
import { bundle } from '../contract/documented.ts';
import { example } from '../helpers/examples.ts';

const baseUrl = 'https://api.example.com';
const app = example('OAuthApp');
const client = createOAuthAppsClient({ baseUrl, token: 't', retry: { limit: 0 } });
const server = setupServer(...handlers({ baseUrl }));
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

test('every operation is answered with its documented success', async () => {
  expect(await client.createOAuthApp(example('CreateOAuthApp'))).toEqual(app);
  expect(await client.getOAuthApp(app.id)).toEqual(app);
  expect(await client.updateOAuthApp(app.id, { name: 'New' })).toEqual(app);
  expect(await client.deleteOAuthApp(app.id)).toEqual({ id: app.id, deleted: true });
  expect((await client.listOAuthApps({ provider: 'stripe' })).data).toEqual([app]);
});

test('a read-change-write finds the version that it needs', async () => {
  expect(await client.changeOAuthApp(app.id, () => ({ name: 'New' }))).toEqual(app);
});

describe('every other documented answer can be chosen', () => {
  test.each(Object.entries(answers))('%s', async (operationId, { method, path, examples }) => {
    for (const [name, { status, headers, example: body }] of Object.entries(examples)) {
      server.use(...handlers({ baseUrl, answers: { [operationId]: name } }));
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
  server.use(...handlers({ baseUrl, answers: { createOAuthApp: 'ValidationFailed' } }));
  const error = await client.createOAuthApp(example('CreateOAuthApp')).catch((thrown: unknown) => thrown);
  expect(error instanceof ProblemError && error.is(422) && error.problem.validation_errors).toBeTypeOf('object');
});

test('only documented answers can be chosen', () => {
  expectTypeOf<AnswerNames['createOAuthApp']>().extract<'NotFound'>().toBeNever();
  // @ts-expect-error: a create is never answered so
  expect(() => handlers({ answers: { createOAuthApp: 'NotFound' } })).toThrow(
    'createOAuthApp has no answer named NotFound',
  );
});

test('without a base URL any host is answered for', async () => {
  server.use(...handlers());
  const other = createOAuthAppsClient({ baseUrl: 'https://elsewhere.example', token: 't' });
  expect(await other.getOAuthApp('x')).toEqual(app);
});
