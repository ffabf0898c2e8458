import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { loadKeys } from '../../server/keys/key-source.ts';
import { checkKeys } from '../../server/resource/key-check.ts';
import { openStore } from '../../server/store/open-store.ts';
import { connectDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { expectStartFailure } from '../helpers/server-process.ts';
import {
  API_TOKEN,
  createInstallation,
  keyIdOf,
  newKey,
  oldKey,
  otherKey,
  type Server,
  startHere,
} from './keyed-installations.ts';

const now = new Date();
const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');

describe('a server without a key of another one', () => {
  test('says which it lacks, and neither hides nor denies', async () => {
    const { deployment } = await createInstallation();
    await using _ = deployment;
    const logged: string[] = [];
    const one = await startHere(deployment, oldKey, logged);
    const ahead = await startHere(deployment, `${newKey},${oldKey}`);
    const create = { headers: { 'Idempotency-Key': 'key' }, body: valid };
    const { id } = (await ahead.send(`POST ${apps}`, create)).json;
    const repeated = await one.send(`POST ${apps}`, create);
    expect([repeated.status, repeated.headers['retry-after']]).toEqual([503, '1']);
    expect((await one.send(`GET ${apps}/${id}`)).json.health).toMatchObject({ status: 'error' });
    const revealed = await one.send(`GET ${apps}?truncate_secrets=false`);
    const secrets = revealed.json.data.map((app: { client_secret: string }) => app.client_secret);
    expect([revealed.status, secrets.filter((secret: string) => secret === '**********').length]).toEqual([200, 1]);
    expect((await one.send('GET /readyz')).json.warnings).toEqual([
      'some secrets are under keys that are not configured',
    ]);
    const told = logged.filter((line) => line.includes(`under the key ${keyIdOf(newKey)}`));
    expect(told).toHaveLength(1);
    for (const server of [one, ahead]) await server.end();
  });

  test.each([
    ['on one clock', 0],
    ['with the clock of the first server ahead', 3_600_000],
  ])('shows what is sealed under a coming key as well, %s', async (_name, milliseconds) => {
    const { deployment, inserted } = await createInstallation();
    await using _ = deployment;
    await (await startHere(deployment, oldKey, [], new Date(Date.now() + milliseconds))).end();
    const ahead = await startHere(deployment, `${newKey},${oldKey}`);
    const { id } = (await ahead.send(`POST ${apps}`, { body: valid })).json;
    const behind = await startHere(deployment, `${oldKey},${newKey}`);
    const health = async (server: Server, app: string) => (await server.send(`GET ${apps}/${app}`)).json.health.status;
    const old = inserted[0]?.id ?? '';
    expect([await health(behind, id), await health(behind, old)]).toEqual(['ok', 'ok']);
    expect([await health(ahead, id), await health(ahead, old)]).toEqual(['ok', 'warn']);
    for (const server of [behind, ahead]) {
      for (const status of ['ok', 'warn', 'error']) {
        const { json } = await server.send(`GET ${apps}?health.status=${status}`);
        for (const app of json.data) expect(app.health.status).toBe(status);
      }
      await server.end();
    }
  });
});

describe('keys that open nothing stop the start', () => {
  test.each([
    ['another key', otherKey],
    ['another key of the same id', `${keyIdOf(oldKey)}:${otherKey.split(':')[1]}`],
    ['several other keys', `${otherKey},${newKey}`],
  ])('%s', async (_name, keys) => {
    const { deployment } = await createInstallation();
    await using _ = deployment;
    const store = await openStore(deployment.database.url);
    const keyRing = await loadKeys({ text: keys }, store, now);
    await expect(checkKeys(store, keyRing)).rejects.toThrow(`whose secrets are under the key ${keyIdOf(oldKey)}`);
    await store.close();
    await expectStartFailure(deployment, { SECRET_KEYS: keys }, /they open no secret in the database.*Set SECRET_KEYS/);
  });

  test('but not keys that open a part', async () => {
    const { deployment } = await createInstallation();
    await using _ = deployment;
    await insertApps(deployment.database, loadKeyRing(newKey, now), { accounts: ['other'], appsEach: 60 });
    const { code, stdout } = await deployment.runCommand(['keys', 'check'], { SECRET_KEYS: oldKey });
    expect(code).toBe(1);
    expect(stdout.match(/^other\t\S+\tk\w+\tunknown key$/gm)).toHaveLength(60);
    expect(stdout).toContain('first key, or one that is about to be: 3');
    const server = await startHere(deployment, oldKey);
    expect((await server.send('GET /readyz')).status).toBe(200);
    await server.end();
  });
});

test('readiness tells keys of secrets that no sample has', async () => {
  const { deployment } = await createInstallation();
  await using _ = deployment;
  const [old, later] = [loadKeyRing(oldKey, now), loadKeyRing(newKey, now)];
  for (const [account, keyRing, appsEach] of [
    ['first', old, 30],
    ['between', later, 1],
    ['last', old, 30],
  ] as const)
    await insertApps(deployment.database, keyRing, { accounts: [account], appsEach });
  const warnings = async () => {
    await using server = await deployment.startServerHere({ SECRET_KEYS: oldKey, API_TOKEN });
    return (await server.send('GET /readyz')).json.warnings;
  };
  // A database of an earlier version does not know which keys have sealed.
  expect(await warnings()).toEqual(['some secrets are under keys that are not configured']);
  await (await startHere(deployment, `${newKey},${oldKey}`)).end();
  expect(await warnings()).toEqual(['some secrets are under keys that are not configured']);
  await deployment.runCommand(['rotate-keys'], { SECRET_KEYS: `${oldKey},${newKey}` });
  expect(await warnings()).toBeUndefined();
});

test('keys check names a damaged secret and no other', async () => {
  const { deployment, inserted } = await createInstallation();
  await using _ = deployment;
  const [damaged, whole] = inserted.map(({ id }) => id);
  await using database = connectDatabase(deployment.database.url);
  await database.rows(
    sql`UPDATE oauth_apps SET client_secret = (SELECT client_secret FROM oauth_apps WHERE id = ${whole}) WHERE id = ${damaged}`,
  );
  const { code, stdout, stderr } = await deployment.runCommand(['keys', 'check'], { SECRET_KEYS: oldKey });
  expect({ code, stdout }).toEqual({
    code: 1,
    stdout: `default\t${damaged}\t${keyIdOf(oldKey)}\tdamaged\nSecrets that open under the first key, or one that is about to be: 2\nSecrets that were changed, and do not open: 1\n`,
  });
  expect(stderr).toMatch(/^Database: \S+\. Keys: the keys in SECRET_KEYS\.$/m);
  const server = await startHere(deployment, oldKey);
  expect((await server.send(`GET ${apps}?health.status=error`)).json.data).toMatchObject([{ id: damaged }]);
  await server.end();
});

test('rotation gives secrets of the older form a version', async () => {
  const { deployment, inserted } = await createInstallation();
  await using _ = deployment;
  await using database = connectDatabase(deployment.database.url);
  const ring = loadKeyRing(oldKey, now);
  for (const { id, secret } of inserted) {
    const envelope = ring.seal(secret, { accountId: 'default', rowId: id, column: 'client_secret' });
    await database.rows(sql`UPDATE oauth_apps SET client_secret = ${envelope}, secret_version = '' WHERE id = ${id}`);
  }
  const { code, stderr } = await deployment.runCommand(['rotate-keys'], { SECRET_KEYS: oldKey });
  expect(code).toBe(0);
  expect(stderr).toContain('No server has started with');
  const rows = await database.rows(sql`SELECT client_secret, secret_version FROM oauth_apps`);
  for (const row of rows) {
    expect(row.client_secret).toMatch(/^v2\./);
    expect(row.secret_version).toMatch(/^[\w-]{16}$/);
  }
  const server = await startHere(deployment, oldKey);
  const { json } = await server.send(`GET ${apps}?truncate_secrets=false`);
  expect(json.data.map((app: { client_secret: string }) => app.client_secret)).toEqual(
    inserted.map(({ secret }) => secret),
  );
  await server.end();
});
