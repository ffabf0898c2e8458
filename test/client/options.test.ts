// @databases none
import { describe, expect, test } from 'vitest';
import { type ClientOptions, createOAuthAppsClient, type RequestSettings } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';

const app = example('OAuthApp');
const base = { baseUrl: 'https://api.example.com', token: 'canary-token', retry: { limit: 0 } };
const respond = async () => Response.json(app, { headers: { ETag: '"1"', 'X-Request-Id': 'r' } });
const unusable = [0.5, -1, Number.POSITIVE_INFINITY, Number.NaN, 2 ** 31, '1000', null];
const create = (options: object) => () => createOAuthAppsClient({ ...base, ...options } as ClientOptions);

/** Returns the error that a function throws. */
function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it threw nothing');
}

describe.each([
  ['timeout', (value: unknown) => ({ timeout: value }), unusable.concat(0)],
  ['totalTimeout', (value: unknown) => ({ totalTimeout: value }), unusable.concat(0)],
  ['retry.limit', (value: unknown) => ({ retry: { limit: value } }), unusable.slice(1)],
  ['retry.backoffBase', (value: unknown) => ({ retry: { backoffBase: value } }), unusable.slice(1)],
  ['retry.backoffLimit', (value: unknown) => ({ retry: { backoffLimit: value } }), unusable.slice(1)],
])('%s', (name, options, values) => {
  test.each(values)('is no %s', async (value) => {
    const error = thrownBy(create(options(value)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(new RegExp(`^${name} must be a number from [01] to 2147483647$`));
    const client = createOAuthAppsClient({ ...base, fetch: respond });
    await expect(client.getOAuthApp('x', options(value) as RequestSettings)).rejects.toThrow(error.message);
  });

  test('undefined has its default', async () => {
    const client = create({ ...options(undefined), fetch: respond })();
    expect(await client.getOAuthApp('x', options(undefined) as RequestSettings)).toEqual(app);
    expect(await create({ ...options(1_000), fetch: respond })().getOAuthApp('x')).toEqual(app);
  });
});

test.each([
  ['a base URL with credentials', { baseUrl: 'https://canary:canary@example.com' }, 'baseUrl must be an absolute URL'],
  ['a base URL with a query', { baseUrl: 'https://example.com/?canary' }, 'baseUrl must be an absolute URL'],
  ['a base URL with an empty query', { baseUrl: 'https://example.com?' }, 'baseUrl must be an absolute URL'],
  ['a base URL with a fragment', { baseUrl: 'https://example.com#canary' }, 'baseUrl must be an absolute URL'],
  ['a base URL that is relative', { baseUrl: '/canary' }, 'baseUrl must be an absolute URL'],
  ['a base URL of another protocol', { baseUrl: 'ftp://canary' }, 'baseUrl must be https:'],
  ['http beyond loopback', { baseUrl: 'http://canary:3000' }, 'allowInsecureHttp permits it'],
  ['no token', { token: undefined }, 'token must be given'],
  ['an empty token', { token: '' }, 'token must be a text'],
  ['a token with a line break', { token: 'canary\ncanary' }, 'token must be a text'],
  ['a header with a line break', { headers: { 'X-A': 'canary\n' } }, undefined],
  ['a header with an invalid name', { headers: { 'canary canary': 'a' } }, 'headers must have valid names and values'],
  ['a header of the client', { headers: { authorization: 'canary' } }, 'headers must be texts by name'],
  ['a key for all requests', { headers: { 'Idempotency-Key': 'canary' } }, 'headers must be texts by name'],
  ['a user agent with a line break', { userAgent: 'canary\r\ncanary' }, 'headers must have valid names and values'],
  ['a fetch that is none', { fetch: 'canary' }, 'fetch must be a function'],
  ['an onEvent that is none', { onEvent: 'canary' }, 'onEvent must be a function'],
  ['methods that are none', { retry: { methods: 'canary' } }, 'retry.methods must be a list'],
  ['a method that is no text', { retry: { methods: [5] } }, 'retry.methods must be a list'],
  ['retries that are no options', { retry: 'canary' }, 'retry must be an object'],
  ['retries that are null', { retry: null }, 'retry must be an object'],
  ['headers that are a text', { headers: 'canary' }, 'headers must be an object'],
  ['a word for keys', { idempotencyKeys: 'canary' }, 'idempotencyKeys must be true or false'],
  ['a word for plain HTTP', { allowInsecureHttp: 'canary' }, 'allowInsecureHttp must be true or false'],
])('%s is refused without a value', (_name, options, reason) => {
  // `Headers` itself trims a line break at the end.
  if (reason === undefined) return expect(create(options)).not.toThrow();
  const error = thrownBy(create(options));
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(reason);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error)).replaceAll(/ at .*/g, '')).not.toContain('canary');
});

/** Sends a request with a client. Returns the request. */
async function requestOf(options: object, own: object = {}): Promise<Request> {
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    requests.push(request);
    return respond();
  };
  await create({ ...options, fetch })().getOAuthApp('x', own);
  return requests[0] as Request;
}

