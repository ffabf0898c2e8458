// @databases none
import { METHODS } from 'node:http';
import { expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { description } from '../../server/description.ts';
import { example } from '../helpers/examples.ts';
import { startServer } from '../helpers/server.ts';

const docs = { page: '<html></html>', markdown: '# The API', llms: '# Where to read' };
/** The public pages. */
const pages = ['/', '/openapi.json', '/docs', '/docs.md', '/llms.txt', '/healthz', '/readyz'];

/** Fills the parameters of a path with an id that no record has. */
const fillAny = (path: string) => path.replaceAll(/\{[^}]+\}/g, 'x');

/** The operations of each path of the description. */
const methodsByPath = Map.groupBy(Object.values(operations), ({ path }) => path);

test('the routes are exactly those of the description', async () => {
  await using server = await startServer({ docs });
  for (const [path, described] of methodsByPath) {
    const response = await server.fetch(fillAny(path), { method: 'OPTIONS' });
    const served = (response.headers.get('allow') ?? '').split(', ');
    const methods = described.map(({ method }) => method.toUpperCase());
    const head = methods.includes('GET') ? ['HEAD'] : [];
    expect(served.toSorted()).toEqual([...methods, ...head, 'OPTIONS'].toSorted());
  }
});

test.each(pages)('the page %s needs no token', async (path) => {
  await using server = await startServer({ docs });
  const response = await fetch(server.url + path, { redirect: 'manual' });
  expect(response.status).toBe(path === '/' ? 302 : 200);
});

test('an undocumented method is rejected with Allow', async () => {
  await using server = await startServer();
  // CONNECT opens a tunnel, and fetch does not send TRACE and TRACK.
  const methods = METHODS.filter((method) => !['CONNECT', 'TRACE', 'OPTIONS', 'HEAD', 'QUERY'].includes(method));
  for (const [path, own] of methodsByPath) {
    for (const method of methods.filter((name) => !own.some((operation) => operation.method.toUpperCase() === name))) {
      const response = await server.fetch(fillAny(path), { method });
      expect(response.status, `${method} ${path}`).toBe(405);
      for (const operation of own) expect(response.headers.get('allow')).toContain(operation.method.toUpperCase());
    }
  }
});

test('each docs page has its own media type', async () => {
  await using server = await startServer({ docs });
  const read = async (path: string) => {
    const response = await fetch(server.url + path);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  expect(await read('/docs')).toEqual([200, 'text/html; charset=utf-8', docs.page]);
  expect(await read('/docs.md')).toEqual([200, 'text/markdown; charset=utf-8', docs.markdown]);
  expect(await read('/llms.txt')).toEqual([200, 'text/plain; charset=utf-8', docs.llms]);
});

test('HEAD gets the headers of GET without a body', async () => {
  await using server = await startServer({ docs });
  const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
  const apps = ['', `/${id}`, '/unknown'].map((rest) => `/v1/oauth-apps${rest}`);
  for (const path of [...apps, '/openapi.json', '/docs', '/docs.md', '/llms.txt']) {
    // `fetch` hides the length of what it decompresses.
    const headers = { 'Accept-Encoding': 'identity' };
    const [get, head] = await Promise.all([
      server.fetch(path, { headers }),
      server.fetch(path, { method: 'HEAD', headers }),
    ]);
    expect(head.status).toBe(get.status);
    expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
    expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
    expect(await head.text()).toBe('');
  }
});

test('OPTIONS gets 204 with the methods', async () => {
  await using server = await startServer();
  const response = await server.fetch('/v1/oauth-apps', { method: 'OPTIONS' });
  expect(response.status).toBe(204);
  expect(response.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
});

test('every response has a unique request id', async () => {
  await using server = await startServer();
  const seen = new Set<string | null>();
  for (const path of ['/v1/oauth-apps', '/v1/oauth-apps/x', '/nowhere', '/openapi.json', '/v1/oauth-apps/%ff']) {
    seen.add((await server.fetch(path)).headers.get('x-request-id'));
  }
  expect(seen.size).toBe(5);
  expect(seen).not.toContain(null);
});

test.each(['/nowhere', '/v1/oauth-apps/', '/V1/oauth-apps', '/v1/OAuth-Apps', '/v1//oauth-apps', '/v1/oauth-apps/a/b'])(
  'the unknown path %s gets 404, without a token 401',
  async (path) => {
    await using server = await startServer();
    expect((await server.fetch(path)).status).toBe(404);
    expect((await fetch(server.url + path)).status).toBe(401);
  },
);

test('a description with a missing schema is an error', async () => {
  const { components, ...rest } = description;
  const { OAuthApp: _, ...schemas } = components.schemas ?? {};
  await expect(startServer({ description: { ...rest, components: { ...components, schemas } } })).rejects.toThrow(
    /OAuthApp/,
  );
});
