import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hashToken, type Scope } from '../../server/keys/tokens.ts';
import { openAccount, secretsOf, targetFor } from '../helpers/accounts.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type PlacedOperation, resources, type TestedResource } from '../resources.ts';

const secret = 'sk-revealed-only-when-requests';
const accountId = 'default';
const tokens = new Map<string, string>();
const figures = { requests: 0, revealed: 0 };
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ hasWriterThread: true });
  http = createHttpClient(server.url, server.token);
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

/** Lists queries with the single value of a parameter that reveals. */
const listLiteral = (name: string, value: string) => [
  `${name}=${value}`,
  `${name}=${percent(value)}`,
  `${percent(name)}=${value}`,
  `&${name}=${value}&`,
];
const percent = (text: string) => `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`;
const camel = (name: string) => name.replace(/[_.-](\w)/g, (_, letter: string) => letter.toUpperCase());
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

const values = [
  ...['False', 'FALSE', 'fAlse', '0', 'no', 'off', 'n', 'f', 'null', 'undefined', '', '-0', '"false"', '!true'],
  ...['%20false', 'false%20', '+false', 'false+', 'false%00', 'false%0A', '%EF%BD%86alse', '%2566alse', 'false;'],
  'false,',
];

/** Lists queries that resemble the one that reveals. */
const listOther = (name: string, value: string, other: string) => [
  ...values.map((spelling) => `${name}=${spelling.replace('false', value)}`),
  ...[`${name}=${value}&${name}=${value}`, `${name}=${value}&${name}=${other}`, `${name}=${other}&${name}=${value}`],
  ...[`${name}=${value}&${name}`, name, `${name}[]=${value}`, `${name}[0]=${value}`, `${name}[a]=${value}`],
  ...[`${name}.x=${value}`, `${name.split('_').map(capital).join('_')}=${value}`, `${name.toUpperCase()}=${value}`],
  ...[`${name.replaceAll('_', '-')}=${value}`, `${camel(name)}=${value}`, `${name}%20=${value}`, `%20${name}=${value}`],
  ...[`${name}==${value}`, `${name}:${value}`, 'reveal=true', 'full=1', `?${name}=${value}`, `${name}=${other}`, ''],
];

const lists = resources.flatMap((resource) => {
  const queries = new Set(resource.secrets.flatMap(({ revealedBy }) => revealedBy ?? []));
  return [...queries].map((query) => {
    const [name = '', value = ''] = query.split('=');
    const other = String(value !== 'true');
    const fields = resource.secrets.filter(({ revealedBy }) => revealedBy === query).map(({ field }) => field);
    return { ...{ resource, query, name, value, other }, fields: fields.join(' ') };
  });
});
/** The bearer of the account whose records are revealed. */
const account = () => openAccount(server, http, accountId);

describe.each(lists)('$query of $resource.name', ({ resource, name, value, other, fields }) => {
  const literal = listLiteral(name, value);
  const list = resource.operation('list');
  let target: string;
  beforeAll(async () => {
    const owner = await account();
    await owner.createMany(resource, 1, () => secretsOf(resource, () => secret));
    target = await targetFor(owner, list);
  });

  test('reveals with both scopes and leaves one audit row', async () => {
    for (const scopes of [revealScopes, all]) {
      const { id: tokenId } = (await server.store.findToken(hashToken(await tokenWith(scopes)))) ?? {};
      const row = { operation: list.operationId, fields, account_id: accountId, token_id: tokenId };
      for (const query of literal) {
        const { status, headers, text, audit } = await sendWithScopes(`${target}?${query}`, scopes);
        expect(status, query).toBe(200);
        expect(text, query).toContain(secret);
        expect(headers['cache-control']).toBe('no-store');
        const requestId = headers['x-request-id'];
        expect(audit).toEqual([expect.objectContaining({ ...row, request_id: requestId, app_id: null })]);
      }
    }
  });

  test('is forbidden without both scopes', async () => {
    for (const scopes of insufficientScopes) {
      const missing = scopes.includes('read') ? 'reveal' : 'read';
      for (const query of literal) {
        const { status, headers, text, audit } = await sendWithScopes(`${target}?${query}`, scopes);
        expect(status, `${query} ${scopes}`).toBe(403);
        expect(headers['www-authenticate']).toContain(`error="insufficient_scope", scope="${missing}"`);
        expect(text).not.toContain(secret);
        expect(audit).toEqual([]);
      }
    }
  });

  testOnce.each([...insufficientScopes, revealScopes, all].map((scopes) => ({ scopes })))(
    'reveals nothing in any other spelling with $scopes',
    async ({ scopes }) => {
      for (const query of listOther(name, value, other)) {
        const { status, headers, text, audit } = await sendWithScopes(`${target}?${query}`, scopes);
        const isMasked = ['', `${name}=${other}`].includes(query);
        const expected = scopes.includes('read') ? (isMasked ? 200 : 422) : 403;
        // U+0000 is rejected before authentication.
        expect(status, query).toBe(query.includes('%00') ? 400 : expected);
        expect(text).not.toContain(secret);
        expect(headers['cache-control']).toBe('no-store');
        expect(audit).toEqual([]);
      }
    },
  );

  test('reveals nothing as a body', async () => {
    const { status, text, audit } = await sendWithScopes(target, all, { [name]: value });
    expect(status).toBe(200);
    expect(text).not.toContain(secret);
    expect(audit).toEqual([]);
  });
});

/** The queries by which lists reveal, of all resources. */
const revealing = new Set(lists.map(({ query }) => query));

/** The operations whose responses may show a record with secrets, with a query by which they do not reveal. */
const hidden = resources
  .filter(({ secrets }) => secrets.length > 0)
  .flatMap((resource) =>
    resource.operations.flatMap((operation) =>
      [...revealing]
        .filter(
          (query) => operation.verb !== 'list' || resource.secrets.every(({ revealedBy }) => revealedBy !== query),
        )
        .map((query) => ({ ...{ resource, operation, query }, operationId: operation.operationId })),
    ),
  );

describe('no other operation reveals', () => {
  const open = async (resource: TestedResource, operation: PlacedOperation) => {
    const owner = await account();
    const [id] = await owner.createMany(resource, 1, () => secretsOf(resource, () => secret));
    const body = operation.verb === 'create' ? await owner.newBody(resource) : resource.changes[0];
    return { target: await targetFor(owner, operation, id), body: operation.requestBody && body };
  };

  test.each(hidden)('$operationId with $query', async ({ resource, operation, query }) => {
    const { target, body } = await open(resource, operation);
    const { status, text, audit } = await sendWithScopes(`${target}?${query}`, all, body);
    expect(status).toBe(422);
    expect(text).not.toContain(secret);
    expect(audit).toEqual([]);
  });

  test.each(hidden.filter(({ operation }) => operation.requestBody))(
    '$operationId with $query in its body',
    async ({ resource, operation, query }) => {
      const { target, body } = await open(resource, operation);
      const [name = '', value] = query.split('=');
      const { status, text, audit } = await sendWithScopes(target, all, { ...body, [name]: value === 'true' });
      expect(status).toBe(422);
      expect(text).not.toContain(secret);
      expect(audit).toEqual([]);
    },
  );
});
