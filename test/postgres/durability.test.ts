// @databases postgres
import { setTimeout as delay } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { connectDatabase } from '../helpers/databases.ts';
import { checkDurability } from '../helpers/durability-check.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { seededRandom } from '../helpers/random.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { startWriters } from '../helpers/writers.ts';

const seed = 20261122;
const kills = soak(2, 25);
const writesBetween = 60;
const longestPauseMilliseconds = 150;

test('a killed database loses no acknowledged write', { timeout: timeLimit(60_000 + kills * 15_000) }, async () => {
  // With the default settings every commit waits for the disk.
  await using postgres = await startPostgres({ folders: inject('postgresFolders') });
  await using deployment = await createDeployment();
  await using database = connectDatabase(`${postgres.url}/postgres`);
  const [random, keys] = [seededRandom(seed), makeKeyLine(new Date())];
  await using server = await deployment.startServerHere({
    ...{ DATABASE_URL: database.url, SECRET_KEYS: keys, API_TOKEN: 'YOUR_API_TOKEN' },
    ...{ MAX_APPS_PER_ACCOUNT: '1000000', LOG_LEVEL: 'error' },
  });
  const writers = startWriters(server.send, seed);
  for (let kill = 0; kill < kills; kill += 1) {
    await writers.waitForWrites(writesBetween);
    await delay(random(longestPauseMilliseconds));
    await postgres.kill();
    await postgres.restart();
  }
  await writers.waitForWrites(writesBetween);
  const totals = await writers.stop();
  const { lost, partial, unknown, unopened, ...durability } = await checkDurability(database, writers.history, keys);

  console.log(
    `kills of the database: ${kills}; ${totals.acknowledged} writes acknowledged, ${totals.uncertain} uncertain, ` +
      `${writers.history.size} apps created, ${durability.apps} stored; ${lost.length} lost, ${partial.length} partial, ` +
      `${unopened} unopened secrets; ${totals.keys} keys, ${durability.creates} creates; seed ${seed}`,
  );
  expect(totals.uncertain).toBeGreaterThan(0);
  expect({ faults: totals.faults, lost, partial, unknown, unopened }).toEqual({
    ...{ faults: [], lost: [], partial: [], unknown: [], unopened: 0 },
  });
  expect(durability).toMatchObject({ creates: totals.keys, storedKeys: totals.keys });
});
