import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { describe, expect, inject, test } from 'vitest';
import { assembleApp } from '../../server/app.ts';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { loadKeys, recordKeyUse } from '../../server/keys/key-source.ts';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/open-store.ts';
import { loadValidators } from '../../server/validation/validators.ts';
import { connectDatabase } from '../helpers/databases.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { createDeployment, type Deployment, expectStartFailure } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const now = new Date();
const keyIdOf = (line: string) => line.split(':')[0] ?? '';
const [oldKey, newKey, otherKey] = [makeKeyLine(now), makeKeyLine(now), makeKeyLine(now)];
const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');
const API_TOKEN = 'YOUR_API_TOKEN';

interface Server {
  readonly send: ReturnType<typeof createHttpClient>['send'];
  /** Ends it after its last response. `isKill`: with SIGKILL. */
  end(isKill?: boolean): Promise<void>;
}

/** Starts a server of a deployment in this process, with everything of its own. */
async function startHere({ database }: Deployment, keys: string, logged: string[] = []): Promise<Server> {
  const store = await openStore(database.url);
  const keyRing = await loadKeys({ text: keys }, store, new Date());
  await recordKeyUse(store, keyRing);
  const log = createLog('warn', { write: (text) => logged.push(text) });
  const app = await assembleApp({ store, keyRing, log }, loadValidators({ responseValidation: 'strict', log }));
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = createHttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, API_TOKEN);
  return {
    send: client.send,
    async end() {
      client.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await store.close();
    },
  };
}

/** Starts a server of a deployment as a process. */
async function startThere(deployment: Deployment, keys: string): Promise<Server> {
  const server = await deployment.startServer({ SECRET_KEYS: keys, API_TOKEN });
  return {
    send: server.send,
    async end(isKill) {
      server.signal(isKill ? 'SIGKILL' : 'SIGTERM');
      await server.closed;
      await server[Symbol.asyncDispose]();
    },
  };
}

const start = isSoak ? startThere : startHere;

/** The servers behind a load balancer: requests go to those that are in, and one leaves after its last response. */
function createBalancer(deployment: Deployment) {
  const servers = new Map<string, { server: Server; keys: string; inFlight: number }>();
  let turn = 0;
  return {
    async send(...request: Parameters<Server['send']>) {
      const [, chosen] = [...servers][turn++ % servers.size] ?? [];
      if (chosen === undefined) throw new Error('no server is in');
      chosen.inFlight += 1;
      try {
        return { ...(await chosen.server.send(...request)), keys: chosen.keys };
      } finally {
        chosen.inFlight -= 1;
      }
    },
    async replace(name: string, keys: string, isKill = false) {
      const old = servers.get(name);
      servers.delete(name);
      while (old !== undefined && old.inFlight > 0) await new Promise(setImmediate);
      await old?.server.end(isKill);
      servers.set(name, { server: await start(deployment, keys), keys, inFlight: 0 });
    },
    async end() {
      for (const { server } of servers.values()) await server.end();
    },
  };
}

type Balancer = ReturnType<typeof createBalancer>;

/** Sends creates, repeats, reads, pages and reveals over all servers, until stopped. */
function startTraffic({ send }: Balancer) {
  const counts = { requests: 0, failed: 0, wrongHealth: 0, refusedCursors: 0, refusedRepeats: 0, unrevealed: 0 };
  let isOver = false;
  const ask = async (...request: Parameters<Balancer['send']>) => {
    const response = await send(...request);
    counts.requests += 1;
    if (response.status !== 200) counts.failed += 1;
    return response;
  };
  /** Whether a secret that was sealed just now is shown as well by every server, whatever its first key. */
  const expectHealth = (health: { status: string }) => {
    if (health.status !== 'ok') counts.wrongHealth += 1;
  };
  const round = async (name: string) => {
    const create = { headers: { 'Idempotency-Key': name }, body: { ...valid, name, client_secret: name } };
    const created = await ask(`POST ${apps}`, create);
    for (let count = 0; count < 2; count += 1) {
      const repeated = await ask(`POST ${apps}`, create);
      if (repeated.status !== 200 || repeated.json.id !== created.json.id) counts.refusedRepeats += 1;
      const shown = await ask(`GET ${apps}/${created.json.id}`);
      // Servers that still seal under the old key show what they have just sealed as well, unless it is retired here.
      const isCurrent = shown.keys === created.keys || shown.keys.startsWith(oldKey);
      if (isCurrent) expectHealth(shown.json.health);
      else if (shown.json.health.status === 'error') counts.wrongHealth += 1;
    }
    const page = await ask(`GET ${apps}?limit=1`);
    const next = await ask(`GET ${apps}?limit=1&cursor=${page.json.next_cursor}`);
    if (next.status !== 200) counts.refusedCursors += 1;
    const revealed = await ask(`GET ${apps}?truncate_secrets=false&metadata=${encodeURIComponent('{"at":"start"}')}`);
    for (const { client_secret } of revealed.json.data) if (client_secret !== 'of the start') counts.unrevealed += 1;
    await ask(`DELETE ${apps}/${created.json.id}`);
  };
  const work = async (worker: number) => {
    for (let index = 0; !isOver; index += 1) await round(`${worker}-${index}`);
  };
  const workers = [1, 2, 3].map(work);
  return {
    counts,
    async stop() {
      isOver = true;
      await Promise.all(workers);
      return counts;
    },
  };
}

