import { existsSync } from 'node:fs';
import { type ControlledTransaction, Kysely } from 'kysely';
import { describeDatabase, sqliteFile } from '../database-url.ts';
import type { StoreDialect } from '../dialects/dialect.ts';
import { openDialect } from '../open-store.ts';
import { migrate } from '../sql/migrate.ts';
import type { Schema } from '../sql/schema.ts';
import { tableNames } from '../sql/tables.ts';
import { StoreTooNew } from '../store.ts';
import { DatabaseInUse, TransferError } from './transfer-error.ts';

/** One endpoint of a transfer: a database in a transaction that locks out other writers. Rolled back unless committed. */
export interface Endpoint extends AsyncDisposable {
  /** The URL without user and password. */
  readonly name: string;
  readonly dialect: StoreDialect;
  /** Runs work on the database. @throws TransferError when the database does not respond. */
  run<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
  commit(): Promise<void>;
}

/** Makes the function that turns errors of the database into messages for the operator. */
function transferErrors(name: string, dialect: StoreDialect) {
  return (error: unknown): never => {
    const code = error instanceof TransferError ? undefined : dialect.readUnavailable(error)?.code;
    if (code === 'SQLITE_BUSY' || code === '55P03')
      throw new DatabaseInUse(`${name} is in use. Stop the servers and commands that use it, and run this again.`);
    if (code !== undefined) throw new TransferError(`${name} does not respond (${code}). Nothing was transferred.`);
    if (error instanceof StoreTooNew)
      throw new TransferError(`${name} was made by a newer version of this program. Use that version.`);
    throw error;
  };
}

const listTables = async (db: Kysely<Schema>) =>
  (await db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name);

/** Checks that there is an installation to transfer. @throws TransferError */
async function expectInstallation(db: Kysely<Schema>, name: string): Promise<void> {
  const tables = await listTables(db);
  if (!tables.includes('kysely_migration') || !tables.includes('oauth_apps'))
    throw new TransferError(`${name} holds no installation.`);
}

/** Checks that the tables are empty. @throws TransferError */
async function expectEmpty(db: Kysely<Schema>, name: string): Promise<void> {
  const present = await listTables(db);
  for (const table of tableNames.filter((each) => present.includes(each))) {
    const row = await db
      .selectFrom(table)
      .select((each) => each.lit(1).as('one'))
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined)
      throw new TransferError(
        `${name} is not empty: there are rows in ${table}. Name a new database, before any server runs on it.`,
      );
  }
}

/** Opens the source or the target of a transfer and migrates it to this version. @throws TransferError */
export async function openEndpoint(url: string, kind: 'source' | 'target'): Promise<Endpoint> {
  const name = describeDatabase(url);
  const file = sqliteFile(url);
  // Opening would create it.
  if (kind === 'source' && file !== undefined && !existsSync(file)) throw new TransferError(`${name} is not there.`);
  const dialect = await openDialect(url, { isAlone: true, poolSize: 1 });
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  const rethrow = transferErrors(name, dialect);
  const expect = kind === 'source' ? expectInstallation : expectEmpty;
  let transaction: ControlledTransaction<Schema> | undefined;
  const begin = async () => {
    await expect(db, name);
    await migrate(db, dialect);
    transaction = await db.startTransaction().execute();
    for (const statement of dialect.transfer.begin(tableNames)) await statement.execute(transaction);
    // Again, now that other writers are locked out.
    await expect(transaction, name);
    return transaction;
  };
  const close = async () => {
    if (transaction?.isCommitted === false)
      await transaction
        .rollback()
        .execute()
        .catch(() => {});
    await db.destroy();
  };
  const begun = await begin().catch(async (error: unknown) => {
    await close();
    return rethrow(error);
  });
  return {
    name,
    dialect,
    run: (work) => work(begun).catch(rethrow),
    commit: () => begun.commit().execute().catch(rethrow),
    [Symbol.asyncDispose]: close,
  };
}
