import {
  type Compilable,
  HandleEmptyInListsPlugin,
  Kysely,
  replaceWithNoncontingentExpression,
  type Transaction,
} from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import { retrying } from '../retry.ts';
import type { Store } from '../store.ts';
import * as apps from './app-queries.ts';
import { migrate } from './migrate.ts';
import { resealBatch } from './reseal.ts';
import { appColumns, toAuditEntry, toToken, toTokenRow } from './rows.ts';
import type { Schema } from './schema.ts';

const auditPage = 1_000;

/**
 * Compiles a query of one row once. Returns a function that runs it with other parameters, in the order of the SQL.
 * Building the query again for every request costs more than SQLite takes to run it.
 */
function prepareOne<Row>(db: Kysely<Schema>, query: Compilable<Row>) {
  const compiled = query.compile();
  return async (...parameters: readonly string[]): Promise<Row | undefined> =>
    (await db.executeQuery<Row>({ ...compiled, parameters })).rows[0];
}

/**
 * Opens the SQL implementation of the store on the database of a dialect, and migrates it.
 * @throws StoreUnavailable, StoreNotDurable, StoreTooNew
 */
export async function openSqlStore(dialect: StoreDialect): Promise<Store> {
  // An empty list matches nothing after IN and everything after NOT IN; SQL itself has no empty lists.
  const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });
  const db = new Kysely<Schema>({ dialect: dialect.kysely, plugins: [emptyLists] });
  const { read, write, start, checkWrites } = retrying(dialect);
  const inTransaction = <Result>(work: (transaction: Transaction<Schema>) => Promise<Result>) =>
    write(() => db.transaction().execute(work));

  try {
    await start(() => migrate(db, dialect));
    await dialect.checkDurable(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const appById = db.selectFrom('oauth_apps').select(appColumns).where('id', '=', '').where('account_id', '=', '');
  const findApp = prepareOne(db, appById);
  const findToken = prepareOne(db, db.selectFrom('api_tokens').selectAll().where('hash', '=', ''));

  return {
    ping: () =>
      read(async () => {
        await checkWrites();
        await db.selectFrom('accounts').select('id').limit(1).execute();
      }),

    createApp: (app, options) =>
      inTransaction((transaction) => apps.createApp(transaction, app, options)).catch((error: unknown) => {
        if (error instanceof apps.Rollback) return 'full';
        throw error;
      }),
    findApp: (accountId, id) => read(() => findApp(id, accountId)),
    listApps: (accountId, options = {}) => read(() => apps.listApps(db, accountId, options)),
    revealApps: (accountId, options, reveal) =>
      inTransaction((transaction) => apps.revealApps(transaction, accountId, options, reveal)),
    updateApp: (accountId, id, change, options) =>
      inTransaction((transaction) => apps.updateApp(transaction, accountId, id, change, options)),
    deleteApp: (accountId, id, options) =>
      inTransaction((transaction) => apps.deleteApp(transaction, accountId, id, options)),

    addToken: (token) =>
      write(async () => {
        await db.insertInto('api_tokens').values(toTokenRow(token)).execute();
      }),
    findToken: (hash) =>
      read(async () => {
        const row = await findToken(hash);
        return row && toToken(row);
      }),
    listTokens: (accountId) =>
      read(async () => {
        const query = db.selectFrom('api_tokens').selectAll().orderBy('created_at').orderBy('id');
        const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
        return (await ofAccount.execute()).map(toToken);
      }),
    revokeToken: (id, revokedAt) =>
      write(async () => {
        const query = db.updateTable('api_tokens').set({ revoked_at: revokedAt }).where('id', '=', id);
        const { numUpdatedRows } = await query.where('revoked_at', 'is', null).executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),

    async *listAudit({ accountId, since = '' }) {
      for (let after = 0; ; ) {
        const rows = await read(() => {
          const query = db.selectFrom('audit').selectAll().where('position', '>', after).where('at', '>=', since);
          const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
          return ofAccount.orderBy('position').limit(auditPage).execute();
        });
        yield* rows.map(toAuditEntry);
        if (rows.length < auditPage) return;
        after = rows.at(-1)?.position ?? after;
      }
    },

    countSealedUnderOtherKeys: (keyId) =>
      read(async () => {
        const query = db.selectFrom('oauth_apps').select((app) => app.fn.countAll().as('count'));
        return Number((await query.where('secret_key_id', '<>', keyId).executeTakeFirstOrThrow()).count);
      }),
    resealBatch: (keyId, page, reseal) => write(() => resealBatch(db, keyId, page, reseal)),

    async countRequests(requestsPerMinute) {
      // Loaded only where it is needed: most servers have no rate limit.
      const { countRequests } = await import('./request-counts.ts');
      const count = countRequests(requestsPerMinute, dialect.pool);
      return (tokenId) => read(() => count(tokenId));
    },

    close: () => db.destroy(),
  };
}
