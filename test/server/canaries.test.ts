import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { typesOf } from '../conformance/schema-values.ts';
import { type Account, openAccount, takesText, targetFor } from '../helpers/accounts.ts';
import { runCommandHere } from '../helpers/commands.ts';
import type { HttpResponse, RequestOptions } from '../helpers/http-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { type ListeningServer, sendRawRequest, startListeningServer } from '../helpers/raw-requests.ts';
import { fieldSchema, type Json, resources, type Secret, type TestedResource } from '../resources.ts';
import { createCanaryFinder, makeCanary, seed } from './canary-values.ts';
import { readDatabaseFiles } from './database-files.ts';

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const canaries: string[] = [];
/** The outputs of the server and the database, by name. */
const outputs: Record<string, string | Buffer> = {};
const responses: string[] = [];
const control = makeCanary('control', 0);
let folder: string;
let listening: ListeningServer;
let account: Account;
/** The secrets that each resource has at the end, and some that were replaced. */
const stored = new Map<TestedResource, { readonly kept: string[]; readonly replaced: string[] }>();

function canary(name: string, index: number): string {
  const text = makeCanary(name, index);
  canaries.push(text);
  return text;
}
/** Creates a canary without special characters, for headers, raw targets and secrets of few characters. */
const plainCanary = (name: string, index: number) => canary(name, index * 10);

/** Returns a canary that a secret takes. */
const canaryFor = (secret: Secret, name: string, index: number) =>
  takesText(secret, makeCanary(name, index)) ? canary(name, index) : plainCanary(`plain ${name}`, index);

async function send(target: string, options?: RequestOptions): Promise<HttpResponse> {
  const response = await listening.send(target, options);
  responses.push(JSON.stringify(response.headers), response.text);
  return response;
}

type SendRejected = (text: string, plain: string) => Promise<unknown>;

/** Values of each type with a text in them. */
const ofType: Readonly<Record<string, (text: string) => unknown>> = {
  string: (text) => text,
  array: (text) => [text],
  object: (text) => ({ text }),
};

/** Lists invalid requests with a canary where a client could put a secret by accident. */
async function listRejected(resource: TestedResource, id: string): Promise<SendRejected[]> {
  const valid = await account.newBody(resource);
  const [first = ''] = [...resource.secrets.map(({ field }) => field), ...Object.keys(valid)];
  const [collection, item] = [await account.pathOf(resource.operation('create')), `/${id}`].map(String);
  const create = (body: unknown, headers = {}) => send(`POST ${collection}`, { body, headers });
  const list = resource.has('list') ? resource.operation('list').parameters : [];
  const names = list.filter(({ in: where }) => where === 'query').map(({ name }) => name);
  return [
    ...Object.keys(valid).flatMap((name) =>
      ['string', 'array', 'object']
        .filter((type) => !typesOf(fieldSchema(resource.operation('create'), name)).includes(type))
        .map(
          (type): SendRejected =>
            (text) =>
              create({ ...valid, [name]: ofType[type]?.(text) }),
        ),
    ),
    (text) =>
      create({ ...valid, ...Object.fromEntries(Object.keys(valid).map((name) => [name, [text]])), extra: text }),
    (text) => create({ ...valid, [first]: `${text}\u0000` }),
    (text) => create({ ...valid, [first]: text.padEnd(5_000, text) }),
    (text) => create(JSON.stringify({ ...valid, [first]: text }).slice(0, -1)),
    (text) => create(`{"${first}":${text}}`),
    (text) => create(`{"${first}":${JSON.stringify(text)},"${first}":"\\ud800"}`),
    (text) => create(text, { 'Content-Type': 'text/plain' }),
    (text) => send(`PATCH ${collection}${item}`, { body: { id: text, extra: text } }),
    (text) => send(`PATCH ${collection}${item}`, { body: text }),
    ...[...names, 'access_token'].map(
      (name): SendRejected =>
        (text) =>
          send(`GET ${collection}?${name}=${encodeURIComponent(text)}`),
    ),
    ...names.map(
      (name): SendRejected =>
        (text) =>
          send(`GET ${collection}?${name}=${encodeURIComponent(JSON.stringify({ secret: text }))}`),
    ),
    ...['GET', 'DELETE', 'PUT'].map(
      (method): SendRejected =>
        (text) =>
          send(`${method} ${collection}/${encodeURIComponent(text)}`),
    ),
    (text) => send(`GET /${encodeURIComponent(text)}`),
    ...['Authorization', 'Content-Type', 'Content-Encoding', 'Cookie', 'X-Request-Id'].map(
      (name): SendRejected =>
        (_text, plain) =>
          create(valid, { [name]: plain }),
    ),
    (_text, plain) => send(`PATCH ${collection}${item}`, { body: {}, headers: { 'If-Match': plain } }),
    (_text, plain) => create(valid, { 'Idempotency-Key': `${plain} ${plain}` }),
    async (_text, plain) =>
      responses.push((await sendRawRequest(listening.url, `GET /${plain} HTTP/1.1\r\n${plain}\r\n\r\n`)).text),
  ];
}

