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
import { startWriters } from '../helpers/writers.ts';

const seed = 20261122;
const kills = soak(2, 50);
const writesBetween = 60;
const longestPauseMilliseconds = 150;

test('a killed server loses nothing that it acknowledged', { timeout: 60_000 + kills * 10_000 }, async () => {
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
    await writers.progress(writesBetween);
    await delay(random(longestPauseMilliseconds));
    server.signal('SIGKILL');
    await server[Symbol.asyncDispose]();
    logged += server.output.stderr;
    server = await deployment.startServer({ ...env, PORT });
  }
  await writers.progress(writesBetween);
  const told = await writers.end();
  logged += server.output.stderr;
  const { lost, torn, unknown, sealed, ...kept } = await checkDurability(deployment.database, writers.ledger, keys);
  await server[Symbol.asyncDispose]();
  http.close();

  console.log(
    `kills of the server on ${inject('store')}: ${kills}; ${told.acknowledged} writes acknowledged, ` +
      `${told.unanswered} unanswered, ${writers.ledger.size} apps in the ledger, ${kept.apps} left; ${lost.length} lost, ` +
      `${torn.length} torn, ${sealed} secrets that do not open; ${told.keys} keys, ${kept.creates} creates; seed ${seed}`,
  );
  expect(told.unanswered).toBeGreaterThan(0);
  expect({ faults: told.faults, logged, lost, torn, unknown, sealed }).toEqual({
    ...{ faults: [], logged: '', lost: [], torn: [], unknown: [], sealed: 0 },
  });
  expect(kept).toMatchObject({ creates: told.keys, keysKept: told.keys });
  if (inject('store') === 'sqlite') {
    expect(await deployment.database.rows(sql`PRAGMA integrity_check`)).toEqual([{ integrity_check: 'ok' }]);
  }
});

/** What a crash might have done to one app, or to what goes with it. */
const damage = (id: string) => ({
  lost: [
    sql`UPDATE oauth_apps SET version = version - 1 WHERE id = ${id}`,
    sql`UPDATE oauth_apps SET client_secret = (SELECT min(client_secret) FROM oauth_apps WHERE id <> ${id}) WHERE id = ${id}`,
    sql`DELETE FROM oauth_apps WHERE id = ${id}`,
  ],
  torn: [
    sql`DELETE FROM oauth_app_properties WHERE app_position = (SELECT max(position) FROM oauth_apps)`,
    sql`UPDATE accounts SET app_count = app_count + 1`,
  ],
});

test('the comparison with the ledger sees what is lost or torn', async () => {
  const keys = makeKeyLine(new Date());
  await using server = await startServer({ secretKeys: keys });
  const http = createHttpClient(server.url, server.token);
  const writers = startWriters(http.send, seed, 2);
  await writers.progress(writesBetween);
  const { faults } = await writers.end();
  http.close();
  const compare = () => checkDurability(server.database, writers.ledger, keys);
  expect([faults, (await compare()).lost, (await compare()).torn]).toEqual([[], [], []]);
  const [id = ''] = [...writers.ledger].find(([, { known, isDeleted }]) => !isDeleted && known.version > 1) ?? [];
  const { lost, torn } = damage(id);
  const seen = [];
  for (const statement of [...torn, ...lost]) {
    await server.database.rows(statement);
    const found = await compare();
    seen.push([found.lost.length, found.torn.length]);
  }
  expect(seen).toEqual([
    [0, 1],
    [0, 2],
    [1, 3],
    [1, 3],
    [1, 3],
  ]);
});
