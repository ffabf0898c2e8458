import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { isPostgres } from '../../server/store/database-url.ts';
import { fileOf, type TestDatabase } from '../helpers/databases.ts';

/** The files of PostgreSQL that hold what a database holds: tables, indexes, long values, and the log of writes. */
async function findPostgresFiles({ rows }: TestDatabase): Promise<string[]> {
  const ofTables = await rows(sql`
    SELECT pg_relation_filepath(oid) AS file FROM pg_class
    WHERE relkind IN ('r', 'i', 't') AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
      AND pg_relation_filepath(oid) IS NOT NULL AND oid >= 16384`);
  const ofLog = await rows(sql`
    SELECT 'pg_wal/' || name AS file FROM pg_ls_waldir()
    WHERE name <= pg_walfile_name(pg_current_wal_lsn()) ORDER BY name DESC LIMIT 3`);
  const [settings] = await rows(sql`SELECT current_setting('data_directory') AS folder`);
  return [...ofTables, ...ofLog].map(({ file }) => join(String(settings?.folder), String(file)));
}

/** Everything that a database has on the disk. */
export async function readDatabaseFiles(database: TestDatabase): Promise<Buffer> {
  const isServer = isPostgres(database.url);
  if (isServer) await database.rows(sql`CHECKPOINT`);
  const files = isServer
    ? await findPostgresFiles(database)
    : ['', '-wal', '-shm'].map((suffix) => fileOf(database) + suffix);
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}
