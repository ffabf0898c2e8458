// @databases none
import { expect, test } from 'vitest';
import { createOAuthAppsClient, ProblemError } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const valid = example('CreateOAuthApp');

/** Creates a client that records its requests and gets its responses from `respond`. */
function observe(respond: () => Response) {
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    requests.push(request);
    return respond();
  };
  return { requests, client: createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 'tok', fetch }) };
}

test('every operation resolves with the data of its response', async () => {
  await using server = await startServer();
  const { client } = server;
  const created = await client.createOAuthApp(valid);
  expect(await client.getOAuthApp(created.id)).toEqual(created);
  expect((await client.updateOAuthApp(created.id, { name: 'New' })).name).toBe('New');
  expect((await client.listOAuthApps({ provider: 'stripe', 'health.status': 'ok' })).data).toHaveLength(1);
  expect(await client.deleteOAuthApp(created.id)).toEqual({ id: created.id, deleted: true });
});

test('a problem is thrown with status and request id', async () => {
  await using server = await startServer();
  const error = await server.client.getOAuthApp('unknown').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({
    status: 404,
    problem: { title: 'Not found' },
    message: expect.stringMatching(/^404: /),
  });
  const { problem, requestId } = error as ProblemError;
  expect(problem?.instance).toBe(`urn:uuid:${requestId}`);
});

test('a validation problem names the invalid fields', async () => {
  await using server = await startServer();
  const error = await server.client.createOAuthApp({ ...valid, name: '' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ status: 422, problem: { validation_errors: { name: [expect.any(String)] } } });
});

test.each([
  ['an empty body', () => new Response('', { status: 502 })],
  [
    'an HTML body',
    () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } }),
  ],
  ['no content', () => new Response(null, { status: 502, headers: { 'Content-Length': '0' } })],
])('an error with %s is a ProblemError too', async (_name, respond) => {
  const { client } = observe(respond);
  await expect(client.listOAuthApps()).rejects.toMatchObject({ name: 'ProblemError', status: 502, problem: undefined });
});

test('an error holds neither token nor request body', async () => {
  const { client } = observe(() => Response.json({ summary: 'No.' }, { status: 422 }));
  const error = await client.createOAuthApp(valid).catch((thrown: Error) => thrown);
  const text = JSON.stringify(error, Object.getOwnPropertyNames(error)) + String((error as Error).stack);
  expect(text).not.toContain('tok"');
  expect(text).not.toContain(valid.client_secret);
});

test('a request has the described headers and query', async () => {
  const { client, requests } = observe(() => Response.json({ data: [] }));
  await client.listOAuthApps({ metadata: '{"custom_property": 42}', truncate_secrets: false });
  const [request] = requests;
  expect(request?.headers.get('authorization')).toBe('Bearer tok');
  expect(request?.redirect).toBe('manual');
  const url = new URL(request?.url ?? '');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    metadata: '{"custom_property": 42}',
    truncate_secrets: 'false',
  });
});

test('an id is encoded as one path segment', async () => {
  const { client, requests } = observe(() => Response.json({}));
  await client.getOAuthApp('../a b/c?d#e');
  expect(requests[0]?.url).toBe('https://api.example.com/v1/oauth-apps/..%2Fa%20b%2Fc%3Fd%23e');
});

test('an aborted signal rejects the request', async () => {
  await using server = await startServer();
  const request = server.client.listOAuthApps({}, { signal: AbortSignal.abort(new Error('enough')) });
  await expect(request).rejects.toThrow('enough');
});

test('unknown fields and values of later versions are kept', async () => {
  const later = { ...example('OAuthApp'), provider: 'newcomer', region: 'eu' };
  const { client } = observe(() => Response.json(later));
  expect(await client.getOAuthApp('x')).toEqual(later);
});

test('the raw client returns data and error', async () => {
  await using server = await startServer();
  const { data, error, response } = await server.client.raw.GET('/v1/oauth-apps/{id}', {
    params: { path: { id: 'x' } },
  });
  expect(data).toBeUndefined();
  expect(error?.summary).toBe('The specified object could not be found.');
  expect(response.status).toBe(404);
});
