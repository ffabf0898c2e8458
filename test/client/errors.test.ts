// @databases none
import { build } from 'esbuild';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import * as errors from '../../client/errors.ts';
import { type ClientOptions, ConnectionError, createOAuthAppsClient, type ProblemError } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { root } from '../helpers/process.ts';

const app = example('OAuthApp');
const base = { baseUrl: 'https://api.example.com', token: 't', retry: { limit: 0 } };

/** Creates a client whose requests all have one response. */
const clientOf = (respond: () => Response | Promise<Response>, options: Partial<ClientOptions> = {}) =>
  createOAuthAppsClient({ ...base, fetch: async () => respond(), ...options });
const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: unknown) => error);

test('a problem has headers, delay, operation and fields', async () => {
  const problem = { summary: 'Your request failed validation.', validation_errors: { name: ['x'], 'a b!': ['x'] } };
  const headers = { 'Retry-After': '7', 'X-Request-Id': 'r' };
  const error = await errorOf(clientOf(() => Response.json(problem, { status: 422, headers })).listOAuthApps());
  expect(error).toMatchObject({
    message: '422: Your request failed validation. (name) [listOAuthApps]',
    operation: 'listOAuthApps',
    retryAfter: 7_000,
    requestId: 'r',
  });
  expect((error as ProblemError).headers.get('retry-after')).toBe('7');
  expect((error as ProblemError).is(422)).toBe(true);
});

test.each([
  ['detail', { title: 'Bad gateway', detail: 'The upstream is gone.' }, 'The upstream is gone.'],
  ['title', { title: 'Bad gateway' }, 'Bad gateway'],
  ['nothing', { code: 7 }, 'no summary'],
])('a problem of a gateway with %s is kept', async (_name, body, summary) => {
  const headers = { 'Content-Type': 'application/problem+json' };
  const response = () => new Response(JSON.stringify(body), { status: 502, headers });
  const error = await errorOf(clientOf(response).listOAuthApps());
  expect(error).toMatchObject({ problem: { ...body, summary }, message: expect.stringContaining(`502: ${summary}`) });
});

test('a 422 without fields is no validation problem', async () => {
  const error = (await errorOf(
    clientOf(() => Response.json({ summary: 'No.' }, { status: 422 })).listOAuthApps(),
  )) as ProblemError;
  expect([error.is(422), error.status]).toEqual([false, 422]);
});

test.each([301, 302, 303, 307, 308])('a redirect with %s is refused', async (status) => {
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    requests.push(request);
    return new Response(null, { status, headers: { Location: 'https://elsewhere.example' } });
  };
  const error = await errorOf(createOAuthAppsClient({ ...base, fetch }).listOAuthApps());
  expect(error).toMatchObject({ status, message: expect.stringContaining('does not follow') });
  expect(requests.map(({ redirect }) => redirect)).toEqual(['manual']);
});

test('a redirect of a browser is refused', async () => {
  const opaque = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
  const error = await errorOf(clientOf(() => opaque).listOAuthApps());
  expect(error).toMatchObject({ name: 'ProblemError', status: 0, message: expect.stringContaining('check baseUrl') });
});

const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED', syscall: 'connect' } });
test.each([
  ['refused', refused, false, 3, 'no response (ECONNREFUSED): the request has not arrived'],
  ['lost', new TypeError('terminated'), true, 1, 'no response: the request may have arrived'],
])(
  'a connection that is %s tells whether the request arrived',
  async (_name, cause, mayHaveArrived, attempts, text) => {
    const fetch = async () => {
      throw cause;
    };
    const client = createOAuthAppsClient({ ...base, fetch, retry: { backoffBase: 0 } });
    const error = await errorOf(client.createOAuthApp(example('CreateOAuthApp')));
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ name: 'ConnectionError', cause, mayHaveArrived, attempts, message: text });
  },
);

test('instanceof works across copies of the package', async () => {
  const contents = "export * from './client/errors.ts'";
  const { outputFiles } = await build({
    ...{ stdin: { contents, resolveDir: root }, bundle: true, minify: true, format: 'esm', write: false },
  } as const);
  const code = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  const copy: typeof errors = await import(`data:text/javascript;base64,${code}`);
  const facts = { attempts: 1, mayHaveArrived: true };
  const [problem, connection, timeout] = [
    new copy.ProblemError(new Response(null, { status: 500 })),
    new copy.ConnectionError(facts),
    new copy.TimeoutError(facts, 5),
  ];
  const classesOf = (error: unknown) =>
    [errors.ProblemError, errors.ConnectionError, errors.TimeoutError].map((one) => error instanceof one);
  expect([problem, connection, timeout, new Error('x'), null].map(classesOf)).toEqual([
    [true, false, false],
    [false, true, false],
    [false, true, true],
    [false, false, false],
    [false, false, false],
  ]);
});

