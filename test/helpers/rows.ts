import { DatabaseSync } from 'node:sqlite';

/** Every row of every table of a database file, by table: equal exactly when nothing was written in between. */
export function dump(databaseFile: string): Record<string, unknown[]> {
  using database = new DatabaseSync(databaseFile, { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all();
  return Object.fromEntries(tables.map(({ name }) => [name, database.prepare(`SELECT * FROM "${name}"`).all()]));
}

/** Runs SQL on a database file behind the server's back. */
export function execute(databaseFile: string, sql: string, ...parameters: (string | number)[]): void {
  using database = new DatabaseSync(databaseFile, { timeout: 1_000 });
  // Nobody needs a tampered row to survive a crash.
  database.exec('PRAGMA synchronous = OFF');
  database.prepare(sql).run(...parameters);
}
