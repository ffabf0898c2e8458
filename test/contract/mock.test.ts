import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedOperation } from '../../openapi/generate/bundle.ts';
import { startMock } from '../helpers/mock.ts';
import { answerOf, bundle, operations, pathOf, requestsOf } from './documented.ts';

const statuses = operations.flatMap((operation) =>
  Object.keys(operation.responses).map((status) => ({ operation, status, operationId: operation.operationId })),
);
const listPath = '/v1/oauth-apps';
const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

const invalid: { name: string; path: string; init: RequestInit }[] = [
  { name: 'a body without its required fields', path: listPath, init: post({}) },
  { name: 'a field that is unknown', path: `${listPath}/x`, init: { method: 'PATCH', body: '{"provider":"stripe"}' } },
  {
    name: 'a secret made of asterisks',
    path: `${listPath}/x`,
    init: { method: 'PATCH', body: '{"client_secret":"*"}' },
  },
  { name: 'a filter outside its values', path: `${listPath}?provider=myspace`, init: {} },
];

/** Where Prism 5.16 answers otherwise than the server, and no setting of it helps. */
const gaps: { name: string; path?: string; init?: RequestInit; status: number }[] = [
  { name: 'takes any bearer token', init: { headers: { Authorization: 'Bearer wrong' } }, status: 200 },
  { name: 'takes an unknown query parameter', path: '?unknown=1', status: 200 },
  { name: 'takes a metadata filter that is not JSON', path: '?metadata=%7B', status: 200 },
  { name: 'has an app for every id', path: '/unknown', status: 200 },
  { name: 'refuses HEAD where GET is', init: { method: 'HEAD' }, status: 405 },
  { name: 'refuses OPTIONS', init: { method: 'OPTIONS' }, status: 405 },
];

/** Fails unless an answer is the documented example: status, media type, headers and body. */
async function expectExample(answer: Response, operation: ResolvedOperation, status: string) {
  const documented = answerOf(operation, status);
  const names = Object.keys(documented.headers);
  expect({
    status: answer.status,
    mediaType: answer.headers.get('content-type'),
    headers: Object.fromEntries(names.map((name) => [name, answer.headers.get(name)])),
    body: documented.body === undefined ? (await answer.text()) || undefined : await answer.json(),
  }).toEqual(documented);
}

describe('mock', () => {
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock[Symbol.asyncDispose]());

  it.each(operations)('answers $operationId with the documented example', async (operation) => {
    for (const init of requestsOf(operation)) {
      await expectExample(await mock.call(pathOf(operation), init), operation, '200');
    }
  });

  it.each(statuses)('answers $operationId with $status on demand', async ({ operation, status }) => {
    const [init] = requestsOf(operation);
    const answer = await mock.call(pathOf(operation), { ...init, headers: { Prefer: `code=${status}` } });
    await expectExample(answer, operation, status);
  });

  it('gives the example that Prefer names', async () => {
    const answer = await mock.call(listPath, { headers: { Prefer: 'example=Revealed' } });
    expect(await answer.json()).toEqual(bundle.components.examples.OAuthAppListRevealed?.value);
  });

  it.each(operations)('refuses $operationId without a token', async (operation) => {
    const { method } = requestsOf(operation)[0];
    const answer = await fetch(new URL(pathOf(operation), mock.url), { method });
    await expectExample(answer, operation, '401');
  });

  it.each(invalid)('answers $name with the validation problem', async ({ path, init }) => {
    const answer = await mock.call(path, init);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual(bundle.components.examples.ValidationFailed?.value);
  });

  it('answers another content type with 415', async () => {
    const answer = await mock.call(listPath, { ...post({}), headers: { 'Content-Type': 'text/plain' } });
    expect(answer.status).toBe(415);
    expect(await answer.json()).toEqual(bundle.components.examples.UnsupportedMediaType?.value);
  });

  describe('has a gap: Prism', () => {
    it.each(gaps)('$name', async ({ path = '', init, status }) => {
      expect((await mock.call(listPath + path, init)).status).toBe(status);
    });

    it('never answers a body that is not JSON', async () => {
      const signal = AbortSignal.timeout(500);
      await expect(mock.call(listPath, { method: 'POST', body: '{', signal })).rejects.toThrow('timeout');
    });

    it('names no Allow and a problem of its own on 405', async () => {
      const answer = await mock.call(listPath, { method: 'PUT' });
      expect(answer.headers.get('allow')).toBeNull();
      expect(await answer.json()).toMatchObject({ type: expect.stringContaining('stoplight.io/prism/errors') });
    });

    it('shows masked secrets whatever truncate_secrets says', async () => {
      const answer = await mock.call(`${listPath}?truncate_secrets=false`);
      expect(await answer.json()).toEqual(bundle.components.examples.OAuthAppList?.value);
    });
  });
});
