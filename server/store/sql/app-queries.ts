import type { ExpressionBuilder, Kysely } from 'kysely';
import type {
  AppChange,
  AppFilter,
  AppPage,
  AppRecord,
  AuditEntry,
  CreateOptions,
  CreateResult,
  ListOptions,
  RevealOptions,
  StoreResponse,
  Unwritten,
  WriteOptions,
} from '../store.ts';
import { appColumns, toAuditRow } from './rows.ts';
import type { Schema } from './schema.ts';

/** The queries about OAuth apps. Those that write run inside a transaction that the store opens. */

type Db = Kysely<Schema>;

/** Rolls a transaction back; the message is the reason. */
export class Rollback extends Error {
  override readonly name = 'Rollback';
}

async function writeAudit(db: Db, entry: AuditEntry): Promise<void> {
  await db.insertInto('audit').values(toAuditRow(entry)).execute();
}

async function addProperties(db: Db, accountId: string, position: number, fingerprints: readonly string[]) {
  if (fingerprints.length === 0) return;
  const rows = fingerprints.map((fingerprint) => ({ account_id: accountId, fingerprint, app_position: position }));
  await db.insertInto('oauth_app_properties').values(rows).execute();
}

/** Stores the response to a create under its key. Returns the response that is stored there already, if there is one. */
async function storeResponse(db: Db, { account_id, created_at }: AppRecord, stored: StoreResponse) {
  const { key, fingerprint, response, expiredAt } = stored;
  const ofAccount = db.deleteFrom('idempotency_keys').where('account_id', '=', account_id);
  await ofAccount.where('created_at', '<', expiredAt).execute();
  const row = { account_id, key, fingerprint, response, created_at };
  const claimed = await db
    .insertInto('idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return undefined;
  return db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'response'])
    .where('account_id', '=', account_id)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
}

/** Counts one more app against the quota, in one statement, so that no two creates pass the limit together. */
async function takeQuota(db: Db, accountId: string, maxApps: number): Promise<boolean> {
  if (maxApps < 1) return false;
  const account = await db
    .insertInto('accounts')
    .values({ id: accountId, app_count: 1 })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet((row) => ({ app_count: row('accounts.app_count', '+', 1) }))
        .where('accounts.app_count', '<', maxApps),
    )
    .returning('app_count')
    .executeTakeFirst();
  return account !== undefined;
}

export async function createApp(db: Db, app: AppRecord, options: CreateOptions): Promise<CreateResult> {
  const { properties, maxApps, audit, idempotency } = options;
  const stored = idempotency && (await storeResponse(db, app, idempotency));
  if (stored !== undefined) return stored;
  if (!(await takeQuota(db, app.account_id, maxApps))) throw new Rollback('full');
  const { position } = await db.insertInto('oauth_apps').values(app).returning('position').executeTakeFirstOrThrow();
  await addProperties(db, app.account_id, position, properties);
  await writeAudit(db, audit);
  return 'created';
}

function matches(accountId: string, { provider, secret_key_id: keys, properties = [] }: AppFilter) {
  return (app: ExpressionBuilder<Schema, 'oauth_apps'>) => {
    const conditions = [];
    if (properties.length > 0) {
      // One query for all of them: SQLite does not take a condition for each of a thousand.
      const holders = app
        .selectFrom('oauth_app_properties')
        .select('app_position')
        .where('oauth_app_properties.account_id', '=', accountId)
        .where('fingerprint', 'in', properties)
        .groupBy('app_position')
        .having((property) => property.fn.countAll(), '=', properties.length);
      conditions.push(app('position', 'in', holders));
    }
    if (provider !== undefined) conditions.push(app('provider', '=', provider));
    if (keys && 'in' in keys) conditions.push(app('secret_key_id', 'in', keys.in));
    if (keys && 'notIn' in keys) conditions.push(app('secret_key_id', 'not in', keys.notIn));
    return app.and(conditions);
  };
}

export async function listApps(db: Db, accountId: string, options: ListOptions): Promise<AppPage> {
  const { filter = {}, after = 0, limit } = options;
  const query = db
    .selectFrom('oauth_apps')
    .select(appColumns)
    .where('account_id', '=', accountId)
    .where('position', '>', after)
    .where(matches(accountId, filter))
    .orderBy('position');
  if (limit === undefined) return { apps: await query.execute() };
  // One more than requested shows whether another page follows.
  const rows = await query
    .select('position')
    .limit(limit + 1)
    .execute();
  const page = rows.slice(0, limit);
  const next = rows.length > page.length ? page.at(-1)?.position : undefined;
  return { apps: page.map(({ position: _, ...app }) => app), ...(next !== undefined && { next }) };
}

export async function revealApps<App>(
  db: Db,
  accountId: string,
  options: ListOptions,
  { audit, open }: RevealOptions<App>,
): Promise<AppPage<App>> {
  // First: SQLite rejects the write of a transaction that has read before another one wrote.
  await writeAudit(db, audit);
  const page = await listApps(db, accountId, options);
  return { ...page, apps: page.apps.map(open) };
}

/** Returns the reason why a write to this app matched no row. */
async function findReason(db: Db, accountId: string, id: string): Promise<Unwritten> {
  const query = db.selectFrom('oauth_apps').select('id').where('id', '=', id).where('account_id', '=', accountId);
  return (await query.executeTakeFirst()) === undefined ? 'missing' : 'changed';
}

export async function updateApp(
  db: Db,
  accountId: string,
  id: string,
  { properties, ...change }: AppChange,
  { audit, versions }: WriteOptions,
): Promise<AppRecord | Unwritten> {
  const row = await db
    .updateTable('oauth_apps')
    .set((app) => ({
      ...change,
      version: app('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .$if(versions !== undefined, (query) => query.where('version', 'in', versions ?? []))
    .returning([...appColumns, 'position'])
    .executeTakeFirst();
  if (row === undefined) return findReason(db, accountId, id);
  const { position, ...app } = row;
  if (properties) {
    await db.deleteFrom('oauth_app_properties').where('app_position', '=', position).execute();
    await addProperties(db, accountId, position, properties);
  }
  await writeAudit(db, audit);
  return app;
}

export async function deleteApp(
  db: Db,
  accountId: string,
  id: string,
  { audit, versions }: WriteOptions,
): Promise<'deleted' | Unwritten> {
  const row = await db
    .deleteFrom('oauth_apps')
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .$if(versions !== undefined, (query) => query.where('version', 'in', versions ?? []))
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return findReason(db, accountId, id);
  await db
    .updateTable('accounts')
    .set((account) => ({ app_count: account('app_count', '-', 1) }))
    .where('id', '=', accountId)
    .execute();
  await writeAudit(db, audit);
  return 'deleted';
}
