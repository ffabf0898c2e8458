import { randomUUID } from 'node:crypto';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { openStore } from '../../server/store/open-store.ts';
import type { Schema } from '../../server/store/sql/schema.ts';
import { connect } from './connect.ts';

/** Runs statements on a connection of their own. */
async function withConnection<T>(url: string, run: (db: Kysely<Schema>) => Promise<T>): Promise<T> {
  const db = await connect(url);
  try {
    return await run(db);
  } finally {
    await db.destroy();
  }
}

/** Runs a statement in the maintenance database of a PostgreSQL server. */
const runOnServer = (server: string, statement: RawBuilder<unknown>): Promise<unknown> =>
  withConnection(`${server}/postgres`, (db) => statement.execute(db));

/** Creates a database as a copy of another one. Returns its name. */
export async function makeDatabase(server: string, template: string): Promise<string> {
  const name = `test_${randomUUID()}`;
  await runOnServer(server, sql`CREATE DATABASE ${sql.id(name)} TEMPLATE ${sql.id(template)}`);
  return name;
}

/** Removes a database and ends all connections to it. */
export const removeDatabase = (server: string, name: string): Promise<unknown> =>
  runOnServer(server, sql`DROP DATABASE ${sql.id(name)} WITH (FORCE)`);

/** One text for all that a test may change beside rows: columns, indexes, constraints, triggers, functions, rights, settings. */
const definitions = sql<{ all: string }>`
  SELECT string_agg(one, E'\\n' ORDER BY one) AS "all" FROM (
    SELECT concat_ws(' ', oid::regclass, relkind, relpersistence, relrowsecurity, reloptions, relacl, relowner) AS one
      FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', attrelid::regclass, attname, atttypid, attnotnull, atthasdef, attisdropped, attacl)
      FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT pg_get_indexdef(indexrelid) || indisvalid
      FROM pg_index JOIN pg_class ON indrelid = pg_class.oid WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT concat_ws(' ', proname, prosrc, proacl) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat_ws(' ', nspname, nspacl) FROM pg_namespace
    UNION ALL SELECT concat_ws(' ', datacl, setconfig) FROM pg_database LEFT JOIN pg_db_role_setting ON setdatabase = oid
      WHERE datname = current_database()
  ) AS parts`;

const readDefinitions = async (db: Kysely<Schema>): Promise<string> =>
  (await definitions.execute(db)).rows[0]?.all ?? '';

/** A migrated database from which others are copied, which costs less than the migrations. */
interface Template {
  readonly name: string;
  readonly definitions: string;
  /** The rows of each table, as JSON. */
  readonly rows: ReadonlyMap<string, string>;
}

async function makeTemplate(server: string): Promise<Template> {
  const name = await makeDatabase(server, 'template1');
  await (await openStore(`${server}/${name}`)).close();
  return await withConnection(`${server}/${name}`, async (db) => {
    const rows = new Map<string, string>();
    for (const { name: table } of await db.introspection.getTables({ withInternalKyselyTables: true })) {
      const read = sql<{ all: string }>`SELECT coalesce(json_agg(t), '[]')::text AS "all" FROM ${sql.table(table)} t`;
      rows.set(table, (await read.execute(db)).rows[0]?.all ?? '[]');
    }
    return { name, definitions: await readDefinitions(db), rows };
  });
}

/** The template of this worker. */
let template: Promise<Template> | undefined;
/** Databases of this worker that are like the template. */
const unused: string[] = [];

/** Returns the name of a migrated database without rows: a new one, or one that was given back. */
export async function takeDatabase(server: string): Promise<string> {
  template ??= makeTemplate(server);
  return unused.pop() ?? (await makeDatabase(server, (await template).name));
}

/** Bytes of a table above which its rows are removed by TRUNCATE, whose new files cost more than deleting a few rows. */
const largestDeleted = 1_000_000;

/** Removes all rows but those of the template, and begins the sequences anew. */
async function clear(db: Kysely<Schema>, { rows }: Template): Promise<void> {
  const large = await sql<{ name: string }>`SELECT relname AS name FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > ${largestDeleted}`.execute(
    db,
  );
  const truncated = new Set(large.rows.map(({ name }) => name));
  const statements = [
    // The trigger that keeps audit rows is for others.
    sql`SET session_replication_role = replica`,
    ...[...rows.keys()].map((table) =>
      truncated.has(table) ? sql`TRUNCATE ${sql.table(table)} CASCADE` : sql`DELETE FROM ${sql.table(table)}`,
    ),
    sql`SELECT setval(oid::regclass, 1, false) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'`,
    ...[...rows]
      .filter(([, all]) => all !== '[]')
      .map(
        ([table, all]) =>
          sql`INSERT INTO ${sql.table(table)} SELECT * FROM json_populate_recordset(NULL::${sql.table(table)}, ${sql.lit(all)})`,
      ),
  ];
  await sql.join(statements, sql`; `).execute(db);
}

/** Makes a database that is not in use any more like the template. Returns whether it is. */
async function restoreTemplate(db: Kysely<Schema>): Promise<boolean> {
  const like = await template;
  // The connection of a test may be within a transaction.
  await sql`ROLLBACK; DISCARD ALL`.execute(db);
  await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`.execute(db);
  if (like === undefined || (await readDefinitions(db)) !== like.definitions) return false;
  await clear(db, like);
  return true;
}

/**
 * Takes back the database of a test and ends all connections to it. Clearing its rows costs less than a new copy. A database
 * whose definitions differ from the template's, or that cannot be cleared, is removed.
 * @param connection The connection of the test, where it has one.
 */
export async function giveBack(server: string, name: string, connection?: Kysely<Schema>): Promise<void> {
  const isRestored = await (connection === undefined
    ? withConnection(`${server}/${name}`, restoreTemplate)
    : restoreTemplate(connection).finally(() => connection.destroy())
  ).catch(() => false);
  if (isRestored) unused.push(name);
  else await removeDatabase(server, name);
}
