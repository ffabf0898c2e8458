import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { databaseAt } from '../helpers/databases.ts';
import { checkDurability } from '../helpers/durability-check.ts';
import { startPostgres } from '../helpers/postgres.ts';
import { seededRandom } from '../helpers/random.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';
import { startWriters } from '../helpers/writers.ts';

const seed = 20261122;
const kills = soak(2, 25);
const writesBetween = 60;
const longestPauseMilliseconds = 150;

test('a killed database loses nothing that it acknowledged', { timeout: 60_000 + kills * 15_000 }, async () => {
  // With its defaults: every commit waits for the disk.
  await using postgres = await startPostgres();
  await using deployment = await createDeployment();
  await using database = databaseAt(`${postgres.url}/postgres`);
  const [random, keys] = [seededRandom(seed), makeKeyLine(new Date())];
  await using server = await deployment.startServer({
    ...{ DATABASE_URL: database.url, SECRET_KEYS: keys, API_TOKEN: 'YOUR_API_TOKEN' },
    ...{ MAX_APPS_PER_ACCOUNT: '1000000', LOG_LEVEL: 'error' },
  });
  const writers = startWriters(server.send, seed);
  for (let kill = 0; kill < kills; kill += 1) {
    await writers.progress(writesBetween);
    await delay(random(longestPauseMilliseconds));
    await postgres.kill();
    await postgres.restart();
  }
  await writers.progress(writesBetween);
  const told = await writers.end();
  const logged = server.output.stderr;
  const { lost, torn, unknown, sealed, ...kept } = await checkDurability(database, writers.ledger, keys);

  console.log(
    `kills of the database: ${kills}; ${told.acknowledged} writes acknowledged, ${told.unanswered} unanswered, ` +
      `${writers.ledger.size} apps in the ledger, ${kept.apps} left; ${lost.length} lost, ${torn.length} torn, ` +
      `${sealed} secrets that do not open; ${told.keys} keys, ${kept.creates} creates; seed ${seed}`,
  );
  expect(told.unanswered).toBeGreaterThan(0);
  expect({ faults: told.faults, logged, lost, torn, unknown, sealed }).toEqual({
    ...{ faults: [], logged: '', lost: [], torn: [], unknown: [], sealed: 0 },
  });
  expect(kept).toMatchObject({ creates: told.keys, keysKept: told.keys });
});
