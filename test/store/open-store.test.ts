import { sql } from 'kysely';
import { expect, inject, test } from 'vitest';
import { openStore } from '../../server/store/open-store.ts';
import { migrationNames } from '../../server/store/sql/migrate.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const rounds = soak(4, 40);
const together = 8;

/** The migrations that a database says it has had. */
const migrationsOf = async ({ rows }: TestDatabase) =>
  (await rows(sql`SELECT name FROM kysely_migration ORDER BY name`)).map(({ name }) => name);

test('stores that open a new database together all can', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using deployment = await createDeployment();
    const stores = await Promise.all(Array.from({ length: together }, () => openStore(deployment.database.url)));
    for (const store of stores) await store.ping();
    await Promise.all(stores.map((store) => store.close()));
    expect(await migrationsOf(deployment.database)).toEqual(migrationNames);
  }
  console.log(
    `openings on ${inject('store')}: ${rounds} new databases, ${together} stores at once on each: all opened`,
  );
});

test('processes that open a new database together all can', async () => {
  await using deployment = await createDeployment();
  const list = () => deployment.runCommand(['token', 'list']);
  const ends = await Promise.all(Array.from({ length: together }, list));
  console.log(
    `openings on ${inject('store')}: ${together} processes at once: exit codes ${ends.map(({ code }) => code)}`,
  );
  expect(ends).toEqual(Array(together).fill({ code: 0, stdout: '', stderr: '' }));
  expect(await migrationsOf(deployment.database)).toEqual(migrationNames);
});
