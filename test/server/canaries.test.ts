import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { example } from '../helpers/examples.ts';
import type { HttpResponse, RequestOptions } from '../helpers/http-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { run } from '../helpers/process.ts';
import { type ListeningServer, sendRawRequest, startListeningServer } from '../helpers/raw-requests.ts';
import { createCanaryFinder, makeCanary, seed } from './canary-values.ts';
import { readDatabaseFiles } from './database-files.ts';

const valid = example('CreateOAuthApp');
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const canaries: string[] = [];
/** The outputs of the server and the database, by name. */
const outputs: Record<string, string | Buffer> = {};
const responses: string[] = [];
const control = makeCanary('control', 0);
let folder: string;
let listening: ListeningServer;
let ids: string[];

function canary(name: string, index: number): string {
  const text = makeCanary(name, index);
  canaries.push(text);
  return text;
}
/** Creates a canary without special characters, for headers and raw targets. */
const plainCanary = (name: string, index: number) => canary(name, index * 10);

async function send(target: string, options?: RequestOptions): Promise<HttpResponse> {
  const response = await listening.send(target, options);
  responses.push(JSON.stringify(response.headers), response.text);
  return response;
}

const create = (body: unknown, headers = {}) => send('POST /v1/oauth-apps', { body, headers });

/** Invalid requests with a canary where a client could put a secret by mistake. */
const rejectedRequests: ((text: string, plain: string) => Promise<unknown>)[] = [
  (text) => create({ ...valid, provider: text }),
  (text) => create({ ...valid, extra: text, name: [text] }),
  (text) => create({ ...valid, client_secret: [text], client_id: { id: text } }),
  (text) => create({ ...valid, client_secret: `${text}\u0000` }),
  (text) => create({ ...valid, client_secret: text.padEnd(5_000, text) }),
  (text) => create(JSON.stringify({ ...valid, client_secret: text }).slice(0, -1)),
  (text) => create(`{"client_secret":${text}}`),
  (text) => create(`{"client_secret":${JSON.stringify(text)},"client_secret":"\\ud800"}`),
  (text) => create(text, { 'Content-Type': 'text/plain' }),
  (text) => send(`PATCH /v1/oauth-apps/${ids[0]}`, { body: { provider: text, client_id: text } }),
  (text) => send(`PATCH /v1/oauth-apps/${ids[0]}`, { body: text }),
  ...['provider', 'cursor', 'limit', 'truncate_secrets', 'metadata', 'health.status', 'access_token'].map(
    (name) => (text: string) => send(`GET /v1/oauth-apps?${name}=${encodeURIComponent(text)}`),
  ),
  (text) => send(`GET /v1/oauth-apps?metadata=${encodeURIComponent(JSON.stringify({ secret: text }))}`),
  ...['GET', 'DELETE', 'PUT'].map(
    (method) => (text: string) => send(`${method} /v1/oauth-apps/${encodeURIComponent(text)}`),
  ),
  (text) => send(`GET /${encodeURIComponent(text)}`),
  ...['Authorization', 'Content-Type', 'Content-Encoding', 'Cookie', 'X-Request-Id'].map(
    (name) => (_text: string, plain: string) => create(valid, { [name]: plain }),
  ),
  (_text, plain) => send(`PATCH /v1/oauth-apps/${ids[0]}`, { body: {}, headers: { 'If-Match': plain } }),
  (_text, plain) => create(valid, { 'Idempotency-Key': `${plain} ${plain}` }),
  async (_text, plain) =>
    responses.push((await sendRawRequest(listening.url, `GET /${plain} HTTP/1.1\r\n${plain}\r\n\r\n`)).text),
];

/** Sends canaries as secrets, tokens and invalid values. */
async function sendCanaries() {
  ids = await mapInParallel(numbers(200), async (index) => {
    const headers = index % 2 === 0 ? { 'Idempotency-Key': `key-${index}` } : {};
    return (await create({ ...valid, client_secret: canary('created', index) }, headers)).json.id;
  });
  await mapInParallel(numbers(100), (index) =>
    send(`PATCH /v1/oauth-apps/${ids[index]}`, { body: { client_secret: canary('updated', index) } }),
  );
  await mapInParallel(numbers(200), async (index) => {
    const token = await listening.server.createToken({ scopes: index % 2 === 0 ? ['read'] : [] });
    canaries.push(token.slice('oar_'.length));
    await send('GET /v1/oauth-apps?limit=1', { token });
  });
  await mapInParallel(numbers(150), (index) =>
    send('GET /v1/oauth-apps', { token: plainCanary('wrong token', index) }),
  );
  const all = numbers(10).flatMap((round) => rejectedRequests.map((sendRejected) => ({ round, sendRejected })));
  await mapInParallel(all, ({ sendRejected }, index) =>
    sendRejected(canary('sendRejected', index), plainCanary('plain sendRejected', index)),
  );
}

