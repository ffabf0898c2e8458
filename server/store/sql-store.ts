import { type ExpressionBuilder, Kysely, type Selectable, type Transaction } from 'kysely';
import type { StoreDialect } from './dialect.ts';
import { migrate } from './migrate.ts';
import type { Schema } from './schema.ts';
import { type AppFilter, type AppRecord, type Store, StoreUnavailable, type TokenRecord } from './store.ts';

type AppRow = Omit<Selectable<Schema['oauth_apps']>, 'position'>;

const appColumns = [
  'id',
  'account_id',
  'provider',
  'name',
  'client_id',
  'client_secret',
  'secret_key_id',
  'metadata',
  'created_at',
  'updated_at',
  'version',
] as const;

const toRow = (app: AppRecord): AppRow => ({
  id: app.id,
  account_id: app.accountId,
  provider: app.provider,
  name: app.name,
  client_id: app.clientId,
  client_secret: app.sealedSecret,
  secret_key_id: app.secretKeyId,
  metadata: app.metadata,
  created_at: app.createdAt,
  updated_at: app.updatedAt,
  version: app.version,
});

const toApp = (row: AppRow): AppRecord => ({
  id: row.id,
  accountId: row.account_id,
  provider: row.provider,
  name: row.name,
  clientId: row.client_id,
  sealedSecret: row.client_secret,
  secretKeyId: row.secret_key_id,
  metadata: row.metadata,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
});

const toToken = (row: Selectable<Schema['api_tokens']>): TokenRecord => ({
  id: row.id,
  accountId: row.account_id,
  hash: row.hash,
  scopes: row.scopes.split(' '),
  createdAt: row.created_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
});

function matches({ provider, secretKeyId, properties = [] }: AppFilter) {
  return (app: ExpressionBuilder<Schema, 'oauth_apps'>) =>
    app.and([
      ...(provider === undefined ? [] : [app('provider', '=', provider)]),
      ...(secretKeyId === undefined
        ? []
        : 'in' in secretKeyId
          ? [app('secret_key_id', 'in', secretKeyId.in)]
          : [app('secret_key_id', 'not in', secretKeyId.notIn)]),
      ...properties.map((fingerprint) =>
        app.exists(
          app
            .selectFrom('oauth_app_properties as property')
            .select('property.app_position')
            .whereRef('property.account_id', '=', 'oauth_apps.account_id')
            .where('property.fingerprint', '=', fingerprint)
            .whereRef('property.app_position', '=', 'oauth_apps.position'),
        ),
      ),
    ]);
}

async function addProperties(
  db: Transaction<Schema>,
  accountId: string,
  position: number,
  fingerprints: readonly string[],
): Promise<void> {
  if (fingerprints.length === 0) return;
  const rows = fingerprints.map((fingerprint) => ({ account_id: accountId, fingerprint, app_position: position }));
  await db.insertInto('oauth_app_properties').values(rows).execute();
}

/** The one SQL implementation of the store; `dialect` chooses the database. Migrates before it resolves. */
export async function openSqlStore(dialect: StoreDialect): Promise<Store> {
  const db = new Kysely<Schema>({ dialect: dialect.kysely });

  /** Runs a query; a database that cannot answer now becomes `StoreUnavailable`. */
  const run = async <Result>(query: () => Promise<Result>): Promise<Result> => {
    try {
      return await query();
    } catch (error) {
      const code = dialect.unavailableCode(error);
      throw code === undefined ? error : new StoreUnavailable(code);
    }
  };
  const inTransaction = <Result>(work: (transaction: Transaction<Schema>) => Promise<Result>) =>
    run(() => db.transaction().execute(work));

  await run(() => migrate(db, dialect));

  return {
    ping: () =>
      run(async () => {
        await db.selectFrom('oauth_apps').select('position').limit(1).execute();
      }),

    createApp: (app, properties) =>
      inTransaction(async (transaction) => {
        const { position } = await transaction
          .insertInto('oauth_apps')
          .values(toRow(app))
          .returning('position')
          .executeTakeFirstOrThrow();
        await addProperties(transaction, app.accountId, position, properties);
      }),

    findApp: (accountId, id) =>
      run(async () => {
        const row = await db
          .selectFrom('oauth_apps')
          .select(appColumns)
          .where('id', '=', id)
          .where('account_id', '=', accountId)
          .executeTakeFirst();
        return row && toApp(row);
      }),

    listApps: (accountId, filter) =>
      run(async () => {
        const rows = await db
          .selectFrom('oauth_apps')
          .select(appColumns)
          .where('account_id', '=', accountId)
          .where(matches(filter))
          .orderBy('position')
          .execute();
        return rows.map(toApp);
      }),

    updateApp: (accountId, id, { properties, ...change }) =>
      inTransaction(async (transaction) => {
        const row = await transaction
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
          .returning([...appColumns, 'position'])
          .executeTakeFirst();
        if (row === undefined) return undefined;
        if (properties) {
          await transaction.deleteFrom('oauth_app_properties').where('app_position', '=', row.position).execute();
          await addProperties(transaction, accountId, row.position, properties);
        }
        return toApp(row);
      }),

    deleteApp: (accountId, id) =>
      inTransaction(async (transaction) => {
        const { numDeletedRows } = await transaction
          .deleteFrom('oauth_apps')
          .where('id', '=', id)
          .where('account_id', '=', accountId)
          .executeTakeFirstOrThrow();
        return numDeletedRows > 0n;
      }),

    addToken: (token) =>
      inTransaction(async (transaction) => {
        const row = {
          id: token.id,
          account_id: token.accountId,
          hash: token.hash,
          scopes: token.scopes.join(' '),
          created_at: token.createdAt,
          revoked_at: token.revokedAt ?? null,
        };
        await transaction.insertInto('api_tokens').values(row).execute();
      }),

    findToken: (hash) =>
      run(async () => {
        const row = await db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
        return row && toToken(row);
      }),

    hasToken: () =>
      run(async () => {
        const query = db.selectFrom('api_tokens').select('id').where('revoked_at', 'is', null).limit(1);
        return (await query.executeTakeFirst()) !== undefined;
      }),

    close: () => db.destroy(),
  };
}
