import { Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { expect, inject, test } from 'vitest';
import { openDialect, openStore } from '../../server/store/open-store.ts';
import { migrationNames } from '../../server/store/sql/migrate.ts';
import type { TestDatabase } from '../helpers/databases.ts';
import { run } from '../helpers/process.ts';
import { createEmptyDeployment } from '../helpers/server-process.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const rounds = soak(4, 40);
const parallel = 8;
const processes = soak(4, 8);

/** Lists the applied migrations of a database. */
const listMigrations = async ({ rows }: TestDatabase) =>
  (await rows(sql`SELECT name FROM kysely_migration ORDER BY name`)).map(({ name }) => name);

test('several stores can open a new database in parallel', async () => {
  for (let round = 0; round < rounds; round += 1) {
    await using deployment = await createEmptyDeployment();
    const stores = await Promise.all(Array.from({ length: parallel }, () => openStore(deployment.database.url)));
    for (const store of stores) await store.ping();
    await Promise.all(stores.map((store) => store.close()));
    expect(await listMigrations(deployment.database)).toEqual(migrationNames);
  }
  console.log(
    `open store on ${inject('store')}: ${rounds} new databases, ${parallel} stores in parallel on each: all opened`,
  );
});

// PostgreSQL sees sessions, and those of one process are as many.
test.runIf(isSoak || inject('store') === 'sqlite')(
  'several processes can open a new database in parallel',
  async () => {
    await using deployment = await createEmptyDeployment();
    const open = `await (await (await import('./server/store/open-store.ts')).openStore(process.env.DATABASE_URL)).close()`;
    const words = ['node', '--input-type=module', '--eval', open];
    const start = () => run(words, { env: deployment.settings });
    const ends = await Promise.all(Array.from({ length: processes }, start));
    console.log(
      `open store on ${inject('store')}: ${processes} processes in parallel: exit codes ${ends.map(({ code }) => code)}`,
    );
    expect(ends).toEqual(Array(processes).fill({ code: 0, stdout: '', stderr: '' }));
    expect(await listMigrations(deployment.database)).toEqual(migrationNames);
  },
);

/** Makes the tables of an older version, which lacks the last migration. */
async function makeOlderTables(url: string): Promise<void> {
  const dialect = await openDialect(url);
  const load = async (name: string) => {
    const { up } = await import(`../../server/store/migrations/${name}.ts`);
    return [name, { up: (db: Kysely<unknown>) => up(db, dialect) }] as const;
  };
  const getMigrations = async () => Object.fromEntries(await Promise.all(migrationNames.map(load)));
  const db = new Kysely<unknown>({ dialect: dialect.kysely });
  const { error } = await new Migrator({ db, provider: { getMigrations } }).migrateTo(migrationNames.at(-2) ?? '');
  await db.destroy();
  if (error !== undefined) throw error;
}

test('a database of an older version is migrated', async () => {
  await using deployment = await createEmptyDeployment();
  await makeOlderTables(deployment.database.url);
  expect(await listMigrations(deployment.database)).toEqual(migrationNames.slice(0, -1));
  await (await openStore(deployment.database.url)).close();
  expect(await listMigrations(deployment.database)).toEqual(migrationNames);
});