/** Causes server faults, whose details are logged. */
async function causeServerFaults() {
  const { database } = listening.server;
  await database.rows(sql`ALTER TABLE audit RENAME TO elsewhere`);
  for (const index of numbers(20)) {
    expect((await create({ ...valid, client_secret: canary('fault', index) })).status).toBe(500);
  }
  await database.rows(sql`ALTER TABLE elsewhere RENAME TO audit`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-canaries-'));
  const logFile = join(folder, 'log');
  const log = createLog('trace', pino.destination({ dest: logFile, sync: true }));
  const secretKeys = makeKeyLine(new Date());
  canaries.push(secretKeys.split(':')[1] ?? '');
  listening = await startListeningServer({ secretKeys, log, maxAppsPerAccount: 10_000 });
  const { url } = listening.server.database;
  await create({ ...valid, name: control });
  await sendCanaries();
  await causeServerFaults();
  const env = { DATABASE_URL: url };
  const command = (...words: string[]) => run(['node', 'server/bin.js', ...words], { env });
  const [audit, tokens] = await Promise.all([command('audit'), command('token', 'list')]);
  Object.assign(outputs, { audit: audit.stdout + audit.stderr, tokens: tokens.stdout + tokens.stderr });
  Object.assign(outputs, { responses: responses.join('\n'), log: await readFile(logFile) });
  outputs.database = await readDatabaseFiles(listening.server.database);
});
afterAll(async () => {
  await listening[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test('no output contains a canary', () => {
  const find = createCanaryFinder(canaries);
  const hits = Object.entries(outputs).flatMap(([place, text]) => find(text).map((found) => `${place}: ${found}`));
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.length, 0);
  console.log(
    `canaries: ${canaries.length} in ${(bytes / 1e6).toFixed(1)} MB of ${Object.keys(outputs).join(', ')}: ${hits.length} hits (seed ${seed})`,
  );
  expect(new Set(canaries).size).toBe(canaries.length);
  expect(canaries.length).toBeGreaterThanOrEqual(1_000);
  expect(hits).toEqual([]);
});

test('a canary in a name is found in the outputs', () => {
  const find = createCanaryFinder([control]);
  expect(find(outputs.responses ?? '')).toEqual([control]);
  expect(find(outputs.database ?? '')).toEqual([control]);
});

test('every output has its expected content', () => {
  expect(outputs.audit).toContain('updateOAuthApp');
  expect(outputs.tokens).toContain('usable');
  expect(String(outputs.log)).toContain('"msg":"server fault"');
  expect(String(outputs.log).match(/"msg":"response sent"/g)?.length).toBeGreaterThan(900);
});

test('a reveal with the right scope returns every secret', async () => {
  const text = await (await listening.server.fetch('/v1/oauth-apps?truncate_secrets=false')).text();
  const kept = [...numbers(100).map((index) => makeCanary('updated', index)), makeCanary('created', 199)];
  for (const secret of kept) expect(text).toContain(JSON.stringify(secret).slice(1, -1));
  expect(text).not.toContain(makeCanary('created', 0).slice(0, 12));
});

describe('a canary is found in every encoding', () => {
  const text = makeCanary('form', 3);
  test.each<[string, (text: string) => string]>([
    ['unchanged', (text) => text],
    ['base64', (text) => Buffer.from(text).toString('base64')],
    ['base64url', (text) => Buffer.from(text).toString('base64url')],
    ['hex', (text) => Buffer.from(text).toString('hex')],
    ['a URL', encodeURIComponent],
    ['JSON', (text) => JSON.stringify({ text })],
    ['reversed', (text) => [...text].reverse().join('')],
  ])('%s', (_name, write) => {
    for (const before of ['', '.', '..']) expect(createCanaryFinder([text])(write(before + text))).toEqual([text]);
  });
});
