// @databases none
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSuite, type SuiteOptions, Unreachable } from '../conformance/index.ts';
import { startIndependentServer } from '../independent/server.ts';

const token = 'a-token';
const options = { baseUrl: 'http://127.0.0.1:9', token, seed: 1, cases: 1, level: 'inferred' } as const;

const rejectWith = (error: unknown): Partial<SuiteOptions> => ({ fetch: () => Promise.reject(error) });
const respondWith = (status: number, headers: Record<string, string> = {}): Partial<SuiteOptions> => ({
  fetch: async () => new Response('{"summary":"no"}', { status, headers }),
});
const rejectWithCause = (cause: unknown) => rejectWith(new TypeError('fetch failed', { cause }));

describe('an unreachable implementation', () => {
  const causes: [name: string, more: Partial<SuiteOptions>, message: RegExp][] = [
    [
      'fails with a code',
      rejectWithCause(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
      /no response: ECONNRESET$/,
    ],
    ['fails with a message', rejectWithCause(new Error('bad port')), /no response: bad port$/],
    ['fails without a cause', rejectWith(new Error('gone')), /no response: gone$/],
    ['exceeds the timeout', rejectWith(new DOMException('x', 'TimeoutError')), /no response: timeout$/],
    ['rejects the token', respondWith(401), /^the token is rejected with 401$/],
    ['rejects the scopes of the token', respondWith(403), /^the token is rejected with 403$/],
    ['has another base URL', respondWith(404), /oauth-apps is 404: is the base URL the one before \/v1\?$/],
    [
      'limits the rate without end',
      respondWith(429, { 'retry-after': '0' }),
      /got 429 in each of 6 attempts\. --rate N/,
    ],
    ['asks to wait for an hour', respondWith(429, { 'retry-after': '3600' }), /got 429, to wait for 3600 s\. --rate N/],
    ['redirects', respondWith(308, { location: 'https://a.example/' }), /redirects to https:\/\/a\.example\/$/],
  ];

  it.each(causes)('%s', async (_, more, message) => {
    const error = await createSuite({ ...options, ...more })
      .run()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(message);
  });

  it.each([
    ['a token that is not allowed in a header', { token: 'secret\ntoken' }],
    ['a base URL with a password', { baseUrl: 'http://me:secret@127.0.0.1' }],
    ['a base URL with a query', { baseUrl: 'http://127.0.0.1/?key=secret' }],
  ])('gets no request with %s', (_, more) => {
    expect(() => createSuite({ ...options, ...more })).toThrow(Unreachable);
    expect(() => createSuite({ ...options, ...more })).not.toThrow(/secret/);
  });

  it('is reported with the remaining apps', async () => {
    await using server = await startIndependentServer({ tokens: { [token]: 'one' } });
    let sent = 0;
    const failAfterSixty = (request: Request) => {
      sent += 1;
      return sent > 60 ? Promise.reject(new Error('it stopped')) : fetch(request);
    };
    const error = await createSuite({ ...options, baseUrl: server.url, fetch: failAfterSixty })
      .run()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(
      /got no response, like the requests before it \(it stopped\); \d+ apps could not be deleted: /,
    );
  });

  it('is reported when it truncates every response', async () => {
    const truncating = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('{');
      setTimeout(() => response.destroy(), 5);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => truncating.once('listening', resolve));
    const { port } = truncating.address() as { port: number };
    const run = createSuite({ ...options, baseUrl: `http://127.0.0.1:${port}` }).run();
    await expect(run).rejects.toThrow(/no response: UND_ERR_SOCKET/);
    truncating.closeAllConnections();
    truncating.close();
  });
});
