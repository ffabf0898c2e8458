import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { secretBinding } from '../../server/resource/secrets.ts';
import { secretSources } from '../../server/store/sql/tables.ts';
import { openAccount, secretsOf } from '../helpers/accounts.ts';
import { runCommandHere } from '../helpers/commands.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpResponse } from '../helpers/http-client.ts';
import { type InsertedApp, insertApps } from '../helpers/inserted-apps.ts';
import { startProcess } from '../helpers/process.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment, type DeployedServer, type Deployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';
import { resources } from '../resources.ts';

const now = new Date();
const [oldKey, newKey] = [makeKeyLine(now), makeKeyLine(now)];
const [oldRing, newRing] = [loadKeyRing(oldKey, now), loadKeyRing(newKey, now)];
const apps = '/v1/oauth-apps';
const seed = 20261122;

const countSealedUnder = async ({ database }: Deployment, { currentKeyId }: typeof oldRing) =>
  Number((await database.rows(sql`SELECT count(*) AS n FROM oauth_apps WHERE secret_key_id = ${currentKeyId}`))[0]?.n);

/** Creates a function that sends requests and records their number, failures and the slowest. */
function createMeasuredSender(server: DeployedServer) {
  const failures: unknown[] = [];
  const totals = { requests: 0, slowest: 0, failures };
  const send = async (target: string, body?: object): Promise<HttpResponse | undefined> => {
    const start = performance.now();
    const response = await server.send(target, { body }).catch((error: Error) => void failures.push(error.message));
    if (response && response.status !== 200) failures.push(response.status);
    totals.slowest = Math.max(totals.slowest, Math.round(performance.now() - start));
    totals.requests += 1;
    return response || undefined;
  };
  return { totals, send };
}

/** Starts reads, lists, creates and updates in four parallel loops, until they are stopped. */
function startTraffic(server: DeployedServer, changeable: InsertedApp[]) {
  const random = seededRandom(seed);
  const secrets = new Map(changeable.map(({ id, secret }) => [id, secret]));
  const { totals, send } = createMeasuredSender(server);
  let isOver = false;
  const walk = async (cursor = ''): Promise<void> => {
    const next = (await send(`GET ${apps}?limit=50${cursor && `&cursor=${cursor}`}`))?.json.next_cursor;
    if (next && !isOver) await walk(next);
  };
  /** Sends requests about apps that no other loop changes. */
  const work = async (own: InsertedApp[]) => {
    for (let round = 0; !isOver; round += 1) {
      const { id = '' } = own[random(own.length)] ?? {};
      await send(`GET ${apps}/${id}`);
      await send(`POST ${apps}`, example('CreateOAuthApp'));
      await send(`PATCH ${apps}/${id}`, { client_secret: `changed ${round}` });
      secrets.set(id, `changed ${round}`);
      if (round % 20 === 0) await walk();
    }
  };
  const workers = Array.from({ length: 4 }, (_, index) => work(changeable.filter((_app, at) => at % 4 === index)));
  const stop = async () => {
    isOver = true;
    await Promise.all(workers);
    return totals;
  };
  return { secrets, stop };
}

/** A module that kills its process at a secret, within a batch. Another process may be too late on a busy machine. */
const killAt = (seals: number) => `data:text/javascript,
  import crypto from 'node:crypto';
  import { syncBuiltinESMExports } from 'node:module';
  const { createCipheriv } = crypto;
  let count = 0;
  crypto.createCipheriv = (...words) => {
    count += 1;
    if (count === ${seals}) process.kill(process.pid, 'SIGKILL');
    return createCipheriv(...words);
  };
  syncBuiltinESMExports();`;

/** Kills a rotation after a tenth of the secrets, and runs it again. */
async function rotateTwice(deployment: Deployment, env: Record<string, string>) {
  const [batch, seals] = [soak(20, 100), soak(110, 1_050)];
  const words = ['node', '--import', killAt(seals), 'server/bin.js', 'rotate-keys', '--batch', String(batch)];
  await using rotation = await startProcess(words, /sealed \d+ of \d+ /, { env: { ...deployment.settings, ...env } });
  expect(await rotation.closed).toEqual([null, 'SIGKILL']);
  const remainingAtKill = await countSealedUnder(deployment, oldRing);
  return { remainingAtKill, ...(await deployment.runCommand(['rotate-keys', '--batch', String(soak(40, 200))], env)) };
}

/** Opens all secrets in the database with a key ring. Returns them by app. */
async function openAll({ database }: Deployment, keyRing: typeof newRing): Promise<Map<string, string>> {
  const rows = await database.rows(
    sql`SELECT id, account_id, client_secret, secret_version FROM oauth_apps ORDER BY position`,
  );
  const open = ({ id, account_id, client_secret, secret_version }: Record<string, unknown>) =>
    [
      String(id),
      keyRing.open(
        String(client_secret),
        secretBinding({
          account_id: String(account_id),
          id: String(id),
          column: 'client_secret',
          version: String(secret_version),
        }),
      ),
    ] as const;
  return new Map(rows.map(open));
}

/** Lists the ids of apps that were updated. */
const findChanged = async ({ database }: Deployment) =>
  (await database.rows(sql`SELECT id FROM oauth_apps WHERE version <> 1 OR updated_at <> created_at`)).map(
    ({ id }) => id,
  );