/** Sends canaries as secrets of a resource, and where a client could put one by accident. */
async function sendAsSecrets(resource: TestedResource) {
  const { name, secrets } = resource;
  const at = (use: string, index: number) =>
    Object.fromEntries(
      secrets.map((secret) => [secret.field, canaryFor(secret, `${use} ${name} ${secret.field}`, index)]),
    );
  const created = numbers(200).map((index) => at('created', index));
  const ids = await mapInParallel(created, async (replaced, index) => {
    const headers: Record<string, string> = index % 2 === 0 ? { 'Idempotency-Key': `key-${index}` } : {};
    const { status, json } = await account.create(resource, { replaced, headers });
    expect(status).toBe(200);
    return json.id as string;
  });
  const updated = resource.has('update') ? numbers(100).map((index) => at('updated', index)) : [];
  await mapInParallel(updated, async (body, index) => {
    const { status } = await account.send(await targetFor(account, resource.operation('update'), ids[index]), { body });
    expect(status).toBe(200);
  });
  const rejected = await listRejected(resource, ids[0] ?? '');
  const all = numbers(10).flatMap((round) => rejected.map((sendRejected) => ({ round, sendRejected })));
  await mapInParallel(all, ({ sendRejected }, index) =>
    sendRejected(canary(`rejected ${name}`, index), plainCanary(`plain rejected ${name}`, index)),
  );
  const values = (list: Json[]) => list.flatMap((one) => Object.values(one) as string[]);
  stored.set(resource, {
    kept: values([...updated, ...created.slice(updated.length)]),
    replaced: values(created.slice(0, updated.length)),
  });
}

/** Sends a canary where no secret is expected, which the outputs show. */
async function sendControl() {
  const [resource] = resources;
  if (resource === undefined) throw new Error('there is no resource');
  const { status } = await account.create(resource, { replaced: { name: control } });
  expect(status).toBe(200);
}

/** Sends canaries as tokens. */
async function sendAsTokens() {
  const list = `GET ${resources[0]?.collection}`;
  await mapInParallel(numbers(200), async (index) => {
    const token = await listening.server.createToken({ scopes: index % 2 === 0 ? ['read'] : [] });
    canaries.push(token.slice('oar_'.length));
    await send(`${list}?limit=1`, { token });
  });
  await mapInParallel(numbers(150), (index) => send(list, { token: plainCanary('wrong token', index) }));
}

/** Causes server faults, whose details are logged. */
async function causeServerFaults(resource: TestedResource) {
  const { database } = listening.server;
  await account.newBody(resource);
  await database.rows(sql`ALTER TABLE audit RENAME TO elsewhere`);
  for (const index of numbers(20)) {
    const replaced = Object.fromEntries(
      resource.secrets.map((secret) => [
        secret.field,
        canaryFor(secret, `fault ${resource.name} ${secret.field}`, index),
      ]),
    );
    expect((await account.create(resource, { replaced })).status).toBe(500);
  }
  await database.rows(sql`ALTER TABLE elsewhere RENAME TO audit`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-canaries-'));
  const logFile = join(folder, 'log');
  const log = createLog('trace', pino.destination({ dest: logFile, sync: true }));
  const secretKeys = makeKeyLine(new Date());
  canaries.push(secretKeys.split(':')[1] ?? '');
  listening = await startListeningServer({ secretKeys, log });
  const { url } = listening.server.database;
  account = await openAccount(listening.server, { send });
  await sendControl();
  await sendAsTokens();
  for (const resource of resources) await sendAsSecrets(resource);
  for (const resource of resources) await causeServerFaults(resource);
  const env = { DATABASE_URL: url };
  const command = (...words: string[]) => runCommandHere(words, env);
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

test('a canary outside of secrets is found in the outputs', () => {
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

test.each(resources)('a reveal of $name returns every secret', async (resource) => {
  const { kept = [], replaced = [] } = stored.get(resource) ?? {};
  const list = resource.has('list') ? await targetFor(account, resource.operation('list')) : '';
  for (const query of new Set(resource.secrets.flatMap(({ revealedBy }) => revealedBy ?? []))) {
    const { text } = await listening.send(`${list}?${query}`, { token: account.token });
    for (const secret of kept) expect(text).toContain(JSON.stringify(secret).slice(1, -1));
    for (const secret of replaced) expect(text).not.toContain(secret.slice(0, 12));
  }
});
