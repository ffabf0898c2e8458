import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient, type HttpResponse } from '../helpers/http-client.ts';
import { describeOnce, testOnce } from '../helpers/once.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const valid = example('CreateOAuthApp');
const seed = 20261122;
const [clients, incrementsEach] = [8, soak(12, 200)];
/** The longest pause of a client after a 412, before it reads the app again. */
const pauseMilliseconds = 80;
let server: TestServer;
let http: HttpClient;
let path: string;
let created: HttpResponse;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

/** Creates the app of the next requests. */
async function createApp(metadata: object = {}): Promise<void> {
  created = await http.send('POST /v1/oauth-apps', { body: { ...valid, metadata } });
  path = `/v1/oauth-apps/${created.json.id}`;
}

const get = (tags?: string) =>
  http.send(`GET ${path}`, tags === undefined ? {} : { headers: { 'If-None-Match': tags } });
const update = (tags: string, body: object = { name: 'New' }) =>
  http.send(`PATCH ${path}`, { headers: { 'If-Match': tags }, body });
const remove = (tags: string) => http.send(`DELETE ${path}`, { headers: { 'If-Match': tags } });

/** Increments the counter in an app's metadata. Returns the number of retries after 412. */
async function increment({ send }: Pick<HttpClient, 'send'>, target: string, random: (below: number) => number) {
  for (let retries = 0; ; retries += 1) {
    const { json, headers } = await send(`GET ${target}`);
    const body = { metadata: { counter: json.metadata.counter + 1 } };
    const { status } = await send(`PATCH ${target}`, { headers: { 'If-Match': headers.etag ?? '' }, body });
    if (status === 200) return retries;
    expect(status).toBe(412);
    await delay(random(pauseMilliseconds));
  }
}

test('eight clients of two servers lose no update', async () => {
  await using deployment = await createDeployment();
  await using one = await deployment.startServerHere({ API_TOKEN: 'YOUR_API_TOKEN' });
  await using other = await deployment.startServerHere({ API_TOKEN: 'YOUR_API_TOKEN' });
  const { json } = await one.send('POST /v1/oauth-apps', { body: { ...valid, metadata: { counter: 0 } } });
  const random = seededRandom(seed);
  let retries = 0;
  const count = async (server: Pick<HttpClient, 'send'>) => {
    for (let done = 0; done < incrementsEach; done += 1) {
      retries += await increment(server, `/v1/oauth-apps/${json.id}`, random);
    }
  };
  await Promise.all(Array.from({ length: clients }, (_none, index) => count(index % 2 === 0 ? one : other)));
  const { headers, json: counted } = await one.send(`GET /v1/oauth-apps/${json.id}`);
  const { counter } = counted.metadata;
  const figures = `${clients} × ${incrementsEach} on 2 servers = ${counter}, ${retries} retries on 412`;
  console.log(`lost updates: ${figures}, seed ${seed}`);
  expect({ counter, etag: headers.etag }).toEqual({
    counter: clients * incrementsEach,
    etag: `"v${clients * incrementsEach + 1}"`,
  });
  expect(retries).toBeGreaterThan(0);
});

describe('an ETag is the version', () => {
  test('that every update changes', async () => {
    await createApp();
    const tags = [created.headers.etag];
    for (const name of ['a', 'b', 'b']) tags.push((await update('*', { name })).headers.etag);
    expect(new Set(tags).size).toBe(4);
    expect((await get()).headers.etag).toBe(tags.at(-1));
  });

  test('that an empty update does not change', async () => {
    await createApp();
    const tag = created.headers.etag ?? '';
    for (const tags of ['*', tag]) expect((await update(tags, {})).headers.etag).toBe(tag);
    expect((await update('"v2"', {})).status).toBe(412);
  });
});

/** Lists of entity tags, and whether they match an app of version 1. */
const lists: [tags: string, isMatch: boolean][] = [
  ['*', true],
  ['"v1"', true],
  ['"v2"', false],
  ['"v7", "v1"', true],
  ['"v7" ,\t"v1"', true],
  ['"v7","v8"', false],
  ['"", "V1", "v01", "1", "v1.0"', false],
  ['"v1,v2"', false],
];
const malformed = [
  ...[
    ['nothing', ''],
    ['no quotes', 'v1'],
    ['one quote', '"v1'],
    ['no comma', '"v1" "v2"'],
    ['* in a list', '*, "v1"'],
  ],
  ...[
    ['a lower-case w', 'w/"v1"'],
    ['a space in a tag', '"v1 "'],
    ['not ASCII', '"é"'],
    ['a long list', `${'"v7",'.repeat(300)}"v1"`],
  ],
] as [string, string][];

describe('If-Match', () => {
  test.each([...lists, ['W/"v1"', false], ['W/"v1", "v1"', true]] as typeof lists)(
    '%s allows a write: %s',
    async (tags, isMatch) => {
      await createApp();
      const expected = isMatch ? 200 : 412;
      expect((await update(tags, {})).status).toBe(expected);
      expect((await remove(tags)).status).toBe(expected);
      expect((await get()).status).toBe(isMatch ? 404 : 200);
    },
  );

  testOnce.each(malformed)('%s is malformed and changes nothing', async (_name, tags) => {
    await createApp();
    for (const response of [await update(tags), await update(tags, {}), await remove(tags)]) {
      expect(response.status).toBe(422);
      expect(Object.keys(response.json.validation_errors)).toEqual(['If-Match']);
    }
    expect((await get()).text).toBe(created.text);
  });

  test('a write with a stale tag changes nothing', async () => {
    await createApp();
    const { text, headers } = await update('"v1"');
    expect((await update('"v1"', { name: 'Late' })).status).toBe(412);
    expect((await remove('"v1"')).status).toBe(412);
    expect(await get()).toMatchObject({ text, headers: { etag: headers.etag } });
  });

  test('a write to a deleted app gets 404', async () => {
    await createApp();
    await remove('*');
    for (const response of [await update('"v1"'), await update('*', {}), await remove('*')])
      expect(response.status).toBe(404);
  });
});

describeOnce('If-None-Match', () => {
  test.each([...lists, ['W/"v1"', true], ['W/"v7", W/"v1"', true]] as typeof lists)(
    '%s gives 304: %s',
    async (tags, isMatch) => {
      await createApp();
      const { status, headers, text } = await get(tags);
      expect({ status, text }).toEqual(isMatch ? { status: 304, text: '' } : { status: 200, text: created.text });
      expect(headers).toMatchObject({ etag: '"v1"', 'cache-control': 'no-store' });
    },
  );

  test.each(malformed)('%s is malformed', async (_name, tags) => {
    await createApp();
    expect((await get(tags)).status).toBe(422);
  });
});