test('keys rotate during traffic and after a kill', async () => {
  await using deployment = await createDeployment();
  const accounts = ['default', ...Array.from({ length: 9 }, (_, index) => `account ${index}`)];
  const inserted = await insertApps(deployment.database, oldRing, { accounts, appsEach: soak(100, 1_000) });
  const [changeable, untouched] = [inserted.slice(0, soak(50, 200)), inserted.slice(soak(50, 200))];
  const env = { SECRET_KEYS: `${newKey},${oldKey}`, API_TOKEN: 'YOUR_API_TOKEN', MAX_APPS_PER_ACCOUNT: '100000' };
  await using server = await deployment.startServerHere(env);
  const start = performance.now();
  const traffic = startTraffic(server, changeable);
  const { remainingAtKill, code, stdout } = await rotateTwice(deployment, env);
  const { requests, failures, slowest } = await traffic.stop();
  const remaining = await countSealedUnder(deployment, oldRing);

  console.log(
    `rotation: ${inserted.length} secrets, ${remainingAtKill} remaining at the kill, ${remaining} at the end, ` +
      `${Math.round(performance.now() - start)} ms; ${requests} requests meanwhile, ${failures.length} failed, ` +
      `slowest ${slowest} ms; seed ${seed}`,
  );
  expect(remainingAtKill).toBeGreaterThan(0);
  expect(remainingAtKill).toBeLessThan(inserted.length);
  expect({ code, failures, remaining }).toEqual({ code: 0, failures: [], remaining: 0 });
  expect(stdout).toMatch(/^(sealed \d+ of \d+ under the key \S+\n){2,}No secret is left under another key\./);
  const [secrets, changed] = [await openAll(deployment, newRing), new Set(await findChanged(deployment))];
  expect(untouched.filter(({ id, secret }) => secrets.get(id) !== secret || changed.has(id))).toEqual([]);
  for (const [id, secret] of traffic.secrets) expect(secrets.get(id)).toBe(secret);
  const { headers, json } = await server.send(`GET ${apps}/${untouched[0]?.id}`);
  expect([headers.etag, json.updated_at, json.health.status]).toEqual(['"v1"', json.created_at, 'ok']);
});

test('secrets whose key is missing are counted', async () => {
  await using deployment = await createDeployment();
  const inserted = await insertApps(deployment.database, oldRing, { accounts: ['default'], appsEach: 7 });
  const { code, stdout } = await deployment.runCommand(['rotate-keys', '--batch', '3'], { SECRET_KEYS: newKey });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^7 secrets are left under other keys\. Configure those keys/m);
  expect([...(await openAll(deployment, oldRing)).values()]).toEqual(inserted.map(({ secret }) => secret));
  // The audit says nothing of what did not happen.
  expect(await deployment.database.rows(sql`SELECT operation FROM audit`)).toEqual([]);
  expect((await deployment.runCommand(['rotate-keys'], { SECRET_KEYS: `${newKey},${oldKey}` })).code).toBe(0);
  expect(await deployment.database.rows(sql`SELECT operation FROM audit`)).toEqual([{ operation: 'rotate-keys' }]);
});

/** Opens every secret of a database with a key ring. Returns them by table, column and row. */
async function openEvery({ rows }: TestDatabase, keyRing: typeof newRing): Promise<Map<string, string>> {
  const opened = new Map<string, string>();
  for (const { table, column, version } of secretSources) {
    for (const row of await rows(sql`SELECT * FROM ${sql.table(table)}`)) {
      const { id, account_id } = row as Record<'id' | 'account_id', string>;
      const binding = secretBinding({ table, account_id, id, column, version: String(row[version]) });
      opened.set(`${table} ${column} ${id}`, keyRing.open(String(row[column]), binding));
    }
  }
  return opened;
}

/** Lists the ids of the keys in the columns of all tables. */
async function listKeys({ rows }: TestDatabase): Promise<string[]> {
  const found = await Promise.all(
    secretSources.map(({ table, keyId }) =>
      rows(sql`SELECT DISTINCT ${sql.ref(keyId)} AS key FROM ${sql.table(table)}`),
    ),
  );
  return [...new Set(found.flat().map(({ key }) => String(key)))];
}

test('the secrets of every resource rotate', async () => {
  await using server = await startServer({ secretKeys: oldKey });
  const { database } = server;
  const http = createHttpClient(server.url, server.token);
  const account = await openAccount(server, http);
  for (const resource of resources) {
    const at = (index: number) => secretsOf(resource, (field) => `secret-${index}-of-${field.replaceAll('_', '-')}`);
    await account.createMany(resource, 3, at);
  }
  http.close();
  const opened = await openEvery(database, oldRing);
  expect(opened.size).toBeGreaterThanOrEqual(3 * secretSources.length);
  expect(await listKeys(database)).toEqual([oldRing.currentKeyId]);
  const env = { DATABASE_URL: database.url, SECRET_KEYS: `${newKey},${oldKey}` };
  const { code, stdout } = await runCommandHere(['rotate-keys', '--batch', '2'], env);
  expect([code, stdout]).toEqual([0, expect.stringContaining('No secret is left under another key.')]);
  expect(await listKeys(database)).toEqual([newRing.currentKeyId]);
  expect(await openEvery(database, newRing)).toEqual(opened);
});
