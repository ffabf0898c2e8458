import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import type { Account } from '../helpers/accounts.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type Json, resources } from '../resources.ts';
import { keyLines, makeSecret, openRecords, type Records, tamperingCases } from './tampered-records.ts';

const { current, retired, unknown } = keyLines;
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

test('every resource with a secret has cases', () => {
  const withSecrets = resources.filter(({ secrets }) => secrets.length > 0).map(({ name }) => name);
  expect([...new Set(tamperingCases.map(({ name }) => name))]).toEqual(withSecrets);
});

describe.each(tamperingCases)('$field of $name', (tampering) => {
  const { resource, secret, hasHealth, isChangeable } = tampering;
  const { field, keyId, version, mask } = secret;
  const { secrets } = resource;
  /** The records of a test. */
  let at: Records;
  beforeEach(async () => {
    at = await openRecords(server, http, tampering);
  });

  /** Expects that a tampered record is shown as an error and is named in the log once. */
  async function expectUnhealthy({ id, health }: Json, account: Account) {
    const { status, notes = [] } = health as { status: string; notes: string[] };
    expect({ status, notes }).toEqual({
      status: 'error',
      notes: [expect.stringMatching(/outside of this API|not configured/)],
    });
    const { json, headers } = await at.get(String(id), {}, account);
    expect(json.health.status).toBe('error');
    expect(headers.etag).toMatch(/^"v1-error\.[\da-z]+"$/);
    const lines = logged.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'a secret is damaged');
    if (notes[0]?.includes('outside of this API')) expect(lines.filter(({ appId }) => appId === id)).toHaveLength(1);
  }

  /**
   * Expects that a reveal shows tampered records masked, with the error, and all others in full, and that its audit row
   * names the revealed ones alone.
   */
  async function expectRejected(account = at.owner, tampered = [at.mine]) {
    figures.tampered++;
    logged.length = 0;
    const { records, requestId } = await at.reveal(account);
    const others = records.filter(({ id }) => !tampered.includes(String(id)));
    for (const record of records.filter(({ id }) => tampered.includes(String(id)))) {
      expect(record[field]).toBe(mask);
      if (hasHealth && requestId !== undefined) await expectUnhealthy(record, account);
    }
    for (const record of others) expect(record[field]).toMatch(/^secret-of-/);
    expect(records.length - others.length).toBe(tampered.length);
    expect(logged.join()).not.toContain('secret-of');
    if (requestId !== undefined && secrets.length === 1)
      expect(await at.rows(sql`SELECT subjects FROM audit WHERE request_id = ${requestId}`)).toEqual([
        { subjects: others.map(({ id }) => id).join(' ') },
      ]);
    const masked = await account.send(at.list);
    expect(masked.json.data.map((record: Json) => record[field])).toEqual(records.map(() => mask));
    figures.rejected++;
  }

  test('unchanged envelopes open', async () => {
    expect(await at.revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
    expect(await at.revealSecrets(at.other)).toEqual([makeSecret('foreign')]);
    expect(await at.openRows(at.owner)).toMatchObject([
      { [field]: makeSecret('mine') },
      { [field]: makeSecret('second') },
    ]);
  });

  testOnce('a flipped bit in any byte is rejected', async () => {
    const envelope = await at.readEnvelope(at.mine);
    for (const index of envelope.split('').keys()) {
      const flipped = String.fromCharCode(envelope.charCodeAt(index) ^ 1);
      await at.setEnvelope(at.mine, envelope.slice(0, index) + flipped + envelope.slice(index + 1));
      await expectRejected();
    }
    await at.setEnvelope(at.mine, envelope);
    expect(await at.revealSecrets()).toContain(makeSecret('mine'));
  });

  testOnce('a truncated tag is rejected at every length', async () => {
    const envelope = await at.readEnvelope(at.mine);
    const tagStart = envelope.lastIndexOf('.') + 1;
    for (let length = 0; length < envelope.length - tagStart; length++) {
      await at.setEnvelope(at.mine, envelope.slice(0, tagStart + length));
      await expectRejected();
    }
  });

  describe('an envelope with another binding is rejected', () => {
    test('two rows swapped', async () => {
      const [first, next] = [await at.readEnvelope(at.mine), await at.readEnvelope(at.second)];
      await at.setEnvelope(at.mine, next);
      await at.setEnvelope(at.second, first);
      await expectRejected(at.owner, [at.mine, at.second]);
    });

    test.each([
      ['two rows swapped, with their versions', 'second'],
      ['two accounts swapped, with their versions', 'foreign'],
    ] as const)('%s', async (_name, other) => {
      const columns = sql`${at.column} AS envelope, ${sql.ref(version)} AS version`;
      const read = async (id: string) => (await at.rows(sql`SELECT ${columns} FROM ${at.table} WHERE id = ${id}`))[0];
      const pair = [at.mine, at[other]] as const;
      const [one, another] = [await read(pair[0]), await read(pair[1])];
      for (const [id, row] of [
        [pair[0], another],
        [pair[1], one],
      ] as const)
        await at.rows(
          sql`UPDATE ${at.table} SET ${at.column} = ${row?.envelope}, ${sql.ref(version)} = ${row?.version} WHERE id = ${id}`,
        );
      if (other === 'second') await expectRejected(at.owner, [at.mine, at.second]);
      else {
        await expectRejected();
        await expectRejected(at.other, [at.foreign]);
      }
    });

    test('two accounts swapped', async () => {
      const [first, next] = [await at.readEnvelope(at.mine), await at.readEnvelope(at.foreign)];
      await at.setEnvelope(at.mine, next);
      await at.setEnvelope(at.foreign, first);
      await expectRejected();
      await expectRejected(at.other, [at.foreign]);
    });

    test.each(secrets.filter((each) => each !== secret))('the one of $field', async (another) => {
      await at.setEnvelope(at.mine, await at.readEnvelope(at.mine, another.field));
      await expectRejected();
    });

    test.each(['a row moved to another account', 'a row with another id'])('%s', async (name) => {
      const id = name.endsWith('id') ? crypto.randomUUID() : at.mine;
      await at.rows(sql`UPDATE ${at.table} SET id = ${id}, account_id = ${at.other.accountId} WHERE id = ${at.mine}`);
      await expectRejected(at.other, [id]);
    });

    testOnce.each(['', 'v1', 'plain text', 'v1....', `v1.current.${'A'.repeat(16)}..${'A'.repeat(22)}`])(
      'no envelope: %j',
      async (text) => {
        await at.setEnvelope(at.mine, text);
        await expectRejected();
      },
    );
  });

  describe('another key', () => {
    test('with a known id is rejected', async () => {
      await at.sealUnder(keyLines.otherCurrent, at.mine);
      await expectRejected();
      await at.sealUnder(keyLines.otherRetired, at.mine);
      await expectRejected();
    });

    test('that is unknown is rejected', async () => {
      await at.sealUnder(unknown, at.mine);
      await expectRejected();
    });

    test('that is retired opens', async () => {
      await at.sealUnder(retired, at.mine, makeSecret('mine'));
      expect(await at.revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
    });
  });

  describe.runIf(isChangeable)('an older secret that is put back is noticed', () => {
    const setSecret = async (text: string) => expect((await at.setSecret(text)).status).toBe(200);

    test('its envelope alone', async () => {
      const older = await at.readEnvelope(at.mine);
      await setSecret('secret-of-later');
      await at.setEnvelope(at.mine, older);
      expect(await at.revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('with its key id, before a reveal', async () => {
      const older = await at.readEnvelope(at.mine);
      await setSecret('secret-of-later');
      await at.rows(
        sql`UPDATE ${at.table} SET ${at.column} = ${older}, ${sql.ref(keyId)} = 'current' WHERE id = ${at.mine}`,
      );
      if (hasHealth) expect((await at.get(at.mine)).json.health.status).toBe('error');
      expect(await at.revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('the version of another secret', async () => {
      const [{ version: another } = {}] = await at.rows(
        sql`SELECT ${sql.ref(version)} AS version FROM ${at.table} WHERE id = ${at.second}`,
      );
      await at.rows(sql`UPDATE ${at.table} SET ${sql.ref(version)} = ${another} WHERE id = ${at.mine}`);
      expect(await at.revealSecrets()).toEqual([mask, makeSecret('second')]);
    });

    test('an envelope of the older form', async () => {
      const ring = loadKeyRing(current, new Date());
      await at.setEnvelope(at.mine, ring.seal('secret-of-older', at.bindingOf(at.mine)));
      expect(await at.revealSecrets()).toEqual([mask, makeSecret('second')]);
    });
  });
});
