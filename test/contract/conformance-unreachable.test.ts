import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createSuite, type SuiteOptions, Unreachable } from '../conformance/index.ts';
import { startIndependentServer } from '../independent/server.ts';

const token = 'a-token';
const options = { baseUrl: 'http://127.0.0.1:9', token, seed: 1, cases: 1, level: 'inferred' } as const;

const failing = (error: unknown): Partial<SuiteOptions> => ({ fetch: () => Promise.reject(error) });
const answering = (status: number, headers: Record<string, string> = {}): Partial<SuiteOptions> => ({
  fetch: async () => new Response('{"summary":"no"}', { status, headers }),
});
const causedBy = (cause: unknown) => failing(new TypeError('fetch failed', { cause }));

describe('an implementation that cannot be used', () => {
  const troubles: [name: string, more: Partial<SuiteOptions>, says: RegExp][] = [
    [
      'has a code for its silence',
      causedBy(Object.assign(new Error('x'), { code: 'ECONNRESET' })),
      /answer came: ECONNRESET$/,
    ],
    ['has a message for its silence', causedBy(new Error('bad port')), /no answer came: bad port$/],
    ['has nothing but an error for its silence', failing(new Error('gone')), /no answer came: gone$/],
    ['takes too long', failing(new DOMException('x', 'TimeoutError')), /no answer came: it took too long$/],
    ['refuses the token', answering(401), /^the token is refused with 401$/],
    ['refuses the scopes of the token', answering(403), /^the token is refused with 403$/],
    ['is somewhere else', answering(404), /oauth-apps is 404: is the base URL the one before \/v1\?$/],
    ['redirects', answering(308, { location: 'https://a.example/' }), /redirects to https:\/\/a\.example\/$/],
  ];

  it.each(troubles)('%s', async (_, more, says) => {
    const error = await createSuite({ ...options, ...more })
      .run()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(says);
  });

  it.each([
    ['a token that no header can hold', { token: 'secret\ntoken' }],
    ['a base URL with a password', { baseUrl: 'http://me:secret@127.0.0.1' }],
    ['a base URL with a query', { baseUrl: 'http://127.0.0.1/?key=secret' }],
  ])('is not asked with %s', (_, more) => {
    expect(() => createSuite({ ...options, ...more })).toThrow(Unreachable);
    expect(() => createSuite({ ...options, ...more })).not.toThrow(/secret/);
  });

  it('is told with what stays there', async () => {
    await using server = await startIndependentServer({ tokens: { [token]: 'one' } });
    let sent = 0;
    const dying = (request: Request) => {
      sent += 1;
      return sent > 60 ? Promise.reject(new Error('it died')) : fetch(request);
    };
    const error = await createSuite({ ...options, baseUrl: server.url, fetch: dying })
      .run()
      .catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error.message).toMatch(
      /got no answer, like the requests before it \(it died\); \d+ apps could not be removed: /,
    );
  });

  it('may cut off an answer without ending the run', async () => {
    const cutting = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 }).write('{');
      setTimeout(() => response.destroy(), 5);
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => cutting.once('listening', resolve));
    const { port } = cutting.address() as { port: number };
    const run = createSuite({ ...options, baseUrl: `http://127.0.0.1:${port}` }).run();
    await expect(run).rejects.toThrow(/no answer came: UND_ERR_SOCKET/);
    cutting.closeAllConnections();
    cutting.close();
  });
});
