import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { placeOf } from '../../server/oauth-app-view.ts';
import type { KeyRing } from '../../server/secrets.ts';
import { openStore } from '../../server/store/open-store.ts';

/** An app that was put into the database, and its secret. */
export interface PlantedApp {
  readonly id: string;
  readonly accountId: string;
  readonly secret: string;
}

const plantedAt = '2026-01-01T00:00:00Z';

/** Makes a database file and puts many apps into it at once, as creates would have done one by one. */
export async function plantApps(
  databaseFile: string,
  keyRing: KeyRing,
  { accounts, appsEach, metadata = '{}' }: { accounts: readonly string[]; appsEach: number; metadata?: string },
): Promise<PlantedApp[]> {
  await (await openStore(`sqlite:${databaseFile}`)).close();
  using database = new DatabaseSync(databaseFile);
  const account = database.prepare('INSERT INTO accounts (id, app_count) VALUES (?, ?)');
  const app = database.prepare(`INSERT INTO oauth_apps (id, account_id, provider, name, client_id, client_secret,
    secret_key_id, metadata, created_at, updated_at, version) VALUES (?, ?, 'stripe', ?, 'client', ?, ?, ?, ?, ?, 1)`);
  database.exec('BEGIN IMMEDIATE');
  const planted = accounts.flatMap((accountId) => {
    account.run(accountId, appsEach);
    return Array.from({ length: appsEach }, (_, index) => {
      const [id, secret] = [randomUUID(), `secret ${accountId} ${index}`];
      const sealed = keyRing.seal(secret, placeOf(accountId, id));
      app.run(id, accountId, `app ${index}`, sealed, keyRing.currentKeyId, metadata, plantedAt, plantedAt);
      return { id, accountId, secret };
    });
  });
  database.exec('COMMIT');
  return planted;
}

/** The rows that a query gives, straight from a database file. */
export function queryRows(databaseFile: string, sql: string, ...parameters: string[]): Record<string, unknown>[] {
  using database = new DatabaseSync(databaseFile, { readOnly: true });
  return database.prepare(sql).all(...parameters);
}
