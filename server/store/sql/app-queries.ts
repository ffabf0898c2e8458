import type { ExpressionBuilder, Kysely } from 'kysely';
import { appColumns, toApp, toAppRow, toAuditRow } from './rows.ts';
import type { Schema } from './schema.ts';
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
  Unwritten,
  WriteOptions,
} from '../store.ts';

/** What the store does with OAuth apps. Whatever writes is called inside a transaction that the store opens. */

type Db = Kysely<Schema>;

/** Ends a transaction without its writes and says why. */
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

/** Takes the key for this answer, or gives the answer that has it already. */
async function claimKey(db: Db, { accountId, createdAt }: AppRecord, kept: NonNullable<CreateOptions['idempotency']>) {
  const { key, fingerprint, answer, expiredAt } = kept;
  const ofAccount = db.deleteFrom('idempotency_keys').where('account_id', '=', accountId);
  await ofAccount.where('created_at', '<', expiredAt).execute();
  const row = { account_id: accountId, key, fingerprint, answer, created_at: createdAt };
  const claimed = await db
    .insertInto('idempotency_keys')
    .values(row)
    .onConflict((conflict) => conflict.columns(['account_id', 'key']).doNothing())
    .returning('key')
    .executeTakeFirst();
  if (claimed !== undefined) return undefined;
  return db
    .selectFrom('idempotency_keys')
    .select(['fingerprint', 'answer'])
    .where('account_id', '=', accountId)
    .where('key', '=', key)
    .executeTakeFirstOrThrow();
}

/** Counts one app more, in one statement, so that no two creates pass the limit together. */
async function takePlace(db: Db, accountId: string, maxApps: number): Promise<boolean> {
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
  const kept = idempotency && (await claimKey(db, app, idempotency));
  if (kept !== undefined) return kept;
  if (!(await takePlace(db, app.accountId, maxApps))) throw new Rollback('full');
  const { position } = await db
    .insertInto('oauth_apps')
    .values(toAppRow(app))
    .returning('position')
    .executeTakeFirstOrThrow();
  await addProperties(db, app.accountId, position, properties);
  await writeAudit(db, audit);
  return 'created';
}

function matches(accountId: string, { provider, secretKeyId, properties = [] }: AppFilter) {
  return (app: ExpressionBuilder<Schema, 'oauth_apps'>) => {
    const conditions = [];
    if (properties.length > 0) {
      // One query for all of them: with a condition for each, a thousand are more than SQLite takes.
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
    if (secretKeyId && 'in' in secretKeyId) conditions.push(app('secret_key_id', 'in', secretKeyId.in));
    if (secretKeyId && 'notIn' in secretKeyId) conditions.push(app('secret_key_id', 'not in', secretKeyId.notIn));
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
  // One more than asked for tells whether another page follows.
  const rows = await (limit === undefined ? query : query.limit(limit + 1)).execute();
  const page = limit === undefined ? rows : rows.slice(0, limit);
  const next = rows.length > page.length ? page.at(-1)?.position : undefined;
  return { apps: page.map(toApp), ...(next !== undefined && { next }) };
}

export async function revealApps<App>(
  db: Db,
  accountId: string,
  options: ListOptions,
  { audit, open }: RevealOptions<App>,
): Promise<AppPage<App>> {
  // First: a transaction that begins with reading would have to start again whenever somebody else has written meanwhile.
  await writeAudit(db, audit);
  const page = await listApps(db, accountId, options);
  return { ...page, apps: page.apps.map(open) };
}

/** Why a write to this app met no row. */
async function explainUnwritten(db: Db, accountId: string, id: string): Promise<Unwritten> {
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
      name: change.name,
      client_secret: change.sealedSecret,
      secret_key_id: change.secretKeyId,
      metadata: change.metadata,
      updated_at: change.updatedAt,
      version: app('version', '+', 1),
    }))
    .where('id', '=', id)
    .where('account_id', '=', accountId)
    .$if(versions !== undefined, (query) => query.where('version', 'in', versions ?? []))
    .returning(appColumns)
    .executeTakeFirst();
  if (row === undefined) return explainUnwritten(db, accountId, id);
  if (properties) {
    await db.deleteFrom('oauth_app_properties').where('app_position', '=', row.position).execute();
    await addProperties(db, accountId, row.position, properties);
  }
  await writeAudit(db, audit);
  return toApp(row);
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
  if (row === undefined) return explainUnwritten(db, accountId, id);
  await db
    .updateTable('accounts')
    .set((account) => ({ app_count: account('app_count', '-', 1) }))
    .where('id', '=', accountId)
    .execute();
  await writeAudit(db, audit);
  return 'deleted';
}
