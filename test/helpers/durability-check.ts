import { sql } from 'kysely';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { secretBinding } from '../../server/oauth-apps/view.ts';
import type { Row, TestDatabase } from './databases.ts';
import { type AppHistory, propertiesPerApp, type WriteHistory } from './writers.ts';

/** What the database keeps of an app. */
interface Kept {
  readonly version: number;
  readonly secret: string | undefined;
}

function openSecret(keyRing: ReturnType<typeof loadKeyRing>, { id, account_id, client_secret }: Row) {
  try {
    return keyRing.open(String(client_secret), secretBinding(String(account_id), String(id)));
  } catch {
    return undefined;
  }
}

const isSame = (kept: Kept | undefined, { version, secret }: { version: number; secret: string }) =>
  kept !== undefined && kept.version === version && kept.secret === secret;

/** Whether the database has what was acknowledged, or the one write after it that got no response. */
function isKept(kept: Kept | undefined, { known, pending, isDeleted }: AppHistory): boolean {
  if (isDeleted) return kept === undefined;
  if (pending === 'deleted' && kept === undefined) return true;
  return isSame(kept, known) || (typeof pending === 'object' && isSame(kept, pending));
}

/** Writes of which a part is there and a part is not: rows, audit, places and properties have to agree. */
async function findTorn({ rows }: TestDatabase): Promise<Row[]> {
  const torn = await rows(sql`
    SELECT app_id, count(*) AS writes FROM audit LEFT JOIN oauth_apps ON id = app_id
    GROUP BY app_id, version HAVING count(*) <> COALESCE(version, count(*))
      OR (version IS NULL) <> (max(CASE operation WHEN 'deleteOAuthApp' THEN 1 ELSE 0 END) = 1)
      OR sum(CASE operation WHEN 'createOAuthApp' THEN 1 ELSE 0 END) <> 1`);
  const unaudited = await rows(sql`SELECT id FROM oauth_apps WHERE id NOT IN (SELECT app_id FROM audit)`);
  const miscounted = await rows(sql`
    SELECT id, app_count FROM accounts
    WHERE app_count <> (SELECT count(*) FROM oauth_apps WHERE account_id = accounts.id)`);
  const misfiled = await rows(sql`
    SELECT id FROM oauth_apps WHERE (
      SELECT count(*) FROM oauth_app_properties WHERE app_position = position) <> ${propertiesPerApp}`);
  return [...torn, ...unaudited, ...miscounted, ...misfiled];
}

/** Compares a database with the ledger of what was acknowledged. */
export async function checkDurability(database: TestDatabase, ledger: WriteHistory, keys: string) {
  const keyRing = loadKeyRing(keys, new Date());
  const apps = await database.rows(sql`SELECT id, account_id, client_secret, version FROM oauth_apps`);
  const kept = new Map(
    apps.map((row) => [String(row.id), { version: Number(row.version), secret: openSecret(keyRing, row) }]),
  );
  const [count] = await database.rows(sql`
    SELECT count(*) AS creates, (SELECT count(*) FROM idempotency_keys) AS keys FROM audit
    WHERE operation = 'createOAuthApp'`);
  return {
    apps: apps.length,
    lost: [...ledger].filter(([id, entry]) => !isKept(kept.get(id), entry)),
    unknown: [...kept.keys()].filter((id) => !ledger.has(id)),
    torn: await findTorn(database),
    sealed: [...kept.values()].filter(({ secret }) => secret === undefined).length,
    creates: Number(count?.creates),
    keysKept: Number(count?.keys),
  };
}
