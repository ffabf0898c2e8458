import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { mintFirstToken } from '../../server/keys/first-token.ts';
import { findTokenFault, hashToken, mintToken } from '../../server/keys/tokens.ts';
import { createLog } from '../../server/log.ts';
import { renderBanner } from '../../server/process/banner.ts';
import { applyApiToken, checkApiToken } from '../../server/process/operator-token.ts';
import { example } from '../helpers/examples.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const logged: string[] = [];
const log = createLog('info', { write: (text) => logged.push(text) });
const start = Date.parse('2026-03-01T12:00:00Z');
const placeholder = 'YOUR_API_TOKEN';
let clock = start;
let server: TestServer;
beforeAll(async () => {
  server = await startServer({ now: () => new Date(clock) });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  clock = start;
  logged.length = 0;
  await server.database.rows(sql`DELETE FROM api_tokens`);
});

/** Applies the settings of a start. */
const applyStart = (apiToken?: string, host = '127.0.0.1') =>
  applyApiToken({ apiToken, host }, server.store, log, new Date(clock));

const statusOf = async (token: string, path = '/v1/oauth-apps') =>
  (await server.fetch(path, { headers: { Authorization: `Bearer ${token}` } })).status;

const idOf = async (token: string) => (await server.store.findToken(hashToken(token)))?.id ?? '';

/** Lists what the audit says of tokens since a moment: operation and the ids concerned. */
async function auditOfTokens() {
  const rows = await server.database.rows(
    sql`SELECT operation, subjects, token_id FROM audit WHERE operation LIKE 'token %' ORDER BY position`,
  );
  return rows.map(({ operation, subjects, token_id }) => [operation, subjects, String(token_id).split(':')[0]]);
}

describe('API_TOKEN is the token of its slot', () => {
  test('a changed one ends the former at once', async () => {
    const [former, later] = [mintToken(), mintToken()];
    await applyStart(former);
    expect(await statusOf(former, '/v1/oauth-apps?truncate_secrets=false')).toBe(200);
    const before = (await auditOfTokens()).length;
    await applyStart(later);
    expect([await statusOf(former), await statusOf(later)]).toEqual([401, 200]);
    expect(logged.join()).toContain(
      `API_TOKEN has changed. The token that it had before, ${await idOf(former)}, is revoked.`,
    );
    expect(logged.join()).not.toContain(former);
    expect((await auditOfTokens()).slice(before)).toEqual([
      ['token create', await idOf(later), 'server'],
      ['token revoke', await idOf(former), 'server'],
    ]);
  });

  test('a restart with the same one changes nothing', async () => {
    const token = mintToken();
    await applyStart(token);
    const before = await auditOfTokens();
    await applyStart(token);
    expect(await auditOfTokens()).toEqual(before);
    expect([await statusOf(token), logged]).toEqual([200, []]);
  });

  test('a former one does not come back', async () => {
    const [former, later] = [mintToken(), mintToken()];
    for (const token of [former, later, former]) await applyStart(token);
    expect([await statusOf(former), await statusOf(later)]).toEqual([401, 200]);
    expect(logged.join()).toContain('was revoked and stays so');
  });

  test('servers that start together end one former token once', async () => {
    const [former, later] = [mintToken(), mintToken()];
    await applyStart(former);
    const before = (await auditOfTokens()).length;
    await Promise.all([applyStart(later), applyStart(later), applyStart(later)]);
    const added = (await auditOfTokens()).slice(before).map(([operation]) => operation);
    expect(added.sort()).toEqual(['token create', 'token revoke']);
    expect(await statusOf(later)).toBe(200);
  });

  test('one that is left out is told as usable', async () => {
    const token = mintToken();
    await applyStart(token);
    await applyStart();
    expect(await statusOf(token)).toBe(200);
    expect(logged.join()).toContain(`token revoke ${await idOf(token)}`);
  });

  test('one of an earlier version is taken over', async () => {
    const [former, later] = [await server.createToken(), mintToken()];
    await applyStart(former);
    await applyStart(later);
    expect(await statusOf(former)).toBe(401);
  });

  test('a token of a command in it keeps its scopes', async () => {
    const token = await server.createToken({ scopes: ['read'] });
    await applyStart(token);
    expect([await statusOf(token), await statusOf(token, '/v1/oauth-apps?truncate_secrets=false')]).toEqual([200, 403]);
  });
});