describe('a response', () => {
  const respond = () => Response.json(app, { headers: { ETag: '"1"', 'X-Request-Id': 'r' } });

  test('comes with status and headers on request', async () => {
    const response = await clientOf(respond).getOAuthApp('x').withResponse();
    expect(response).toMatchObject({ data: app, status: 200, etag: '"1"', requestId: 'r' });
    expect(response.headers.get('content-type')).toContain('json');
  });

  test('of a request that is not awaited is no second rejection', async () => {
    const client = clientOf(() => new Response(null, { status: 500 }));
    await expect(client.getOAuthApp('x').withResponse()).rejects.toThrow('500');
    await expect(Promise.all([client.getOAuthApp('x')])).rejects.toThrow('500');
    await expect(client.getOAuthApp('x').finally(() => undefined)).rejects.toThrow('500');
  });

  test('that has not changed is a result', async () => {
    const client = clientOf(() => new Response(null, { status: 304, headers: { ETag: '"1"' } }));
    const request = client.getOAuthApp('x', { headers: { 'If-None-Match': '"1"' } });
    expect(await request).toBeUndefined();
    expect(await request.withResponse()).toMatchObject({ data: undefined, status: 304, etag: '"1"' });
  });
});

test.each(['', '.', '..'])('the id "%s" is refused', async (id) => {
  const client = clientOf(() => Response.json(app));
  for (const work of [client.getOAuthApp(id), client.updateOAuthApp(id, {}), client.deleteOAuthApp(id)]) {
    await expect(work).rejects.toThrow(new TypeError('id must not be empty, "." or ".."'));
  }
  await expect(client.raw.GET('/v1/oauth-apps/{id}', { params: { path: { id } } })).rejects.toThrow(TypeError);
});

test('middleware of the raw client sees the requests of methods', async () => {
  const client = clientOf(() => Response.json(app));
  const seen: unknown[] = [];
  const middleware = {
    onRequest: ({ request, schemaPath }: { request: Request; schemaPath: string }) => {
      seen.push(schemaPath);
      const changed = new Request(request);
      changed.headers.set('X-Seen', '1');
      return changed;
    },
    onResponse: ({ request, response }: { request: Request; response: Response }) => {
      seen.push(request.headers.get('x-seen'), response.status);
    },
  };
  client.raw.use(middleware);
  expect(await client.getOAuthApp('x')).toEqual(app);
  expect(seen).toEqual(['/v1/oauth-apps/{id}', '1', 200]);
  client.raw.eject(middleware);
  await client.getOAuthApp('x');
  expect(seen).toHaveLength(3);
});

test('middleware may respond in place of an error', async () => {
  const client = clientOf(() => Promise.reject(new TypeError('gone')));
  client.raw.use({ onError: () => Response.json(app) });
  expect(await client.getOAuthApp('x')).toEqual(app);
});

test('a list whose cursor does not change ends', async () => {
  const client = clientOf(() => Response.json({ data: [app], next_cursor: 'same' }));
  const ids: string[] = [];
  const list = async () => {
    for await (const { id } of client.listAllOAuthApps()) ids.push(id);
  };
  await expect(list()).rejects.toThrow('the same next_cursor again');
  expect(ids).toHaveLength(2);
});

test('a runtime without Request is named', async () => {
  // As in jest-environment-jsdom.
  vi.stubGlobal('Request', undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const error = await errorOf(clientOf(() => Response.json(app)).getOAuthApp('x'));
  expect(error).toMatchObject({ name: 'TypeError', message: expect.stringMatching(/no Request: .*jest-fixed-jsdom/) });
});

test('the signals of another realm are followed', async () => {
  // As in jsdom: the global class is not the one that `Request` takes.
  const Native = AbortController;
  class Foreign {
    readonly #own = new Native();
    readonly signal = new Proxy(this.#own.signal, {
      getPrototypeOf: () => EventTarget.prototype,
      get: (target, key) => {
        const value = Reflect.get(target, key, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    abort = (reason?: unknown) => this.#own.abort(reason);
  }
  vi.stubGlobal('AbortController', Foreign);
  onTestFinished(() => void vi.unstubAllGlobals());
  expect(() => new Request('https://api.example.com', { signal: new Foreign().signal })).toThrow(TypeError);
  const controller = new Foreign();
  expect(await clientOf(() => Response.json(app)).getOAuthApp('x', { signal: controller.signal })).toEqual(app);
  const hanging = clientOf(() => new Promise(() => {})).getOAuthApp('x', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(hanging).rejects.toThrow('enough');
});
