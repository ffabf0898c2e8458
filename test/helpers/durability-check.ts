import { sql } from 'kysely';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { secretBinding } from '../../server/resource/secrets.ts';
import type { Row, TestDatabase } from './databases.ts';
import { type AppHistory, propertiesPerApp, type WriteHistory } from './writers.ts';

/** An app in the database, its secret opened. */
interface StoredApp {
  readonly version: number;
  readonly secret: string | undefined;
}

function openSecret(keyRing: ReturnType<typeof loadKeyRing>, { id, account_id, client_secret, secret_version }: Row) {
  try {
    return keyRing.open(
      String(client_secret),
      secretBinding({
        account_id: String(account_id),
        id: String(id),
        column: 'client_secret',
        version: String(secret_version),
      }),
    );
  } catch {
    return undefined;
  }
}

const isSame = (stored: StoredApp | undefined, { version, secret }: { version: number; secret: string }) =>
  stored !== undefined && stored.version === version && stored.secret === secret;

/** Whether an app is stored as of its last acknowledged write, or of the pending one. */
function isDurable(stored: StoredApp | undefined, { known, pending, isDeleted }: AppHistory): boolean {
  if (isDeleted) return stored === undefined;
  if (pending === 'deleted' && stored === undefined) return true;
  return isSame(stored, known) || (typeof pending === 'object' && isSame(stored, pending));
}

/** Finds partially committed writes: apps that disagree with their audit rows, the count of their account or their properties. */
async function findPartialWrites({ rows }: TestDatabase): Promise<Row[]> {
  const partial = await rows(sql`
    SELECT app_id, count(*) AS writes FROM audit LEFT JOIN oauth_apps ON id = app_id WHERE app_id IS NOT NULL
    GROUP BY app_id, version HAVING count(*) <> COALESCE(version, count(*))
      OR (version IS NULL) <> (max(CASE operation WHEN 'deleteOAuthApp' THEN 1 ELSE 0 END) = 1)
      OR sum(CASE operation WHEN 'createOAuthApp' THEN 1 ELSE 0 END) <> 1`);
  const unaudited = await rows(
    sql`SELECT id FROM oauth_apps WHERE id NOT IN (SELECT app_id FROM audit WHERE app_id IS NOT NULL)`,
  );
  const miscounted = await rows(sql`
    SELECT id, app_count FROM accounts
    WHERE app_count <> (SELECT count(*) FROM oauth_apps WHERE account_id = accounts.id)`);
  const misfiled = await rows(sql`
    SELECT id FROM oauth_apps WHERE (
      SELECT count(*) FROM oauth_app_properties WHERE app_position = position) <> ${propertiesPerApp}`);
  return [...partial, ...unaudited, ...miscounted, ...misfiled];
}

/**
 * Checks that a database holds every acknowledged write, and holds each write completely or not at all.
 * @param keys The key line that the secrets are sealed under.
 */
export async function checkDurability(database: TestDatabase, history: WriteHistory, keys: string) {
  const keyRing = loadKeyRing(keys, new Date());
  const apps = await database.rows(sql`SELECT id, account_id, client_secret, secret_version, version FROM oauth_apps`);
  const stored = new Map(
    apps.map((row) => [String(row.id), { version: Number(row.version), secret: openSecret(keyRing, row) }]),
  );
  const [count] = await database.rows(sql`
    SELECT count(*) AS creates, (SELECT count(*) FROM idempotency_keys) AS keys FROM audit
    WHERE operation = 'createOAuthApp'`);
  return {
    apps: apps.length,
    /** Apps whose last acknowledged write is missing. */
    lost: [...history].filter(([id, entry]) => !isDurable(stored.get(id), entry)),
    unknown: [...stored.keys()].filter((id) => !history.has(id)),
    partial: await findPartialWrites(database),
    /** The number of secrets that cannot be opened. */
    unopened: [...stored.values()].filter(({ secret }) => secret === undefined).length,
    creates: Number(count?.creates),
    storedKeys: Number(count?.keys),
  };
}
