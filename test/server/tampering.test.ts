import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OAuthApp } from '../../generated/types.ts';
import { healthStatuses } from '../../generated/values.ts';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { createLog } from '../../server/log.ts';
import { secretBinding } from '../../server/oauth-apps/secrets.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const makeLine = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
const [current, retired, unknown] = [makeLine('current'), makeLine('retired'), makeLine('unknown')];
const valid = example('CreateOAuthApp');
const makeSecret = (name: string) => `secret-of-${name}`;
const figures = { tampered: 0, rejected: 0 };
const logged: string[] = [];
let server: TestServer;
let http: HttpClient;
let otherToken: string;
/** The ids of two apps of one account and one of another. Each test has new ones. */
let [mine, second, foreign] = ['', '', ''];

beforeAll(async () => {
  const log = createLog('info', { write: (text) => logged.push(text) });
  server = await startServer({ secretKeys: `${current},${retired}`, log });
  http = createHttpClient(server.url, server.token);
  otherToken = await server.createToken({ accountId: 'other' });
});
afterAll(async () => {
  console.log(`tampering: ${figures.tampered} envelopes changed, ${figures.rejected} rejected`);
  http.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await rows(sql`DELETE FROM oauth_apps`);
  const create = async (name: string, token: string) => {
    const body = { ...valid, name, client_secret: makeSecret(name) };
    return (await http.send('POST /v1/oauth-apps', { body, token })).json.id as string;
  };
  mine = await create('mine', server.token);
  second = await create('second', server.token);
  foreign = await create('foreign', otherToken);
});

const rows: TestDatabase['rows'] = (statement) => server.database.rows(statement);
const readEnvelope = async (id: string) =>
  String((await rows(sql`SELECT client_secret FROM oauth_apps WHERE id = ${id}`))[0]?.client_secret);
const setEnvelope = (id: string, envelope: string) =>
  rows(sql`UPDATE oauth_apps SET client_secret = ${envelope} WHERE id = ${id}`);

/** Returns the binding of a secret in the older form. */
const bindingOf = (id: string) => secretBinding({ account_id: 'default', id, column: 'client_secret', version: '' });

/** Seals a secret under another key and stores the envelope in the row of an app. */
async function sealUnder(keyLine: string, id: string, secret = 'sealed elsewhere') {
  const ring = loadKeyRing(keyLine, new Date());
  await setEnvelope(id, ring.seal(secret, bindingOf(id)));
  await rows(sql`UPDATE oauth_apps SET secret_key_id = ${ring.currentKeyId}, secret_version = '' WHERE id = ${id}`);
}

/** Expects that a tampered app stays masked, is shown as an error and is named in the log once. */
async function expectMasked({ id, client_secret, health }: OAuthApp, token: string) {
  expect(client_secret).toBe('**********');
  expect(health).toMatchObject({
    status: 'error',
    notes: [expect.stringMatching(/outside of this API|not configured/)],
  });
  const { json, headers } = await http.send(`GET /v1/oauth-apps/${id}`, { token });
  expect(json.health.status).toBe('error');
  expect(headers.etag).toMatch(/^"v1-error\.[\da-z]+"$/);
  const isDamaged = health?.notes[0]?.includes('outside of this API');
  const lines = logged.map((text) => JSON.parse(text)).filter(({ msg }) => msg === 'a secret is damaged');
  if (isDamaged) expect(lines.filter(({ appId }) => appId === id)).toHaveLength(1);
}

/**
 * Expects that a reveal shows tampered apps masked, with the error, and all others in full, and that its audit row names
 * the revealed ones alone.
 */
async function expectRejected(token = server.token, tampered = [mine]) {
  figures.tampered++;
  logged.length = 0;
  const revealed = await http.send('GET /v1/oauth-apps?truncate_secrets=false', { token });
  expect(revealed.status).toBe(200);
  const apps = revealed.json.data as OAuthApp[];
  const others = apps.filter(({ id }) => !tampered.includes(id));
  for (const app of apps.filter(({ id }) => tampered.includes(id))) await expectMasked(app, token);
  for (const { client_secret, name } of others) expect(client_secret).toBe(makeSecret(name));
  expect(apps.length - others.length).toBe(tampered.length);
  expect(logged.join()).not.toContain('secret-of');
  const requestId = revealed.headers['x-request-id'];
  expect(await rows(sql`SELECT subjects FROM audit WHERE request_id = ${requestId}`)).toEqual([
    { subjects: others.map(({ id }) => id).join(' ') },
  ]);
  const masked = await http.send('GET /v1/oauth-apps', { token });
  expect(masked.json.data.map(({ client_secret }: OAuthApp) => client_secret)).toEqual(apps.map(() => '**********'));
  figures.rejected++;
}

