import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import { limits } from '../../generated/values.ts';
import { example } from '../helpers/examples.ts';
import {
  type FuzzRequest,
  generateNearlyValidRequests,
  generateQueryRequests,
  listJsonCorpusRequests,
  listNaughtyStringRequests,
  renderMetadataBody,
  seed,
} from '../helpers/fuzz-requests.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { describeOnce, testOnce } from '../helpers/once.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { type ListeningServer, sendRawRequest, startListeningServer } from '../helpers/raw-requests.ts';
import { soak } from '../helpers/soak.ts';

const figures = { sent: 0, failed: 0 };
/** The accepted bodies, by the id of the app. */
const accepted = new Map<string, CreateOAuthApp>();
let listening: ListeningServer;
/** A token of an account with one app, so that its lists are short. */
let readerToken: string;
let id: string;
beforeAll(async () => {
  listening = await startListeningServer({ maxAppsPerAccount: 100_000 });
  readerToken = await listening.server.createToken({ accountId: 'readerToken' });
  id = (await listening.send('POST /v1/oauth-apps', { token: readerToken, body: example('CreateOAuthApp') })).json.id;
});
afterAll(() => listening[Symbol.asyncDispose]());

/** Parses a body from its UTF-8 bytes, as the server does. -0 becomes 0, because JSON text does not keep it. */
const parseSent = (body: unknown): CreateOAuthApp =>
  JSON.parse(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)).toString(), (_name, value) =>
    value === 0 ? 0 : value,
  );

/** Sends a request and lists the defects of its response. */
async function sendInput({ target, ...options }: FuzzRequest): Promise<string[]> {
  const isCreate = target.startsWith('POST');
  // The client gives up on a response that never comes.
  const response = await listening.send(target.replace('{id}', id), {
    ...(!isCreate && { token: readerToken }),
    ...options,
  });
  figures.sent++;
  if (response.status >= 500) figures.failed++;
  if (isCreate && response.status === 200) accepted.set(response.json.id, parseSent(options.body));
  const defects = response.status >= 500 ? [`${response.status}`] : listProblemDefects(response);
  return defects.map((defect) => `${defect}: ${target} ${JSON.stringify(options)}`.slice(0, 300));
}

/** Sends all requests, or every tenth in the short form, and expects no defects. */
async function sendAll(inputs: FuzzRequest[]) {
  const chosen = inputs.filter((_input, index) => index % soak(10, 1) === 0);
  expect((await mapInParallel(chosen, sendInput)).flat()).toEqual([]);
}

/** Whether an app has the values of a body. */
const isShown = (app: OAuthApp | undefined, { name, client_id, metadata = {} }: CreateOAuthApp) =>
  app?.name === name && app.client_id === client_id && isDeepStrictEqual(app.metadata, metadata);

test('the JSON corpus is accepted or rejected properly', () => sendAll(listJsonCorpusRequests()));
test('naughty strings are accepted or rejected properly', () => sendAll(listNaughtyStringRequests()));
test('almost valid bodies are accepted or rejected properly', () => sendAll(generateNearlyValidRequests()));
testOnce('unusual queries are accepted or rejected properly', () => sendAll(generateQueryRequests()));

test('accepted values come back unchanged', async () => {
  const { data } = (await listening.send('GET /v1/oauth-apps?truncate_secrets=false')).json as { data: OAuthApp[] };
  const listed = new Map(data.map((app) => [app.id, app]));
  const changed = await mapInParallel([...accepted], async ([id, sent]) => {
    const read = (await listening.send(`GET /v1/oauth-apps/${id}`)).json as OAuthApp;
    const isSame = isShown(read, sent) && isShown(listed.get(id), sent);
    return isSame && listed.get(id)?.client_secret === sent.client_secret ? [] : [sent];
  });
  console.log(`fuzzing: ${accepted.size} accepted and read back, ${changed.flat().length} changed (seed ${seed})`);
  expect(accepted.size).toBeGreaterThan(soak(100, 1_000));
  expect(listed.size).toBeGreaterThanOrEqual(accepted.size);
  expect(changed.flat()).toEqual([]);
});

