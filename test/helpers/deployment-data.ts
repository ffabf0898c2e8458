import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { allScopes, hashToken, mintToken } from '../../server/keys/tokens.ts';
import { openStore } from '../../server/store/open-store.ts';
import { getFile, makeTables } from './databases.ts';
import type { HttpResponse } from './http-client.ts';
import { insertApps } from './inserted-apps.ts';
import { mapInParallel } from './parallel.ts';
import type { DeployedServer, Deployment } from './server-process.ts';

const path = '/v1/oauth-apps';

/** The data of a deployment: rows in every table, written by a real server and real commands. */
export interface DeploymentData {
  /** A token of each account that holds apps. */
  readonly tokens: readonly string[];
  readonly revokedToken: string;
  /** A create with an idempotency key that has succeeded already. */
  readonly repeated: Readonly<{ target: string; token: string; headers: Record<string, string>; body: object }>;
  /** The existing apps, each with a token of its account. */
  readonly apps: readonly Readonly<{ id: string; token: string }>[];
  /** The number of created apps, deleted ones included. */
  readonly created: number;
}

interface Sizes {
  /** Accounts filled directly, and as many filled through the server. */
  accounts: number;
  /** Apps in each account that is filled directly. */
  inserted: number;
  /** Apps created in each account that is filled through the server. */
  each: number;
}

/** Creates a token with the command. Returns its id and the token. */
export async function createToken({ runCommand, database }: Deployment, account: string) {
  await makeTables(database);
  const words = ['token', 'create', '--account', account, '--scopes', 'read,write,reveal'];
  const { code, stdout } = await runCommand(words);
  expect(code).toBe(0);
  const [, id = ''] = /^Token (\S+) /.exec(stdout) ?? [];
  return { id, token: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const makeBody = (index: number) => ({
  provider: index % 3 === 0 ? 'github' : 'stripe',
  client_id: `client ${index}`,
  client_secret: `secret é😀 ${index}`,
  name: `Ärger ${index} "quoted" 'so' \\ 漢字`,
  metadata: index % 5 === 0 ? {} : { team: `t${index % 7}`, deep: { list: [1.5, null, 'é'] }, e: 1e-7 },
});

/** Creates `each` apps in every account, updates some, and deletes the newest and some others. Returns the rest. */
async function fill({ send }: Pick<DeployedServer, 'send'>, tokens: readonly string[], each: number) {
  const created = await mapInParallel(Array.from({ length: tokens.length * each }), async (_none, index) => {
    const token = tokens[index % tokens.length] ?? '';
    const headers: Record<string, string> = index % 4 === 0 ? { 'Idempotency-Key': `key-${index}` } : {};
    const { status, json } = await send(`POST ${path}`, { token, headers, body: makeBody(index) });
    expect(status).toBe(200);
    return { id: String(json.id), token };
  });
  const change = async (app: { id: string; token: string }, index: number) => {
    const { id, token } = app;
    const isDeleted = index % 50 === 3 || index >= created.length - 16;
    if (!isDeleted && index % 10 !== 1) return [app];
    const target = `${isDeleted ? 'DELETE' : 'PATCH'} ${path}/${id}`;
    const body = isDeleted ? undefined : { name: 'New', metadata: { team: 'new' } };
    expect((await send(target, { token, body })).status).toBe(200);
    return isDeleted ? [] : [app];
  };
  return (await mapInParallel(created, change)).flat();
}

/** Fills a deployment: half of the accounts by direct inserts, the other half through its server. */
export async function fillDeployment(
  deployment: Deployment,
  server: Pick<DeployedServer, 'send'>,
  { accounts, inserted, each }: Sizes,
) {
  const names = Array.from({ length: accounts }, (_none, index) => `account${index}`);
  const keyRing = loadKeyRing(await readFile(`${getFile(deployment.database)}.keys`, 'utf8'), new Date());
  const direct = await insertApps(deployment.database, keyRing, { accounts: names, appsEach: inserted });
  const store = await openStore(deployment.database.url);
  const addToken = async (accountId: string) => {
    const [token, createdAt] = [mintToken(), new Date().toISOString()];
    await store.addToken({ id: randomUUID(), accountId, hash: hashToken(token), scopes: allScopes, createdAt });
    return token;
  };
  const createTokens = (prefix: string) => Promise.all(names.map((name) => addToken(prefix + name)));
  const [directTokens, tokens] = [await createTokens(''), await createTokens('busy')];
  await store.close();
  const revoked = await createToken(deployment, 'busyaccount0');
  expect(await deployment.runCommand(['token', 'revoke', revoked.id])).toMatchObject({ code: 0 });
  const remaining = await fill(server, tokens, each);
  const [token = ''] = tokens;
  const headers = { 'Idempotency-Key': 'key-0' };
  const repeated = { target: `POST ${path}`, token, headers, body: makeBody(0) };
  const apps = [
    ...remaining,
    ...direct.map(({ id }, index) => ({ id, token: directTokens[Math.floor(index / inserted)] ?? '' })),
  ];
  const created = accounts * (inserted + each);
  return {
    tokens: [...tokens, ...directTokens],
    revokedToken: revoked.token,
    repeated,
    apps,
    created,
  } satisfies DeploymentData;
}

/** Removes the time of an app's health: the load time of the key ring, which changes with every restart. */
const removeTime = (text: string) => text.replaceAll(/"time":"[^"]+"/g, '"time":"any"');

const pickComparable = ({ status, headers, text }: HttpResponse) => ({
  status,
  etag: headers.etag,
  text: removeTime(text),
});

/** Reads the data of a deployment from a server: lists, apps, secrets, a repeated create and a revoked token. */
export async function readDeployment({ send }: Pick<DeployedServer, 'send'>, data: DeploymentData) {
  const { tokens, revokedToken, repeated } = data;
  const some = data.apps.filter((_app, index) => index % 7 === 0);
  const lists = [path, `${path}?truncate_secrets=false`, `${path}?metadata={"team":"t3"}`, `${path}?provider=github`];
  const { target, ...options } = repeated;
  return {
    lists: await mapInParallel(
      tokens.flatMap((token) => lists.map((list) => ({ token, list }))),
      async ({ token, list }) => pickComparable(await send(`GET ${encodeURI(list)}`, { token })),
    ),
    apps: await mapInParallel(some, async ({ id, token }) =>
      pickComparable(await send(`GET ${path}/${id}`, { token })),
    ),
    repeated: pickComparable(await send(target, options)),
    revoked: (await send(`GET ${path}`, { token: revokedToken })).status,
  };
}

/** Counts the rows of each table. */
export async function countRows({ database }: Deployment): Promise<Record<string, number>> {
  const names = ['accounts', 'oauth_apps', 'oauth_app_properties', 'api_tokens', 'audit', 'idempotency_keys'];
  const count = async (name: string) => {
    const [row] = await database.rows(sql`SELECT count(*) AS n FROM ${sql.table(name)}`);
    return [name, Number(row?.n)];
  };
  return Object.fromEntries(await Promise.all(names.map(count)));
}