describe('a token is minted for a database that never had one', () => {
  test('and never again once all are revoked', async () => {
    const minted = (await mintFirstToken(server.store, new Date(clock))) ?? '';
    expect(await statusOf(minted)).toBe(200);
    expect((await auditOfTokens()).at(-1)).toEqual(['token create', await idOf(minted), 'server']);
    await server.store.revokeToken(await idOf(minted), new Date(clock).toISOString());
    expect(await mintFirstToken(server.store, new Date(clock))).toBeUndefined();
    expect(await server.store.listTokens()).toHaveLength(1);
  });

  test('and once by servers that start together', async () => {
    const minted = await Promise.all([1, 2, 3].map(() => mintFirstToken(server.store, new Date(clock))));
    expect(minted.filter((token) => token !== undefined).length).toBeGreaterThanOrEqual(1);
    if (server.database.url.startsWith('sqlite')) expect(await server.store.listTokens()).toHaveLength(1);
  });

  test('not after an expired one', async () => {
    const expiresAt = '2026-01-01T00:00:00.000Z';
    await server.store.addToken({
      ...{ id: 'old', accountId: 'default', hash: 'h', scopes: [], createdAt: expiresAt, expiresAt },
    });
    expect(await mintFirstToken(server.store, new Date(clock))).toBeUndefined();
  });
});

describe('the published placeholder', () => {
  test('works on this machine with a warning', async () => {
    for (const host of ['127.0.0.1', '::1', 'localhost', '127.1.2.3'])
      expect(() => checkApiToken({ apiToken: placeholder, host })).not.toThrow();
    await applyStart(placeholder);
    expect(await statusOf(placeholder)).toBe(200);
    const facts = { url: '', databaseUrl: 'sqlite:x', hasDocs: true };
    expect(renderBanner({ ...facts, tokenFrom: 'published pages' })).toContain('Warning: API_TOKEN is the placeholder');
  });

  test.each(['0.0.0.0', '::', '10.0.0.1', 'localhost.example', '127.0.0.1.nip.io'])('is refused on %s', (host) => {
    expect(() => checkApiToken({ apiToken: placeholder, host })).toThrow(/placeholder of the published pages/);
  });

  test('ends when a later start listens beyond this machine', async () => {
    await applyStart(placeholder);
    await applyStart(undefined, '0.0.0.0');
    expect(await statusOf(placeholder)).toBe(401);
    expect((await auditOfTokens()).at(-1)?.slice(0, 2)).toEqual(['token revoke', await idOf(placeholder)]);
  });
});

describe('a token that cannot be used is refused before the start', () => {
  testOnce.each([
    ['a space', 'has space', /letters, digits and/],
    ['a letter that is not ASCII', 'pässword', /letters, digits and/],
    ['a colon', 'tok:en', /letters, digits and/],
    ['= in the middle', `a=${'b1'.repeat(20)}`, /letters, digits and/],
    ['a line end', `${mintToken()}\n`, /letters, digits and/],
    ['a typo behind oar_', `oar_${'A'.repeat(43)}AAAAAA`, /begins with oar_ and has a typo/],
    ['a short oar_', 'oar_secret', /begins with oar_ and has a typo/],
    ['one letter', 'x', /can be guessed/],
    ['a word', 'correcthorsebatterystaple', /can be guessed/],
    ['one letter repeated', 'a1'.repeat(32), /can be guessed/],
    ['a run', 'abcdefghijklmnopqrstuvwxyz0123456789', /can be guessed/],
    ['a word repeated', 'password1234'.repeat(4), /can be guessed/],
    ['letters alone', 'thequickbrownfoxjumpsoverthelazydog', /can be guessed/],
    ['words and digits', 'correct-horse-battery-staple-1234-go', /can be guessed/],
    ['a sentence', 'the-quick-brown-fox-jumps-over-the-lazy-dog-1', /can be guessed/],
    ['words with digits for letters', 'C0rr3ct-H0rs3-B4tt3ry-St4pl3-2026', /can be guessed/],
    ['words of another language', 'mein-geheimes-passwort-fuer-den-server-2026', /can be guessed/],
    ['rows of the keyboard', 'qwertyuiopasdfghjklzxcvbnm1234567890', /can be guessed/],
    ['words of hexadecimal digits', 'deadbeefdeadbeefcafebabecafebabe0123', /can be guessed/],
    ['digits alone', '31415926535897932384626433832795028841971', /can be guessed/],
    ['31 random characters', 'k7Qm2Zx9Lp4Vt8Rb3Nc6Wd1Hf5Jg0Sy', /can be guessed/],
  ])('%s', (_name, apiToken, reason) => {
    const check = () => checkApiToken({ apiToken, host: '127.0.0.1' });
    expect(check).toThrow(reason);
    expect(check).not.toThrow(apiToken);
  });
});

