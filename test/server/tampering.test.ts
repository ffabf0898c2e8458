import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { healthStatuses } from '../../generated/values.ts';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { checkSecret, openSecret, secretBinding } from '../../server/resource/secrets.ts';
import type { Envelope } from '../../server/store/store.ts';
import { type Account, openAccount, targetFor } from '../helpers/accounts.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { fieldSchema, type Json, resources } from '../resources.ts';

const makeLine = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
const [current, retired, unknown] = [makeLine('current'), makeLine('retired'), makeLine('unknown')];
const makeSecret = (name: string) => `secret-of-${name}`;
const figures = { tampered: 0, rejected: 0 };
const logged: string[] = [];
let server: TestServer;
let http: HttpClient;

beforeAll(async () => {
  const log = createLog('info', { write: (text) => logged.push(text) });
  server = await startServer({ secretKeys: `${current},${retired}`, log });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  console.log(`tampering: ${figures.tampered} envelopes changed, ${figures.rejected} rejected`);
  http.close();
  await server[Symbol.asyncDispose]();
});

const rows: TestDatabase['rows'] = (statement) => server.database.rows(statement);
const cases = resources.flatMap((resource) =>
  resource.secrets.map((secret) => ({ ...{ resource, secret, name: resource.name }, field: secret.field })),
);

test('every resource with a secret has cases', () => {
  expect(new Set(cases.map(({ name }) => name))).toEqual(
    new Set(resources.filter(({ secrets }) => secrets.length > 0).map(({ name }) => name)),
  );
});