/** Waits until so many more responses have come. */
async function passTraffic({ counts }: ReturnType<typeof startTraffic>, requests = soak(40, 500)) {
  for (const from = counts.requests; counts.requests < from + requests; ) await new Promise(setImmediate);
}

test('keys change over two servers under traffic', async () => {
  await using deployment = await createDeployment();
  const store = await openStore(deployment.database.url);
  const { hashToken, allScopes } = await import('../../server/keys/tokens.ts');
  const token = { hash: hashToken(API_TOKEN), scopes: allScopes, createdAt: now.toISOString() };
  await store.addToken({ id: 'traffic', accountId: 'default', ...token });
  await store.close();
  const balancer = createBalancer(deployment);
  for (const name of ['one', 'other']) await balancer.replace(name, oldKey);
  for (let count = 0; count < 5; count += 1)
    await balancer.send(`POST ${apps}`, {
      body: { ...valid, client_secret: 'of the start', metadata: { at: 'start' } },
    });
  const traffic = startTraffic(balancer);
  const both = { added: `${oldKey},${newKey}`, first: `${newKey},${oldKey}` };
  await passTraffic(traffic);
  for (const name of ['one', 'other']) await balancer.replace(name, both.added);
  await passTraffic(traffic);
  await balancer.replace('one', both.first);
  await passTraffic(traffic);
  // The change stops half-way: the other server is killed and starts again as it was.
  await balancer.replace('other', both.added, true);
  await passTraffic(traffic);
  await balancer.replace('other', both.first);
  await passTraffic(traffic);
  const { code, stdout } = await deployment.runCommand(['rotate-keys'], { SECRET_KEYS: both.first });
  await passTraffic(traffic);
  const { requests, ...wrong } = await traffic.stop();
  console.log(`key change on ${inject('store')}: ${requests} requests over 2 servers, ${JSON.stringify(wrong)}`);
  expect(wrong).toEqual({ failed: 0, wrongHealth: 0, refusedCursors: 0, refusedRepeats: 0, unrevealed: 0 });
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/24 hours have passed: \d+ stored responses/),
  });
  const shown = await balancer.send(`GET ${apps}?limit=5`);
  for (const { health } of shown.json.data) expect(health.status).toBe('ok');
  await balancer.end();
});

/** Creates a database with a token and an app whose secret is sealed under the old key. */
async function createInstallation() {
  const deployment = await createDeployment();
  const inserted = await insertApps(deployment.database, loadKeyRing(oldKey, now), {
    accounts: ['default'],
    appsEach: 3,
  });
  const store = await openStore(deployment.database.url);
  const { hashToken, allScopes } = await import('../../server/keys/tokens.ts');
  const token = { hash: hashToken(API_TOKEN), scopes: allScopes, createdAt: now.toISOString() };
  await store.addToken({ id: 'all', accountId: 'default', ...token });
  await store.close();
  return { deployment, inserted };
}

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

  test('shows what is sealed under a key that is about to be first as well', async () => {
    const { deployment, inserted } = await createInstallation();
    await using _ = deployment;
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
    const { checkKeys } = await import('../../server/resource/key-check.ts');
    const keyRing = await loadKeys({ text: keys }, store, now);
    await expect(checkKeys(store, keyRing)).rejects.toThrow(`whose secrets are under the key ${keyIdOf(oldKey)}`);
    await store.close();
    if (isSoak || keys === otherKey)
      await expectStartFailure(
        deployment,
        { SECRET_KEYS: keys },
        /they open no secret in the database.*Set SECRET_KEYS/,
      );
  });

  test('but not keys that open a part', async () => {
    const { deployment } = await createInstallation();
    await using _ = deployment;
    await insertApps(deployment.database, loadKeyRing(newKey, now), { accounts: ['other'], appsEach: 60 });
    const { code, stdout } = await deployment.runCommand(['keys', 'check'], { SECRET_KEYS: oldKey });
    expect(code).toBe(1);
    expect(stdout.match(/^other\t\S+\tk\w+\tunknown key$/gm)).toHaveLength(60);
    expect(stdout).toContain('3 secrets open under the first key');
    const server = await startHere(deployment, oldKey);
    expect((await server.send('GET /readyz')).status).toBe(200);
    await server.end();
  });
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
    stdout: `default\t${damaged}\t${keyIdOf(oldKey)}\tdamaged\n2 secrets open under the first key, or one that is about to be.\n1 secrets were changed, and do not open.\n`,
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