/** Returns the milliseconds of processor time of this thread, which is server and client, while a request is sent. */
async function measureProcessorTime(send: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await send();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

describeOnce('oversized requests are rejected at little cost', () => {
  const post = (body: string) => () => listening.send('POST /v1/oauth-apps', { body });
  const largest = post(renderMetadataBody(`{"a":[${'1,'.repeat(limits.metadata.values - 3)}1]}`));
  const nest = (depth: number) => post(renderMetadataBody(`${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`));
  const deepList = (depth: number) => post(renderMetadataBody(`{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`));
  const zipped = { headers: { 'Content-Encoding': 'gzip' }, body: gzipSync(' '.repeat(1e6)) };
  const filter = (count: number) => {
    const properties = Array.from({ length: count }, (_, index) => [index.toString(36), 1] as const);
    const metadata = encodeURIComponent(JSON.stringify(Object.fromEntries(properties)));
    return () => listening.send(`GET /v1/oauth-apps?metadata=${metadata}`);
  };
  const { properties } = limits.metadataFilterText;
  const head = 'GET /v1/oauth-apps HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
  test.each<[string, () => Promise<{ status: number }>, number]>([
    ['33 levels', nest(limits.metadata.depth + 1), 422],
    ['5,000 levels', deepList(5_000), 422],
    ['1,000,000 levels', deepList(1_000_000), 413],
    ['2,001 values', post(renderMetadataBody(`{"a":[${'1,'.repeat(limits.metadata.values - 1)}1]}`)), 422],
    ['one byte too many', post(' '.repeat(limits.bodyBytes + 1)), 413],
    ['a number of 64,000 digits', post(renderMetadataBody(`{"a":1.${'0'.repeat(64_000)}1}`)), 422],
    ['7,000 unknown fields', post(`{${Array.from({ length: 7_000 }, (_, index) => `"${index}":1`).join()}}`), 422],
    ['a compressed body', () => listening.server.fetch('/v1/oauth-apps', { method: 'POST', ...zipped }), 415],
    ['20 KB of headers', () => sendRawRequest(listening.url, `${head}X: ${'x'.repeat(20_000)}\r\n\r\n`), 431],
    ['3,000 headers', () => sendRawRequest(listening.url, `${head}${'a: b\r\n'.repeat(3_000)}\r\n`), 431],
    ['1,000 query parameters', () => listening.send(`GET /v1/oauth-apps?${'limit=1&'.repeat(1_000)}`), 400],
    ['a filter of as many properties as it may have', filter(properties), 200],
    ['a filter of one property more', filter(properties + 1), 422],
    ['a filter of 1,000 properties', filter(1_000), 422],
  ])('%s', async (_name, send, status) => {
    const largestValid = await measureProcessorTime(largest);
    const cost = await measureProcessorTime(async () => expect((await send()).status).toBe(status));
    expect(cost).toBeLessThan(40 * largestValid);
  });
});

describeOnce('malformed HTTP is rejected with a problem', () => {
  const line = 'GET /v1/oauth-apps HTTP/1.1\r\nConnection: close\r\n';
  test.each([
    ['no host', `${line}\r\n`, 400],
    ['two hosts', `${line}Host: a\r\nHost: b\r\n\r\n`, 400],
    ['an unknown expectation', `${line}Host: a\r\nExpect: more\r\n\r\n`, 401],
    ['two lengths', `${line}Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ['an unknown method', `G${line}Host: a\r\n\r\n`, 400],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01', 400],
  ])('%s', async (_name, request, status) => {
    const response = await sendRawRequest(listening.url, request);
    expect(response.status).toBe(status);
    expect(listProblemDefects(response)).toEqual([]);
  });

  test('huge headers on a reused connection', async () => {
    const { send, close } = createHttpClient(listening.url, listening.server.token, 1);
    expect((await send('GET /v1/oauth-apps/x')).status).toBe(404);
    const response = await send('GET /v1/oauth-apps/x', { headers: { X: 'x'.repeat(20_000) } });
    close();
    expect(response.status).toBe(431);
    expect(listProblemDefects(response)).toEqual([]);
  });
});

test('the list still works after all requests', async () => {
  expect((await listening.send('GET /v1/oauth-apps')).status).toBe(200);
  const { sent, failed } = figures;
  console.log(`fuzzing: ${sent} sent, ${failed} × 5xx (seed ${seed})`);
  // Requests that are rejected before the store run once.
  const least = inject('store') === 'sqlite' ? soak(1_000, 10_000) : soak(800, 8_000);
  expect(sent).toBeGreaterThanOrEqual(least);
  expect(failed).toBe(0);
});
