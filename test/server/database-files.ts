import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { isPostgres } from '../../server/store/database-url.ts';
import { getFile, type TestDatabase } from '../helpers/databases.ts';

/** Lists the files of a PostgreSQL database: tables, indexes, TOAST tables and the newest write-ahead log. */
async function findPostgresFiles({ rows }: TestDatabase): Promise<string[]> {
  const relations = await rows(sql`
    SELECT pg_relation_filepath(oid) AS file FROM pg_class
    WHERE relkind IN ('r', 'i', 't') AND relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
      AND pg_relation_filepath(oid) IS NOT NULL AND oid >= 16384`);
  const logs = await rows(sql`
    SELECT 'pg_wal/' || name AS file FROM pg_ls_waldir()
    WHERE name <= pg_walfile_name(pg_current_wal_lsn()) ORDER BY name DESC LIMIT 3`);
  const [settings] = await rows(sql`SELECT current_setting('data_directory') AS folder`);
  return [...relations, ...logs].map(({ file }) => join(String(settings?.folder), String(file)));
}

/** Reads all files of a database. */
export async function readDatabaseFiles(database: TestDatabase): Promise<Buffer> {
  const isServer = isPostgres(database.url);
  if (isServer) await database.rows(sql`CHECKPOINT`);
  const files = isServer
    ? await findPostgresFiles(database)
    : ['', '-wal', '-shm'].map((suffix) => getFile(database) + suffix);
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}