async function revealSecrets(query = '', token = server.token) {
  const { status, json } = await http.send(`GET /v1/oauth-apps?truncate_secrets=false${query}`, { token });
  expect(status).toBe(200);
  return (json.data as OAuthApp[]).map(({ client_secret }) => client_secret);
}

test('unchanged envelopes open', async () => {
  expect(await revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
  expect(await revealSecrets('', otherToken)).toEqual([makeSecret('foreign')]);
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
    const [first, other] = [await readEnvelope(mine), await readEnvelope(second)];
    await setEnvelope(mine, other);
    await setEnvelope(second, first);
    await expectRejected(server.token, [mine, second]);
  });

  test('two accounts swapped', async () => {
    const [first, other] = [await readEnvelope(mine), await readEnvelope(foreign)];
    await setEnvelope(mine, other);
    await setEnvelope(foreign, first);
    await expectRejected();
    await expectRejected(otherToken, [foreign]);
  });

  test.each([
    ['a row moved to another account', sql`account_id = 'other'`, () => mine],
    ['a row with another id', sql`id = 'renamed', account_id = 'other'`, () => 'renamed'],
  ])('%s', async (_name, change, findId) => {
    await rows(sql`UPDATE oauth_apps SET ${change} WHERE id = ${mine}`);
    await expectRejected(otherToken, [findId()]);
  });

  testOnce.each(['', 'v1', 'plain text', 'v1....', `v1.current.${'A'.repeat(16)}..${'A'.repeat(22)}`])(
    'no envelope: %j',
    async (text) => {
      await setEnvelope(mine, text);
      await expectRejected();
    },
  );
});

test('an unknown key is an error until a new secret', async () => {
  await sealUnder(unknown, mine);
  await expectRejected();
  const { json } = await http.send(`GET /v1/oauth-apps/${mine}`);
  expect(json.health).toMatchObject({ status: 'error', notes: [expect.any(String)] });
  expect(await revealSecrets('&health.status=ok')).toEqual([makeSecret('second')]);
  const body = { client_secret: 'set again' };
  expect((await http.send(`PATCH /v1/oauth-apps/${mine}`, { body })).json.health.status).toBe('ok');
  expect(await revealSecrets()).toEqual(['set again', makeSecret('second')]);
});

test('another key with a known id is rejected', async () => {
  await sealUnder(makeLine('current'), mine);
  await expectRejected();
  await sealUnder(makeLine('retired'), mine);
  await expectRejected();
});