describe.each(cases)('$field of $name', ({ resource, secret }) => {
  const { field, keyId, version, mask, revealedBy } = secret;
  const { secrets, fields } = resource;
  const [table, column] = [sql.table(resource.table), sql.ref(field)];
  const hasHealth = 'health' in fields;
  const isChangeable = resource.has('update') && 'type' in fieldSchema(resource.operation('update'), field);
  let owner: Account;
  let other: Account;
  /** Path of the list, without a query. */
  let list: string;
  /** The ids of two records of one account and one of another. Each test has new ones. */
  let [mine, second, foreign] = ['', '', ''];
  beforeEach(async () => {
    [owner, other] = [await openAccount(server, http), await openAccount(server, http)];
    const create = async (account: Account, name: string) =>
      (await account.createMany(resource, 1, () => secretsNamed(name)))[0] ?? '';
    [mine, second] = [await create(owner, 'mine'), await create(owner, 'second')];
    foreign = await create(other, 'foreign');
    list = await targetFor(owner, resource.operation('list'));
  });

  /** Returns the secrets of a record. Each is another text. */
  const secretsNamed = (name: string): Json =>
    Object.fromEntries(
      secrets.map((each) => [each.field, each === secret ? makeSecret(name) : `other-${makeSecret(name)}`]),
    );
  const readEnvelope = async (id: string) =>
    String((await rows(sql`SELECT ${column} AS envelope FROM ${table} WHERE id = ${id}`))[0]?.envelope);
  const setEnvelope = (id: string, envelope: string) =>
    rows(sql`UPDATE ${table} SET ${column} = ${envelope} WHERE id = ${id}`);
  const get = async (id: string, options = {}, account = owner) =>
    account.send(await targetFor(account, resource.operation('get'), id), options);

  /** Returns the binding of a secret in the older form. */
  const bindingOf = (id: string) =>
    secretBinding({ table: resource.table, account_id: owner.accountId, id, column: field, version: '' });

  /** Seals a secret under another key and stores the envelope in the row of a record. */
  async function sealUnder(keyLine: string, id: string, text = 'sealed elsewhere') {
    const ring = loadKeyRing(keyLine, new Date());
    await setEnvelope(id, ring.seal(text, bindingOf(id)));
    const beside = sql`${sql.ref(keyId)} = ${ring.currentKeyId}, ${sql.ref(version)} = ''`;
    await rows(sql`UPDATE ${table} SET ${beside} WHERE id = ${id}`);
  }

  /** Opens the secrets in the rows of an account, as a list that reveals would. */
  async function openRows({ accountId }: Account) {
    const found = await rows(sql`SELECT * FROM ${table} WHERE account_id = ${accountId} ORDER BY position`);
    return found.map((row) => {
      const sealed = {
        ...{ table: resource.table, column: field, id: String(row.id), account_id: accountId },
        ...{ envelope: row[field] as Envelope, key_id: String(row[keyId]), version: String(row[version]) },
      };
      const opens = ['ok', 'retired key'].includes(checkSecret(server.keyRing, sealed));
      return { id: sealed.id, [field]: opens ? openSecret(server.keyRing, sealed) : mask };
    });
  }

  /** Reads the secrets of an account in full: by the list where it reveals them, otherwise out of the rows. */
  async function reveal(account = owner, query = '') {
    if (revealedBy === undefined) return { records: await openRows(account), requestId: undefined };
    const { status, json, headers } = await account.send(`${list}?${revealedBy}${query}`);
    expect(status).toBe(200);
    return { records: json.data as Json[], requestId: headers['x-request-id'] };
  }
  const revealSecrets = async (account = owner, query = '') =>
    (await reveal(account, query)).records.map((record) => record[field]);

  /** Expects that a tampered record is shown as an error and is named in the log once. */
  async function expectUnhealthy({ id, health }: Json, account: Account) {
    const { status, notes = [] } = health as { status: string; notes: string[] };
    expect({ status, notes }).toEqual({
      status: 'error',
      notes: [expect.stringMatching(/outside of this API|not configured/)],
    });
    const { json, headers } = await get(String(id), {}, account);
    expect(json.health.status).toBe('error');
    expect(headers.etag).toMatch(/^"v1-error\.[\da-z]+"$/);
    const lines = logged.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'a secret is damaged');
    if (notes[0]?.includes('outside of this API')) expect(lines.filter(({ appId }) => appId === id)).toHaveLength(1);
  }

  /**
   * Expects that a reveal shows tampered records masked, with the error, and all others in full, and that its audit row
   * names the revealed ones alone.
   */
  async function expectRejected(account = owner, tampered = [mine]) {
    figures.tampered++;
    logged.length = 0;
    const { records, requestId } = await reveal(account);
    const others = records.filter(({ id }) => !tampered.includes(String(id)));
    for (const record of records.filter(({ id }) => tampered.includes(String(id)))) {
      expect(record[field]).toBe(mask);
      if (hasHealth && requestId !== undefined) await expectUnhealthy(record, account);
    }
    for (const record of others) expect(record[field]).toMatch(/^secret-of-/);
    expect(records.length - others.length).toBe(tampered.length);
    expect(logged.join()).not.toContain('secret-of');
    if (requestId !== undefined && secrets.length === 1)
      expect(await rows(sql`SELECT subjects FROM audit WHERE request_id = ${requestId}`)).toEqual([
        { subjects: others.map(({ id }) => id).join(' ') },
      ]);
    const masked = await account.send(list);
    expect(masked.json.data.map((record: Json) => record[field])).toEqual(records.map(() => mask));
    figures.rejected++;
  }

  test('unchanged envelopes open', async () => {
    expect(await revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
    expect(await revealSecrets(other)).toEqual([makeSecret('foreign')]);
    expect(await openRows(owner)).toMatchObject([{ [field]: makeSecret('mine') }, { [field]: makeSecret('second') }]);
  });

  testOnce('a flipped bit in any byte is rejected', async () => {
    const envelope = await readEnvelope(mine);
    for (const index of envelope.split('').keys()) {
      const flipped = String.fromCharCode(envelope.charCodeAt(index) ^ 1);
      await setEnvelope(mine, envelope.slice(0, index) + flipped + envelope.slice(index + 1));
      await expectRejected();
    }
    await setEnvelope(mine, envelope);
    expect(await revealSecrets()).toContain(makeSecret('mine'));
  });

  testOnce('a truncated tag is rejected at every length', async () => {
    const envelope = await readEnvelope(mine);
    const tagStart = envelope.lastIndexOf('.') + 1;
    for (let length = 0; length < envelope.length - tagStart; length++) {
      await setEnvelope(mine, envelope.slice(0, tagStart + length));
      await expectRejected();
    }
  });

  describe('an envelope with another binding is rejected', () => {
    test('two rows swapped', async () => {
      const [first, next] = [await readEnvelope(mine), await readEnvelope(second)];
      await setEnvelope(mine, next);
      await setEnvelope(second, first);
      await expectRejected(owner, [mine, second]);
    });

    test('two accounts swapped', async () => {
      const [first, next] = [await readEnvelope(mine), await readEnvelope(foreign)];
      await setEnvelope(mine, next);
      await setEnvelope(foreign, first);
      await expectRejected();
      await expectRejected(other, [foreign]);
    });

    test.each(secrets.filter((each) => each !== secret))('the one of $field', async (another) => {
      const [{ envelope } = {}] = await rows(
        sql`SELECT ${sql.ref(another.field)} AS envelope FROM ${table} WHERE id = ${mine}`,
      );
      await setEnvelope(mine, String(envelope));
      await expectRejected();
    });

    test.each(['a row moved to another account', 'a row with another id'])('%s', async (name) => {
      const id = name.endsWith('id') ? crypto.randomUUID() : mine;
      await rows(sql`UPDATE ${table} SET id = ${id}, account_id = ${other.accountId} WHERE id = ${mine}`);
      await expectRejected(other, [id]);
    });

    testOnce.each(['', 'v1', 'plain text', 'v1....', `v1.current.${'A'.repeat(16)}..${'A'.repeat(22)}`])(
      'no envelope: %j',
      async (text) => {
        await setEnvelope(mine, text);
        await expectRejected();
      },
    );
  });

  describe('another key', () => {
    test('with a known id is rejected', async () => {
      await sealUnder(makeLine('current'), mine);
      await expectRejected();
      await sealUnder(makeLine('retired'), mine);
      await expectRejected();
    });

    test('that is unknown is rejected', async () => {
      await sealUnder(unknown, mine);
      await expectRejected();
    });

    test('that is retired opens', async () => {
      await sealUnder(retired, mine, makeSecret('mine'));
      expect(await revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
    });
  });

  describe.runIf(isChangeable)('an older secret that is put back is noticed', () => {
    const setSecret = async (text: string) => {
      const target = await targetFor(owner, resource.operation('update'), mine);
      expect((await owner.send(target, { body: { [field]: text } })).status).toBe(200);
    };

    test('its envelope alone', async () => {
      const older = await readEnvelope(mine);
      await setSecret('secret-of-later');
      await setEnvelope(mine, older);
      expect(await revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('with its key id, before a reveal', async () => {
      const older = await readEnvelope(mine);
      await setSecret('secret-of-later');
      await rows(sql`UPDATE ${table} SET ${column} = ${older}, ${sql.ref(keyId)} = 'current' WHERE id = ${mine}`);
      if (hasHealth) expect((await get(mine)).json.health.status).toBe('error');
      expect(await revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('the version of another secret', async () => {
      const [{ version: another } = {}] = await rows(
        sql`SELECT ${sql.ref(version)} AS version FROM ${table} WHERE id = ${second}`,
      );
      await rows(sql`UPDATE ${table} SET ${sql.ref(version)} = ${another} WHERE id = ${mine}`);
      expect(await revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('an envelope of the older form', async () => {
      const ring = loadKeyRing(current, new Date());
      await setEnvelope(mine, ring.seal('secret-of-older', bindingOf(mine)));
      expect(await revealSecrets()).toEqual([mask, makeSecret('second')]);
    });
  });

  describe.runIf(hasHealth && revealedBy !== undefined && isChangeable)('the health', () => {
    const update = async (text: string, headers = {}) => {
      const target = await targetFor(owner, resource.operation('update'), mine);
      return owner.send(target, { body: { [field]: text }, headers });
    };

    test('is an error under an unknown key until a new secret', async () => {
      await sealUnder(unknown, mine);
      expect((await get(mine)).json.health).toMatchObject({ status: 'error', notes: [expect.any(String)] });
      expect(await revealSecrets(owner, '&health.status=ok')).toEqual([makeSecret('second')]);
      expect((await update('set again')).json.health.status).toBe('ok');
      expect(await revealSecrets()).toEqual(['set again', makeSecret('second')]);
    });

    test('is a warning under a retired key', async () => {
      await sealUnder(retired, mine, makeSecret('mine'));
      expect((await get(mine)).json.health).toMatchObject({ status: 'warn', notes: [expect.any(String)] });
    });

    test('is what its filter finds', async () => {
      await sealUnder(retired, mine);
      await sealUnder(unknown, (await owner.createMany(resource, 1))[0] ?? '');
      const { data } = (await owner.send(list)).json;
      const statusOf = ({ health }: Json) => (health as Json).status;
      expect(data.map(statusOf)).toEqual(['warn', 'ok', 'error']);
      for (const status of healthStatuses) {
        const filtered = await owner.send(`${list}?health.status=${status}`);
        expect(filtered.json.data).toEqual(data.filter((record: Json) => statusOf(record) === status));
      }
    });

    test('of a damaged secret is found once it was seen', async () => {
      await setEnvelope(mine, await readEnvelope(second));
      await revealSecrets();
      await eventually(async () => {
        const { json } = await owner.send(`${list}?health.status=error`);
        expect(json.data.map(({ id }: Json) => id)).toEqual([mine]);
      });
      expect((await owner.send(`${list}?health.status=ok`)).json.data).toHaveLength(1);
      await update('again');
      expect((await owner.send(`${list}?health.status=ok`)).json.data).toHaveLength(2);
    });

    test('changes the entity tag and readiness', async () => {
      const { headers } = await get(mine);
      const [envelope, conditional] = [
        await readEnvelope(mine),
        { headers: { 'If-None-Match': String(headers.etag) } },
      ];
      expect((await get(mine, conditional)).status).toBe(304);
      await setEnvelope(mine, `${envelope.slice(0, -1)}${envelope.endsWith('A') ? 'B' : 'A'}`);
      const changed = await get(mine, conditional);
      expect([changed.status, changed.json.health.status]).toEqual([200, 'error']);
      expect(changed.headers.etag).not.toBe(headers.etag);
      const ready = await http.send('GET /readyz');
      expect([ready.status, ready.json.warnings]).toEqual([200, expect.arrayContaining(['some secrets are damaged'])]);
      // A write depends on what clients wrote, not on the health.
      const written = await update('mended', { 'If-Match': String(headers.etag) });
      expect(written.json.health.status).toBe('ok');
    });
  });
});
