import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isFreeForm } from '../conformance/resources.ts';
import { type Account, differentBody, openAccount, targetFor } from '../helpers/accounts.ts';
import { createHttpClient, type HttpClient, type HttpResponse } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import { fieldSchema, type Json, resourceOf, resources } from '../resources.ts';

const start = Date.parse('2026-01-01T00:00:00Z');
const day = 86_400_000;
let clock = start;
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true, now: () => new Date(clock) });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

/** Returns the parts that the response to a repeated request has in common with the first response. */
const pickComparable = ({ status, headers, text }: HttpResponse) => ({
  status,
  text,
  etag: headers.etag,
  type: headers['content-type'],
});

const idempotent = resources.filter(({ has }) => has('create', 'Idempotency-Key'));

describe.each(idempotent)('a create of $name', (resource) => {
  const { table } = resource;
  /** Member that takes any JSON object; undefined where there is none. */
  const freeForm = Object.keys(resource.newBodies[0] ?? {}).find((name) =>
    isFreeForm(fieldSchema(resource.operation('create'), name)),
  );
  let account: Account;
  let target: string;
  let valid: Json;
  beforeAll(async () => {
    account = await openAccount(server, http);
    valid = await account.newBody(resource);
    target = await targetFor(account, resource.operation('create'));
  });

  const createWithKey = (key: string, body: unknown = valid, send = account.send) =>
    send(target, { headers: { 'Idempotency-Key': key }, body });
  const countRecords = async () =>
    Number((await server.database.rows(sql`SELECT count(*) AS n FROM ${sql.table(table)}`))[0]?.n);
  const update = async (id: string, body: Json) =>
    account.send(await targetFor(account, resource.operation('update'), id), { body });

  test('in fifty parallel requests with one key creates one', async () => {
    // The other server has its own store on the same database, as another process has.
    await using other = await startServer({
      ...{ hasWriterThread: true, keyRing: server.keyRing, now: () => new Date(clock) },
      database: server.database,
    });
    const second = createHttpClient(other.url, account.token, 64);
    const first = createHttpClient(server.url, account.token, 64);
    const counts = { created: 0, inFlight: 0 };
    const before = await countRecords();
    const keys = soak(20, 100);
    for (let index = 0; index < keys; index += 1) {
      const sent = Array.from({ length: 50 }, (_, at) =>
        createWithKey(`parallel-${index}`, valid, (at % 2 === 0 ? first : second).send),
      );
      const responses = await Promise.all(sent);
      const created = responses.filter(({ status }) => status === 200);
      const inFlight = responses.filter(({ status, headers }) => status === 409 && headers['retry-after'] === '1');
      expect(created.length + inFlight.length).toBe(responses.length);
      expect(new Set(created.map(({ text }) => text)).size).toBe(1);
      counts.created += created.length;
      counts.inFlight += inFlight.length;
    }
    const records = (await countRecords()) - before;
    console.log(
      `idempotency: ${keys} keys × 50 creates on 2 servers: ${records} ${resource.name}, ${counts.created} × 200, ${counts.inFlight} × 409`,
    );
    expect(records).toBe(keys);
    for (const client of [first, second]) client.close();
  });

  test('gets 409 while the first with its key runs', async () => {
    const before = await countRecords();
    const lock = await server.database.lock();
    const first = createWithKey('in-flight');
    // The first request reaches the server before the next ones, and waits for the lock.
    await account.send(await targetFor(account, resource.operation('get'), 'unknown'));
    const second = await createWithKey('in-flight');
    await lock[Symbol.asyncDispose]();
    expect(second).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
    expect(second.json.type).toBe('urn:oauth-apps:problem:request-in-flight');
    const created = await first;
    expect(pickComparable(await createWithKey('in-flight'))).toEqual(pickComparable(created));
    expect(await countRecords()).toBe(before + 1);
  });

  describe('gets the first response', () => {
    test('for a body with other white space', async () => {
      const first = await createWithKey('spaced');
      expect(first.status).toBe(200);
      expect(pickComparable(await createWithKey('spaced', JSON.stringify(valid, undefined, 2)))).toEqual(
        pickComparable(first),
      );
    });

    test('stored before a property of the response was required', async () => {
      const first = await createWithKey('upgraded');
      const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
      const members = Object.entries(first.json).map(([name, value]) => [name, isObject(value) ? {} : value]);
      const response = JSON.stringify(Object.fromEntries(members));
      const db = await server.database.connect();
      const stored = db.updateTable('idempotency_keys').set({ response });
      const { numUpdatedRows } = await stored.where('response', 'like', `%${first.json.id}%`).executeTakeFirstOrThrow();
      expect(numUpdatedRows).toBe(1n);
      expect(pickComparable(await createWithKey('upgraded'))).toEqual(pickComparable(first));
    });

    test.runIf(resource.has('update'))('after an update', async () => {
      const first = await createWithKey('updated');
      for (const change of resource.changes) expect((await update(first.json.id, change)).status).toBe(200);
      expect(pickComparable(await createWithKey('updated'))).toEqual(pickComparable(first));
    });

    test.runIf(resource.has('delete'))('after a delete', async () => {
      const first = await createWithKey('deleted');
      await account.send(await targetFor(account, resource.operation('delete'), first.json.id));
      const before = await countRecords();
      expect(pickComparable(await createWithKey('deleted'))).toEqual(pickComparable(first));
      expect(await countRecords()).toBe(before);
    });

    test('until 24 hours have passed', async () => {
      const first = await createWithKey('expiring');
      clock = start + day;
      expect(pickComparable(await createWithKey('expiring'))).toEqual(pickComparable(first));
      clock = start + day + 1_000;
      const later = await createWithKey('expiring');
      clock = start;
      expect(later.status).toBe(200);
      expect(later.json.id).not.toBe(first.json.id);
    });
  });

  test('with the key of another body is rejected', async () => {
    await createWithKey('taken');
    const before = await countRecords();
    const { status, json } = await createWithKey('taken', { ...valid, ...differentBody(resource) });
    expect({ status, ...json }).toMatchObject({
      status: 422,
      validation_errors: { 'Idempotency-Key': ['must not be used again for another body'] },
    });
    expect(await countRecords()).toBe(before);
  });

  test.each(idempotent.filter((each) => each !== resource))(
    'with a key of $name is one of its own',
    async (another) => {
      const headers = { 'Idempotency-Key': 'of-another-resource' };
      const { json } = await account.create(another, { headers });
      const { status, json: own } = await createWithKey('of-another-resource');
      // The key is new for this resource, or rejected as one of another body. The other record is not shown.
      expect([200, 422]).toContain(status);
      expect(own.id).not.toBe(json.id);
    },
  );

  describe('is repeated by the same JSON value', () => {
    const any = { b: [1, { y: 1, x: 'é' }], a: null, 10: 1, 2: 2 };
    const make = () => (freeForm === undefined ? valid : { ...valid, [freeForm]: any });
    type Spelling = (text: string, body: Json) => string;
    const escapeFirst = (name: string) => `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;
    const [member = ''] = Object.keys(resource.newBodies[0] ?? {});
    const same: [string, Spelling, boolean][] = [
      [
        'with its members in another order',
        (_text, body) => JSON.stringify(Object.fromEntries(Object.entries(body).reverse())),
        true,
      ],
      [
        'with escapes',
        (text) => text.replace('"é"', '"\\u00e9"').replace(`"${member}"`, `"${escapeFirst(member)}"`),
        true,
      ],
      ['with nested members in another order', (text) => text.replace('{"y":1,"x":"é"}', '{"x":"é","y":1}'), false],
      ['with another spelling of a number', (text) => text.replace('[1,', '[1.0e0,'), false],
    ];
    test.each(same.filter(([, , isForAll]) => isForAll || freeForm))('%s', async (name, spell) => {
      const body = make();
      const [text, sent] = [JSON.stringify(body), spell(JSON.stringify(body), body)];
      const first = await createWithKey(`same-${name.length}`, body);
      expect([first.status, sent === text]).toEqual([200, false]);
      const before = await countRecords();
      const again = await createWithKey(`same-${name.length}`, sent);
      expect({ ...again.json, status: again.status }).toEqual({ ...first.json, status: 200 });
      expect(await countRecords()).toBe(before);
    });

    const other: [string, Spelling][] = [
      ['with items in another order', (text) => text.replace('[1,{"y":1,"x":"é"}]', '[{"y":1,"x":"é"},1]')],
      ['with text for a number', (text) => text.replace('[1,', '["1",')],
      ['with an object left out', (_text, { [freeForm ?? '']: _, ...rest }) => JSON.stringify(rest)],
      ['with a member that is null', (text) => text.replace(',"a":null', '')],
    ];
    test.runIf(freeForm).each(other)('and another one %s', async (name, spell) => {
      const body = make();
      const sent = spell(JSON.stringify(body), body);
      await createWithKey(`other-${name.length}`, body);
      expect(sent).not.toBe(JSON.stringify(body));
      expect((await createWithKey(`other-${name.length}`, sent)).status).toBe(422);
    });
  });

  describe('with an invalid key is rejected', () => {
    test.each([
      ['empty', ''],
      ['256 characters', 'x'.repeat(256)],
      ['a space', 'a b'],
      ['a tab', 'a\tb'],
      ['not ASCII', 'clé'],
      ['two keys', 'a, b'],
    ])('%s', async (_name, key) => {
      const before = await countRecords();
      const { status, json } = await createWithKey(key);
      expect(status).toBe(422);
      expect(Object.keys(json.validation_errors)).toEqual(['Idempotency-Key']);
      expect(await countRecords()).toBe(before);
    });

    test('but one of 255 characters is valid', async () => {
      expect((await createWithKey('x'.repeat(255))).status).toBe(200);
    });
  });

  test('that failed stores no response', async () => {
    const [member = ''] = Object.keys(valid);
    expect((await createWithKey('mended', { ...valid, [member]: [[]] })).status).toBe(422);
    expect((await createWithKey('mended')).status).toBe(200);
  });

  test.runIf(resource.full)('that found the account full stores no response', async () => {
    await using full = await startServer({ store: server.store, keyRing: server.keyRing, ...resource.full });
    const client = createHttpClient(full.url, account.token);
    expect((await createWithKey('place', valid, client.send)).status).toBe(409);
    expect((await createWithKey('place')).status).toBe(200);
    client.close();
  });
});

test('a create with metadata over a limit stores no response', async () => {
  const [account, resource] = [await openAccount(server, http), resourceOf('oauth-apps')];
  const headers = { 'Idempotency-Key': 'mended' };
  const metadata = { list: Array(2_001).fill(1) };
  expect((await account.create(resource, { headers, replaced: { metadata } })).status).toBe(422);
  expect((await account.create(resource, { headers })).status).toBe(200);
});