test.each([
  ['https://example.com/base/', 'https://example.com/base/v1/oauth-apps/x'],
  ['https://example.com//', 'https://example.com/v1/oauth-apps/x'],
  ['http://[::1]:3000', 'http://[::1]:3000/v1/oauth-apps/x'],
  ['http://localhost:3000', 'http://localhost:3000/v1/oauth-apps/x'],
])('the base URL %s leads to %s', async (baseUrl, url) => {
  expect((await requestOf({ baseUrl })).url).toBe(url);
  expect((await requestOf({ baseUrl: new URL(baseUrl) })).url).toBe(url);
});

test('http beyond loopback needs a word', async () => {
  const { url } = await requestOf({ baseUrl: 'http://api:3000', allowInsecureHttp: true });
  expect(url).toBe('http://api:3000/v1/oauth-apps/x');
});

test('a request has headers and user agent of the client and its own', async () => {
  const client = { headers: { 'X-A': 'a', 'X-B': 'b' }, userAgent: 'mine/1' };
  const { headers } = await requestOf(client, { headers: { 'x-b': 'own', 'If-None-Match': '"1"' } });
  const names = ['x-a', 'x-b', 'user-agent', 'if-none-match'];
  expect(names.map((name) => headers.get(name))).toEqual(['a', 'own', 'mine/1', '"1"']);
});

test('headers may be an instance of Headers', async () => {
  const { headers } = await requestOf(
    { headers: new Headers({ 'X-A': 'a' }) },
    { headers: new Headers({ 'X-B': 'b' }) },
  );
  expect([headers.get('x-a'), headers.get('x-b')]).toEqual(['a', 'b']);
  const sent: (string | null)[] = [];
  const fetch = async (request: Request) => {
    sent.push(request.headers.get('x-b'), request.headers.get('if-match'));
    return respond();
  };
  const options = { headers: new Headers({ 'X-B': 'b' }) } as object;
  await create({ fetch })().changeOAuthApp('x', () => ({ name: 'n' }), options);
  expect(sent).toEqual(['b', null, 'b', '"1"']);
  await expect(create({ fetch })().changeOAuthApp('x', () => ({}), { signal: 5 as never })).rejects.toThrow(
    'signal must',
  );
});

test('options and ids that are none are named', async () => {
  for (const none of [null, undefined, 'canary']) {
    const error = thrownBy(() => createOAuthAppsClient(none as never));
    expect([error.name, error.message]).toEqual(['TypeError', 'options must be an object']);
  }
  const client = createOAuthAppsClient({ ...base, fetch: respond });
  const wrong: [unknown, unknown, string][] = [
    ['x', null, 'options must be an object'],
    ['x', { signal: 'canary' }, 'signal must be an AbortSignal'],
    [{}, {}, 'id must be a text'],
    [['canary'], {}, 'id must be a text'],
    ['\ud800', {}, 'id must be a text'],
  ];
  for (const [id, options, message] of wrong) {
    const error = await client.getOAuthApp(id as string, options as RequestSettings).catch((thrown) => thrown);
    expect([error.name, error.message]).toEqual(['TypeError', message]);
  }
  expect(await client.getOAuthApp('x', { signal: JSON.parse('null') })).toEqual(app);
});

test('a token function is called before every attempt', async () => {
  const sent: (string | null)[] = [];
  const fetch = async ({ headers }: Request) => {
    sent.push(headers.get('authorization'));
    return sent.length < 3 ? new Response(null, { status: 503 }) : respond();
  };
  let count = 0;
  const token = async () => `t${++count}`;
  await create({ token, fetch, retry: { backoffBase: 0 } })().getOAuthApp('x');
  expect(sent).toEqual(['Bearer t1', 'Bearer t2', 'Bearer t3']);
});

test('an error of a token function rejects the request', async () => {
  const failure = new Error('the vault is closed');
  const token = async () => {
    throw failure;
  };
  await expect(create({ token, fetch: respond })().getOAuthApp('x')).rejects.toBe(failure);
  const broken = create({ token: () => 'canary\n', fetch: respond })();
  await expect(broken.getOAuthApp('x')).rejects.toThrow('token must be a text');
});

test('a token function that never resolves ends at the timeout', async () => {
  const token = () => new Promise<string>(() => {});
  const request = create({ token, timeout: 5, fetch: respond })().getOAuthApp('x');
  await expect(request).rejects.toMatchObject({ name: 'TimeoutError', mayHaveArrived: false });
});

test('onEvent can neither throw nor reject into a request', async () => {
  const failing = [
    () => {
      throw new Error('the log is full');
    },
    async () => {
      throw new Error('the log is full');
    },
  ];
  for (const onEvent of failing) {
    expect(await create({ onEvent, fetch: respond })().getOAuthApp('x')).toEqual(app);
  }
});

test('retries can be limited to methods', async () => {
  let count = 0;
  const fetch = async () => {
    count += 1;
    return new Response(null, { status: 503 });
  };
  const client = create({ fetch, retry: { methods: ['delete'], backoffBase: 0 } })();
  await expect(client.getOAuthApp('x')).rejects.toMatchObject({ status: 503 });
  expect(count).toBe(1);
});
