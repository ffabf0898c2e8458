import { existsSync } from 'node:fs';
import { type ControlledTransaction, Kysely } from 'kysely';
import { CopyError } from './transfer-error.ts';
import { tableNames } from './copy-rows.ts';
import { describeDatabase, sqliteFile } from '../database-url.ts';
import type { StoreDialect } from '../dialects/dialect.ts';
import { migrate } from '../sql/migrate.ts';
import { openDialect } from '../open-store.ts';
import type { Schema } from '../sql/schema.ts';
import { StoreTooNew } from '../store.ts';

/** One end of a move: a database in a transaction in which nobody else writes to it. Undone unless it is committed. */
export interface MoveEnd extends AsyncDisposable {
  /** What may be shown of where it is. */
  readonly name: string;
  readonly dialect: StoreDialect;
  /** Does work on the database. Rejects with `CopyError` when it does not answer. */
  run<Result>(work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result>;
  commit(): Promise<void>;
}

/** Errors of the database as what they mean to whoever moves an installation. */
function explainFor(name: string, dialect: StoreDialect) {
  return (error: unknown): never => {
    const code = error instanceof CopyError ? undefined : dialect.readUnavailable(error)?.code;
    if (code === 'SQLITE_BUSY' || code === '55P03')
      throw new CopyError(`${name} is in use. Stop the servers and commands that use it, and run this again.`);
    if (code !== undefined) throw new CopyError(`${name} does not answer (${code}). Nothing was moved.`);
    if (error instanceof StoreTooNew)
      throw new CopyError(`${name} was made by a newer version of this program. Use that version.`);
    throw error;
  };
}

const listTables = async (db: Kysely<Schema>) =>
  (await db.introspection.getTables({ withInternalKyselyTables: true })).map(({ name }) => name);

/** Sees to it that there is something to move. */
async function expectInstallation(db: Kysely<Schema>, name: string): Promise<void> {
  const tables = await listTables(db);
  if (!tables.includes('kysely_migration') || !tables.includes('oauth_apps'))
    throw new CopyError(`${name} holds no installation.`);
}

/** Sees to it that nothing is there yet. */
async function expectEmpty(db: Kysely<Schema>, name: string): Promise<void> {
  const present = await listTables(db);
  for (const table of tableNames.filter((each) => present.includes(each))) {
    const row = await db
      .selectFrom(table)
      .select((each) => each.lit(1).as('one'))
      .limit(1)
      .executeTakeFirst();
    if (row !== undefined)
      throw new CopyError(
        `${name} is not empty: there are rows in ${table}. Name a new database, before any server runs on it.`,
      );
  }
}

/** Opens the end that an installation comes from, or that it goes to, brought up to this program's version. */
export async function openMoveEnd(url: string, kind: 'source' | 'target'): Promise<MoveEnd> {
  const name = describeDatabase(url);
  const file = sqliteFile(url);
  // Opening would make it.
  if (kind === 'source' && file !== undefined && !existsSync(file)) throw new CopyError(`${name} is not there.`);
  const dialect = await openDialect(url, { isAlone: true, poolSize: 1 });
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  const explain = explainFor(name, dialect);
  const expect = kind === 'source' ? expectInstallation : expectEmpty;
  let transaction: ControlledTransaction<Schema> | undefined;
  const begin = async () => {
    await expect(db, name);
    await migrate(db, dialect);
    transaction = await db.startTransaction().execute();
    for (const statement of dialect.moving.begin(tableNames)) await statement.execute(transaction);
    // Again, now that nobody can come in between.
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
    return explain(error);
  });
  return {
    name,
    dialect,
    run: (work) => work(begun).catch(explain),
    commit: () => begun.commit().execute().catch(explain),
    [Symbol.asyncDispose]: close,
  };
}
