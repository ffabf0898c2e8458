import { setTimeout as delay } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { checkDurability } from '../helpers/durability-check.ts';
import { createHttpClient } from '../helpers/http-client.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { startWriters } from '../helpers/writers.ts';

const seed = 20261122;
const kills = soak(1, 50);
const writesBetween = 60;
const longestPauseMilliseconds = 150;

test('a killed server loses no acknowledged write', { timeout: timeLimit(60_000 + kills * 10_000) }, async () => {
  await using deployment = await createDeployment();
  const random = seededRandom(seed);
  const [keys, token] = [makeKeyLine(new Date()), 'YOUR_API_TOKEN'];
  const env = { API_TOKEN: token, SECRET_KEYS: keys, MAX_APPS_PER_ACCOUNT: '1000000', LOG_LEVEL: 'error' };
  let server = await deployment.startServer(env);
  let logged = '';
  const { port: PORT } = new URL(server.url);
  const http = createHttpClient(server.url, token);
  const writers = startWriters(http.send, seed);
  for (let kill = 0; kill < kills; kill += 1) {
    await writers.waitForWrites(writesBetween);
    await delay(random(longestPauseMilliseconds));
    server.signal('SIGKILL');
    await server[Symbol.asyncDispose]();
    logged += server.output.stderr;
    server = await deployment.startServer({ ...env, PORT });
  }
  await writers.waitForWrites(writesBetween);
  const totals = await writers.stop();
  logged += server.output.stderr;
  const { lost, partial, unknown, unopened, ...durability } = await checkDurability(
    deployment.database,
    writers.history,
    keys,
  );
  await server[Symbol.asyncDispose]();
  http.close();

  console.log(
    `kills of the server on ${inject('store')}: ${kills}; ${totals.acknowledged} writes acknowledged, ` +
      `${totals.uncertain} uncertain, ${writers.history.size} apps created, ${durability.apps} stored; ${lost.length} lost, ` +
      `${partial.length} partial, ${unopened} unopened secrets; ${totals.keys} keys, ${durability.creates} creates; seed ${seed}`,
  );
  expect(totals.uncertain).toBeGreaterThan(0);
  expect({ faults: totals.faults, logged, lost, partial, unknown, unopened }).toEqual({
    ...{ faults: [], logged: '', lost: [], partial: [], unknown: [], unopened: 0 },
  });
  expect(durability).toMatchObject({ creates: totals.keys, storedKeys: totals.keys });
  if (inject('store') === 'sqlite') {
    expect(await deployment.database.rows(sql`PRAGMA integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
  }
});

/** Lists damages that a crash could do to an app, its properties or its account. */
const listDamages = (id: string) => ({
  lost: [
    sql`UPDATE oauth_apps SET version = version - 1 WHERE id = ${id}`,
    sql`UPDATE oauth_apps SET client_secret = (SELECT min(client_secret) FROM oauth_apps WHERE id <> ${id}) WHERE id = ${id}`,
    sql`DELETE FROM oauth_apps WHERE id = ${id}`,
  ],
  partial: [
    sql`DELETE FROM oauth_app_properties WHERE app_position = (SELECT max(position) FROM oauth_apps)`,
    sql`UPDATE accounts SET app_count = app_count + 1`,
  ],
});

test('the durability check detects lost and partial writes', async () => {
  const keys = makeKeyLine(new Date());
  await using server = await startServer({ secretKeys: keys });
  const http = createHttpClient(server.url, server.token);
  const writers = startWriters(http.send, seed, 2);
  await writers.waitForWrites(writesBetween);
  const { faults } = await writers.stop();
  http.close();
  const compare = () => checkDurability(server.database, writers.history, keys);
  expect([faults, (await compare()).lost, (await compare()).partial]).toEqual([[], [], []]);
  const [id = ''] = [...writers.history].find(([, { known, isDeleted }]) => !isDeleted && known.version > 1) ?? [];
  const { lost, partial } = listDamages(id);
  const counts = [];
  for (const statement of [...partial, ...lost]) {
    await server.database.rows(statement);
    const found = await compare();
    counts.push([found.lost.length, found.partial.length]);
  }
  expect(counts).toEqual([
    [0, 1],
    [0, 2],
    [1, 3],
    [1, 3],
    [1, 3],
  ]);
});