test('a retired key gives a warning and opens', async () => {
  await sealUnder(retired, mine, makeSecret('mine'));
  const { json } = await http.send(`GET /v1/oauth-apps/${mine}`);
  expect(json.health).toMatchObject({ status: 'warn', notes: [expect.any(String)] });
  expect(await revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
});

test('a whole row that is put back is told apart by the audit', async () => {
  const columns = sql`name, client_secret, secret_key_id, secret_version, metadata, updated_at, version`;
  const putBack = () =>
    server.store.listPutBack({ update: 'updateOAuthApp', delete: 'deleteOAuthApp', restore: 'restore' });
  await rows(sql`CREATE TABLE saved AS SELECT * FROM oauth_apps`);
  const update = (id: string, body: object) => http.send(`PATCH /v1/oauth-apps/${id}`, { body });
  await update(mine, { client_secret: 'new' });
  await update(mine, { name: 'newer' });
  await update(second, { name: 'newer' });
  await update(second, {});
  expect(await putBack()).toEqual([]);
  await rows(
    sql`UPDATE oauth_apps SET (${columns}) = (SELECT ${columns} FROM saved WHERE id = ${mine}) WHERE id = ${mine}`,
  );
  // The server cannot tell: every part of the row agrees.
  expect(await revealSecrets()).toEqual(['mine', 'second'].map(makeSecret));
  expect(await putBack()).toEqual([{ account_id: 'default', id: mine }]);
  await http.send(`DELETE /v1/oauth-apps/${foreign}`, { token: otherToken });
  const all = sql`id, account_id, provider, client_id, created_at, ${columns}`;
  await rows(sql`INSERT INTO oauth_apps (${all}) SELECT ${all} FROM saved WHERE id = ${foreign}`);
  expect((await putBack()).map(({ id }) => id)).toEqual([mine, foreign]);
  // A restore raises every version, and may bring back what was deleted since the backup.
  await rows(sql`UPDATE oauth_apps SET version = version + 1000000`);
  const audit = { at: '', accountId: '-', tokenId: '-', requestId: '-', operation: 'restore', fields: [] };
  await server.store.addAudit(audit);
  expect(await putBack()).toEqual([]);
  await rows(sql`DROP TABLE saved`);
});

test('the health filter agrees with the shown health', async () => {
  await sealUnder(retired, mine);
  await sealUnder(unknown, (await server.client.createOAuthApp(valid)).id);
  const { data } = await server.client.listOAuthApps();
  expect(data.map(({ health }) => health?.status)).toEqual(['warn', 'ok', 'error']);
  for (const status of healthStatuses) {
    const filtered = await server.client.listOAuthApps({ 'health.status': status });
    expect(filtered.data).toEqual(data.filter(({ health }) => health?.status === status));
  }
});

describe('an older secret that is put back is noticed', () => {
  const setSecret = (client_secret: string) => http.send(`PATCH /v1/oauth-apps/${mine}`, { body: { client_secret } });

  test('its envelope alone', async () => {
    const older = await readEnvelope(mine);
    expect((await setSecret('secret-of-later')).status).toBe(200);
    await setEnvelope(mine, older);
    expect(await revealSecrets()).toEqual(['**********', makeSecret('second')]);
    expect((await http.send(`GET /v1/oauth-apps/${mine}`)).json.health.status).toBe('error');
  });

  test('with its key id, before a reveal', async () => {
    const older = await readEnvelope(mine);
    await setSecret('secret-of-later');
    await rows(sql`UPDATE oauth_apps SET client_secret = ${older}, secret_key_id = 'current' WHERE id = ${mine}`);
    expect((await http.send(`GET /v1/oauth-apps/${mine}`)).json.health.status).toBe('error');
    expect(await revealSecrets()).toEqual(['**********', makeSecret('second')]);
  });

  test('the version of another secret', async () => {
    await rows(sql`UPDATE oauth_apps SET secret_version = (SELECT max(secret_version) FROM oauth_apps WHERE id = ${second})
      WHERE id = ${mine}`);
    expect(await revealSecrets()).toEqual(['**********', makeSecret('second')]);
  });

  test('an envelope of the older form', async () => {
    const ring = loadKeyRing(current, new Date());
    await setEnvelope(mine, ring.seal('secret-of-older', bindingOf(mine)));
    expect(await revealSecrets()).toEqual(['**********', makeSecret('second')]);
  });
});

test('filters find a damaged secret once it was seen', async () => {
  await setEnvelope(mine, await readEnvelope(second));
  await revealSecrets();
  await eventually(async () => {
    const { json } = await http.send('GET /v1/oauth-apps?health.status=error');
    expect(json.data.map(({ id }: OAuthApp) => id)).toEqual([mine]);
  });
  expect((await http.send('GET /v1/oauth-apps?health.status=ok')).json.data).toHaveLength(1);
  await http.send(`PATCH /v1/oauth-apps/${mine}`, { body: { client_secret: 'again' } });
  expect((await http.send('GET /v1/oauth-apps?health.status=ok')).json.data).toHaveLength(2);
});

test('a damaged secret changes the entity tag and readiness', async () => {
  const { headers } = await http.send(`GET /v1/oauth-apps/${mine}`);
  const [envelope, conditional] = [await readEnvelope(mine), { headers: { 'If-None-Match': String(headers.etag) } }];
  expect((await http.send(`GET /v1/oauth-apps/${mine}`, conditional)).status).toBe(304);
  await setEnvelope(mine, `${envelope.slice(0, -1)}${envelope.endsWith('A') ? 'B' : 'A'}`);
  const changed = await http.send(`GET /v1/oauth-apps/${mine}`, conditional);
  expect([changed.status, changed.json.health.status]).toEqual([200, 'error']);
  expect(changed.headers.etag).not.toBe(headers.etag);
  const ready = await http.send('GET /readyz');
  expect([ready.status, ready.json.warnings]).toEqual([200, expect.arrayContaining(['some secrets are damaged'])]);
  // A write depends on what clients wrote, not on the health.
  const update = { headers: { 'If-Match': String(headers.etag) }, body: { client_secret: 'mended' } };
  expect((await http.send(`PATCH /v1/oauth-apps/${mine}`, update)).json.health.status).toBe('ok');
});