testOnce('random tokens of every usual alphabet are taken', () => {
  const draw = (alphabet: string) => Array.from(randomBytes(40), (byte) => alphabet[byte % alphabet.length]).join('');
  const makers = {
    ...{ hex: () => randomBytes(16).toString('hex'), base64: () => randomBytes(32).toString('base64') },
    ...{
      uuid: () => randomUUID(),
      base62: () => `ghp_${randomBytes(32).toString('base64url').replaceAll(/[-_]/g, '')}`,
    },
    ...{
      base32: () => draw('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'),
      base36: () => draw('abcdefghijklmnopqrstuvwxyz0123456789'),
    },
  };
  for (const [name, make] of Object.entries(makers)) {
    const refused = Array.from({ length: 200 }, make).filter((token) => findTokenFault(token) !== undefined);
    // One in some thousands looks like words by chance.
    expect(refused.length, name).toBeLessThan(5);
  }
});

test('a token ends when it expires', async () => {
  const token = mintToken();
  const expiresAt = new Date(start + 1_000).toISOString();
  await server.store.addToken({
    ...{ id: 'ends', accountId: 'default', hash: hashToken(token), scopes: ['read'], createdAt: expiresAt, expiresAt },
  });
  expect(await statusOf(token)).toBe(200);
  clock = start + 999;
  expect(await statusOf(token)).toBe(200);
  clock = start + 1_000;
  expect(await statusOf(token)).toBe(401);
});

test('a token that ends while its body arrives does nothing', async () => {
  const token = await server.createToken();
  const { id } = (await server.store.findToken(hashToken(token))) ?? { id: '' };
  const count = async () => (await server.database.rows(sql`SELECT id FROM oauth_apps`)).length;
  const before = await count();
  const [head, rest] = [...JSON.stringify(example('CreateOAuthApp')).matchAll(/^.{20}|.+$/g)].map(([part]) => part);
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', Connection: 'close' };
  const sent = request(`${server.url}/v1/oauth-apps`, { method: 'POST', headers });
  const responded = once(sent, 'response');
  sent.write(head);
  await expect.poll(async () => (await server.store.findToken(hashToken(token)))?.lastUsedOn).toBe('2026-03-01');
  await server.store.revokeToken(id, new Date(clock).toISOString());
  clock += 1_000;
  sent.end(rest);
  const [response] = await responded;
  expect([response.statusCode, await count()]).toEqual([401, before]);
});

test('the day of the last use is recorded once a day', async () => {
  const token = await server.createToken();
  const lastUse = async () => (await server.store.findToken(hashToken(token)))?.lastUsedOn;
  expect(await lastUse()).toBeUndefined();
  await statusOf(token);
  await expect.poll(lastUse).toBe('2026-03-01');
  clock = start + 86_400_000;
  await statusOf(token);
  await expect.poll(lastUse).toBe('2026-03-02');
  expect((await server.store.listTokens())[0]).toMatchObject({ lastUsedOn: '2026-03-02' });
});

test('an empty update needs the scope to read', async () => {
  const headers = { Authorization: `Bearer ${await server.createToken()}` };
  const body = JSON.stringify(example('CreateOAuthApp'));
  const created = await server.fetch('/v1/oauth-apps', { method: 'POST', headers, body });
  const { id } = (await created.json()) as { id: string };
  const patch = async (scopes: ('read' | 'write')[], body: object, extra = {}) => {
    const headers = { Authorization: `Bearer ${await server.createToken({ scopes })}`, ...extra };
    return server.fetch(`/v1/oauth-apps/${id}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
  };
  const refused = [
    await patch(['write'], {}),
    await patch(['write'], {}, { 'If-Match': '"v1"' }),
    await patch(['write'], {}, { 'If-Match': '"v9"' }),
    await patch(['write'], {}, { 'If-Match': '*' }),
  ];
  for (const response of refused) {
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope", scope="read"');
  }
  expect((await patch(['read', 'write'], {})).status).toBe(200);
  expect((await patch(['write'], { name: 'New' })).status).toBe(200);
  expect((await patch(['read'], {})).status).toBe(403);
});
