// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ResolvedOperation } from '../../openapi/generate/bundle.ts';
import { startMock } from '../helpers/mock.ts';
import { bundle, fillPath, getDocumentedResponse, listRequests, operations } from './documented.ts';

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

/** Differences between Prism 5.16 and the server that no setting of Prism removes. */
const differences: { name: string; path?: string; init?: RequestInit; status: number }[] = [
  { name: 'accepts any bearer token', init: { headers: { Authorization: 'Bearer wrong' } }, status: 200 },
  { name: 'accepts an unknown query parameter', path: '?unknown=1', status: 200 },
  { name: 'accepts a metadata filter that is not JSON', path: '?metadata=%7B', status: 200 },
  { name: 'returns an app for every id', path: '/unknown', status: 200 },
  { name: 'rejects HEAD', init: { method: 'HEAD' }, status: 405 },
  { name: 'rejects OPTIONS', init: { method: 'OPTIONS' }, status: 405 },
];

/** Asserts that a response is the documented example: status, media type, headers and body. */
async function expectExample(response: Response, operation: ResolvedOperation, status: string) {
  const documented = getDocumentedResponse(operation, status);
  const names = Object.keys(documented.headers);
  expect({
    status: response.status,
    mediaType: response.headers.get('content-type'),
    headers: Object.fromEntries(names.map((name) => [name, response.headers.get(name)])),
    body: documented.body === undefined ? (await response.text()) || undefined : await response.json(),
  }).toEqual(documented);
}

describe('mock', () => {
  let mock: Awaited<ReturnType<typeof startMock>>;
  beforeAll(async () => {
    mock = await startMock();
  });
  afterAll(() => mock[Symbol.asyncDispose]());

  it.each(operations)('returns the documented example of $operationId', async (operation) => {
    for (const init of listRequests(operation)) {
      await expectExample(await mock.fetch(fillPath(operation), init), operation, '200');
    }
  });

  it.each(statuses)('returns $status of $operationId on request', async ({ operation, status }) => {
    const [init] = listRequests(operation);
    const response = await mock.fetch(fillPath(operation), { ...init, headers: { Prefer: `code=${status}` } });
    await expectExample(response, operation, status);
  });

  it('returns the example that Prefer names', async () => {
    const response = await mock.fetch(listPath, { headers: { Prefer: 'example=Revealed' } });
    expect(await response.json()).toEqual(bundle.components.examples.OAuthAppListRevealed?.value);
  });

  it.each(operations)('rejects $operationId without a token', async (operation) => {
    const { method } = listRequests(operation)[0];
    const response = await fetch(new URL(fillPath(operation), mock.url), { method });
    await expectExample(response, operation, '401');
  });

  it.each(invalid)('rejects $name with the validation problem', async ({ path, init }) => {
    const response = await mock.fetch(path, init);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const example = init.body === undefined ? 'InvalidParameters' : 'ValidationFailed';
    expect(await response.json()).toEqual(bundle.components.examples[example]?.value);
  });

  it('rejects another content type with 415', async () => {
    const response = await mock.fetch(listPath, { ...post({}), headers: { 'Content-Type': 'text/plain' } });
    expect(response.status).toBe(415);
    expect(await response.json()).toEqual(bundle.components.examples.UnsupportedMediaType?.value);
  });

  describe('differs from the server: Prism', () => {
    it.each(differences)('$name', async ({ path = '', init, status }) => {
      expect((await mock.fetch(listPath + path, init)).status).toBe(status);
    });

    it('never responds to a body that is not JSON', async () => {
      const signal = AbortSignal.timeout(500);
      await expect(mock.fetch(listPath, { method: 'POST', body: '{', signal })).rejects.toThrow('timeout');
    });

    it('sends 405 without Allow and with another problem', async () => {
      const response = await mock.fetch(listPath, { method: 'PUT' });
      expect(response.headers.get('allow')).toBeNull();
      expect(await response.json()).toMatchObject({ type: expect.stringContaining('stoplight.io/prism/errors') });
    });

    it('masks secrets despite truncate_secrets=false', async () => {
      const response = await mock.fetch(`${listPath}?truncate_secrets=false`);
      expect(await response.json()).toEqual(bundle.components.examples.OAuthAppList?.value);
    });
  });
});
