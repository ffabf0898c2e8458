import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken, type Scope } from '../../server/keys/tokens.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const secret = 'sk-revealed-only-when-requests';
const valid = { ...example('CreateOAuthApp'), client_secret: secret };
const tokens = new Map<string, string>();
const figures = { requests: 0, revealed: 0 };
let server: TestServer;
let http: HttpClient;
let id: string;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true });
  http = createHttpClient(server.url, server.token);
  id = (await server.client.createOAuthApp(valid)).id;
});
afterAll(async () => {
  console.log(
    `reveal: ${figures.requests} requests, ${figures.revealed} revealed, an audit row for each of these only`,
  );
  http.close();
  await server[Symbol.asyncDispose]();
});

async function tokenWith(scopes: readonly Scope[]): Promise<string> {
  const token = tokens.get(scopes.join()) ?? (await server.createToken({ scopes }));
  tokens.set(scopes.join(), token);
  return token;
}

/** Sends a request with a token of some scopes. Returns the response with the audit rows that it added. */
async function sendWithScopes(target: string, scopes: readonly Scope[], body?: unknown) {
  const [{ last } = {}] = await server.database.rows(sql`SELECT coalesce(max(position), 0) AS last FROM audit`);
  const response = await http.send(target, { token: await tokenWith(scopes), body });
  const audit = await server.database.rows(sql`SELECT * FROM audit WHERE position > ${last} ORDER BY position`);
  figures.requests++;
  if (response.text.includes(secret)) figures.revealed++;
  return { ...response, audit };
}

const revealScopes: Scope[] = ['read', 'reveal'];
const all: Scope[] = ['read', 'write', 'reveal'];
const insufficientScopes: Scope[][] = [[], ['read'], ['write'], ['reveal'], ['read', 'write'], ['write', 'reveal']];
/** Queries with the single value `false`. */
const literal = [
  'truncate_secrets=false',
  'truncate_secrets=%66alse',
  '%74runcate_secrets=false',
  '&truncate_secrets=false&',
];
const spellings = [
  ...[
    'false',
    'False',
    'FALSE',
    'fAlse',
    '0',
    'no',
    'off',
    'n',
    'f',
    'null',
    'undefined',
    '',
    '-0',
    '"false"',
    '!true',
  ],
  ...[
    '%20false',
    'false%20',
    '+false',
    'false+',
    'false%00',
    'false%0A',
    '%EF%BD%86alse',
    '%2566alse',
    'false;',
    'false,',
  ],
].map((value) => `truncate_secrets=${value}`);
const others = [
  ...['truncate_secrets=false&truncate_secrets=false', 'truncate_secrets=false&truncate_secrets=true'],
  ...['truncate_secrets=true&truncate_secrets=false', 'truncate_secrets=false&truncate_secrets', 'truncate_secrets'],
  ...['truncate_secrets[]=false', 'truncate_secrets[0]=false', 'truncate_secrets[a]=false', 'truncate_secrets.x=false'],
  ...['Truncate_Secrets=false', 'TRUNCATE_SECRETS=false', 'truncate-secrets=false', 'truncateSecrets=false'],
  ...['truncate_secrets%20=false', '%20truncate_secrets=false', 'truncate_secrets==false', 'truncate_secrets:false'],
  ...['reveal=true', 'full=1', '?truncate_secrets=false', 'truncate_secrets=true', ''],
];
const otherQueries = [...spellings, ...others].filter((query) => !literal.includes(query));

test('the literal false reveals and leaves one audit row', async () => {
  for (const scopes of [revealScopes, all]) {
    const { id: tokenId } = (await server.store.findToken(hashToken(await tokenWith(scopes)))) ?? {};
    const row = { operation: 'listOAuthApps', fields: 'client_secret', account_id: 'default', token_id: tokenId };
    for (const query of literal) {
      const { status, headers, text, audit } = await sendWithScopes(`GET /v1/oauth-apps?${query}`, scopes);
      expect(status, query).toBe(200);
      expect(text, query).toContain(secret);
      expect(headers['cache-control']).toBe('no-store');
      expect(audit).toEqual([expect.objectContaining({ ...row, request_id: headers['x-request-id'], app_id: null })]);
    }
  }
});

test('the literal false without both scopes is forbidden', async () => {
  for (const scopes of insufficientScopes) {
    const missing = scopes.includes('read') ? 'reveal' : 'read';
    for (const query of literal) {
      const { status, headers, text, audit } = await sendWithScopes(`GET /v1/oauth-apps?${query}`, scopes);
      expect(status, `${query} ${scopes}`).toBe(403);
      expect(headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${missing}"`);
      expect(text).not.toContain(secret);
      expect(audit).toEqual([]);
    }
  }
});

testOnce.each([...insufficientScopes, revealScopes, all].map((scopes) => ({ scopes })))(
  'any other spelling reveals nothing with $scopes',
  async ({ scopes }) => {
    for (const query of otherQueries) {
      const { status, headers, text, audit } = await sendWithScopes(`GET /v1/oauth-apps?${query}`, scopes);
      const isMasked = ['', 'truncate_secrets=true'].includes(query);
      const expected = scopes.includes('read') ? (isMasked ? 200 : 422) : 403;
      // U+0000 is rejected before authentication.
      expect(status, query).toBe(query.includes('%00') ? 400 : expected);
      expect(text).not.toContain(secret);
      expect(headers['cache-control']).toBe('no-store');
      expect(audit).toEqual([]);
    }
  },
);

describe('no other operation reveals', () => {
  const body = { ...valid, truncate_secrets: false };
  test.each([
    ['GET', '/{id}?truncate_secrets=false', undefined],
    ['PATCH', '/{id}?truncate_secrets=false', { name: 'x' }],
    ['PATCH', '/{id}', { truncate_secrets: false }],
    ['POST', '?truncate_secrets=false', valid],
    ['POST', '', body],
    ['DELETE', '/{id}?truncate_secrets=false', undefined],
  ])('%s %s', async (method, path, sent) => {
    const { status, text, audit } = await sendWithScopes(
      `${method} /v1/oauth-apps${path.replace('{id}', id)}`,
      all,
      sent,
    );
    expect(status).toBe(422);
    expect(text).not.toContain(secret);
    expect(audit).toEqual([]);
  });

  test('GET / with a body', async () => {
    const { status, text, audit } = await sendWithScopes('GET /v1/oauth-apps', all, { truncate_secrets: false });
    expect(status).toBe(200);
    expect(text).not.toContain(secret);
    expect(audit).toEqual([]);
  });
});
