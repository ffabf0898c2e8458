import { type Kysely, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { StoreDialect } from '../dialects/dialect.ts';
import * as initial from '../migrations/0001-initial.ts';
import * as requestCounts from '../migrations/0002-request-counts.ts';
import * as rowsInTheIndex from '../migrations/0003-rows-in-the-index.ts';
import * as storedResponses from '../migrations/0004-stored-responses.ts';
import * as operators from '../migrations/0005-operators.ts';
import * as writesInOneStatement from '../migrations/0010-writes-in-one-statement.ts';
import * as createsInOneSet from '../migrations/0011-creates-in-one-set.ts';
import { StoreMissing, StoreTooNew } from '../store.ts';
import type { Schema } from './schema.ts';

/** The migrations by name, oldest first. A published one never changes. */
const migrations = {
  '0001-initial': initial,
  '0002-request-counts': requestCounts,
  '0003-rows-in-the-index': rowsInTheIndex,
  '0004-stored-responses': storedResponses,
  '0005-operators': operators,
  '0010-writes-in-one-statement': writesInOneStatement,
  '0011-creates-in-one-set': createsInOneSet,
};

/** The names of all migrations, oldest first. */
export const migrationNames: readonly string[] = Object.keys(migrations);

/** Checks that a server has made the tables. @throws StoreMissing */
async function expectTables(db: Kysely<Schema>): Promise<void> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const names = tables.map(({ name }) => name);
  if (!names.includes('kysely_migration') || !names.includes('oauth_apps'))
    throw new StoreMissing('the database holds no installation');
}

/** Whether all migrations are recorded, and no other. It costs one query, where Kysely's migrator looks at every column. */
async function isCurrent(db: Kysely<Schema>, { readUnavailable }: StoreDialect): Promise<boolean> {
  try {
    const { rows } = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
    return rows.length === migrationNames.length && rows.every(({ name }) => migrationNames.includes(name));
  } catch (error) {
    // Other errors are of a table that is not there. The migrator reports them.
    if (readUnavailable(error) !== undefined) throw error;
    return false;
  }
}

/** Makes the tables of a database in memory. It needs no record of its migrations, whose upkeep takes three times as long. */
async function makeTables(db: Kysely<Schema>, dialect: StoreDialect): Promise<void> {
  for (const { up } of Object.values(migrations)) await up(db as Kysely<unknown>, dialect);
}

async function migrateOn(db: Kysely<Schema>, dialect: StoreDialect): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          Object.entries(migrations).map(([name, { up }]) => [
            name,
            { up: (transaction: Kysely<unknown>) => up(transaction, dialect) },
          ]),
        ),
    },
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error && /previously executed migration .* is missing/.test(error.message)) {
    throw new StoreTooNew('the database was made by a newer version of this program');
  }
  if (error) throw error;
}

/**
 * Migrates the tables to this version of the program. On a database that several servers share, everything is one
 * transaction on one session, whose statements may take as long as they need.
 * @param mustExist Whether the tables have to be there already. @default false
 * @throws StoreTooNew when the tables belong to a newer version.
 * @throws StoreMissing when there are no tables and there have to be.
 */
export async function migrate(db: Kysely<Schema>, dialect: StoreDialect, mustExist = false): Promise<void> {
  const { beginMigration, isInMemory } = dialect;
  if (isInMemory) return makeTables(db, dialect);
  if (await isCurrent(db, dialect)) return;
  if (mustExist) await expectTables(db);
  if (beginMigration === undefined) return migrateOn(db, dialect);
  await db.transaction().execute(async (transaction) => {
    for (const statement of beginMigration) await statement.execute(transaction);
    await migrateOn(transaction, dialect);
  });
}
