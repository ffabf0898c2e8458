import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { fileOf } from './databases.ts';
import type { HttpResponse } from './http-client.ts';
import { insertApps } from './inserted-apps.ts';
import { mapInParallel } from './parallel.ts';
import type { Deployment, ServerProcess } from './server-process.ts';

const path = '/v1/oauth-apps';

/** An installation with something in every table, made by a real server and the real commands. */
export interface DeploymentData {
  /** A token of each account that holds apps. */
  readonly tokens: readonly string[];
  readonly revokedToken: string;
  /** A create that was answered already. */
  readonly repeated: Readonly<{ target: string; token: string; headers: Record<string, string>; body: object }>;
  /** The apps that are left, each with a token of its account. */
  readonly apps: readonly Readonly<{ id: string; token: string }>[];
  /** How many apps there were, those that are gone again included. */
  readonly created: number;
}

interface Sizes {
  accounts: number;
  inserted: number;
  each: number;
}

/** Makes a token with the command. */
export async function createToken({ command }: Deployment, account: string) {
  const words = ['token', 'create', '--account', account, '--scopes', 'read,write,reveal'];
  const { code, stdout } = await command(words);
  expect(code).toBe(0);
  const [, id = ''] = /^Token (\S+) /.exec(stdout) ?? [];
  return { id, token: stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const bodyOf = (index: number) => ({
  provider: index % 3 === 0 ? 'github' : 'stripe',
  client_id: `client ${index}`,
  client_secret: `secret é😀 ${index}`,
  name: `Ärger ${index} "quoted" 'so' \\ 漢字`,
  metadata: index % 5 === 0 ? {} : { team: `t${index % 7}`, deep: { list: [1.5, null, 'é'] }, e: 1e-7 },
});

/** Creates `each` apps in every account, changes some, and removes the last ones and some in between. */
async function fill({ send }: ServerProcess, tokens: readonly string[], each: number) {
  const created = await mapInParallel(Array.from({ length: tokens.length * each }), async (_none, index) => {
    const token = tokens[index % tokens.length] ?? '';
    const headers: Record<string, string> = index % 4 === 0 ? { 'Idempotency-Key': `key-${index}` } : {};
    const { status, json } = await send(`POST ${path}`, { token, headers, body: bodyOf(index) });
    expect(status).toBe(200);
    return { id: String(json.id), token };
  });
  const change = async (app: { id: string; token: string }, index: number) => {
    const { id, token } = app;
    const isGone = index % 50 === 3 || index >= created.length - 16;
    if (!isGone && index % 10 !== 1) return [app];
    const target = `${isGone ? 'DELETE' : 'PATCH'} ${path}/${id}`;
    const body = isGone ? undefined : { name: 'New', metadata: { team: 'new' } };
    expect((await send(target, { token, body })).status).toBe(200);
    return isGone ? [] : [app];
  };
  return (await mapInParallel(created, change)).flat();
}

/**
 * Fills a deployment: `accounts` accounts with `inserted` apps each that were put into the database, and as many with `each`
 * apps that went through its server.
 */
export async function fillDeployment(
  deployment: Deployment,
  server: ServerProcess,
  { accounts, inserted, each }: Sizes,
) {
  const names = Array.from({ length: accounts }, (_none, index) => `account${index}`);
  const keyRing = loadKeyRing(await readFile(`${fileOf(deployment.database)}.keys`, 'utf8'), new Date());
  const put = await insertApps(deployment.database, keyRing, { accounts: names, appsEach: inserted });
  const tokensOf = async (prefix: string) =>
    (await mapInParallel(names, (name) => createToken(deployment, prefix + name))).map(({ token }) => token);
  const [own, tokens] = [await tokensOf(''), await tokensOf('busy')];
  const revoked = await createToken(deployment, 'busyaccount0');
  expect(await deployment.command(['token', 'revoke', revoked.id])).toMatchObject({ code: 0 });
  const left = await fill(server, tokens, each);
  const [token = ''] = tokens;
  const headers = { 'Idempotency-Key': 'key-0' };
  const repeated = { target: `POST ${path}`, token, headers, body: bodyOf(0) };
  const apps = [...left, ...put.map(({ id }, index) => ({ id, token: own[Math.floor(index / inserted)] ?? '' }))];
  const created = accounts * (inserted + each);
  return { tokens: [...tokens, ...own], revokedToken: revoked.token, repeated, apps, created } satisfies DeploymentData;
}

/** When the key ring was loaded is part of an app's health, and is all that a restart may change. */
const withoutTime = (text: string) => text.replaceAll(/"time":"[^"]+"/g, '"time":"any"');

const summarize = ({ status, headers, text }: HttpResponse) => ({
  status,
  etag: headers.etag,
  text: withoutTime(text),
});

/** What a server says of an installation: lists, apps, secrets, a repeated create. */
export async function readDeployment({ send }: ServerProcess, installation: DeploymentData) {
  const { tokens, revokedToken, repeated } = installation;
  const some = installation.apps.filter((_app, index) => index % 7 === 0);
  const lists = [path, `${path}?truncate_secrets=false`, `${path}?metadata={"team":"t3"}`, `${path}?provider=github`];
  const { target, ...options } = repeated;
  return {
    lists: await mapInParallel(
      tokens.flatMap((token) => lists.map((list) => ({ token, list }))),
      async ({ token, list }) => summarize(await send(`GET ${encodeURI(list)}`, { token })),
    ),
    apps: await mapInParallel(some, async ({ id, token }) => summarize(await send(`GET ${path}/${id}`, { token }))),
    repeated: summarize(await send(target, options)),
    revoked: (await send(`GET ${path}`, { token: revokedToken })).status,
  };
}

/** How many rows each table of a deployment has. */
export async function countRows({ database }: Deployment): Promise<Record<string, number>> {
  const names = ['accounts', 'oauth_apps', 'oauth_app_properties', 'api_tokens', 'audit', 'idempotency_keys'];
  const count = async (name: string) => {
    const [row] = await database.rows(sql`SELECT count(*) AS n FROM ${sql.table(name)}`);
    return [name, Number(row?.n)];
  };
  return Object.fromEntries(await Promise.all(names.map(count)));
}
