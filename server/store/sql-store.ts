import { setTimeout } from 'node:timers/promises';
import { HandleEmptyInListsPlugin, Kysely, replaceWithNoncontingentExpression, type Transaction } from 'kysely';
import * as apps from './app-queries.ts';
import type { StoreDialect } from './dialect.ts';
import { migrate } from './migrate.ts';
import { resealBatch } from './reseal.ts';
import { appColumns, toApp, toAuditEntry, toToken, toTokenRow } from './rows.ts';
import type { Schema } from './schema.ts';
import { type Store, StoreUnavailable } from './store.ts';

/** How long a call waits for somebody who is in the way, all tries together. */
const patienceMilliseconds = 2_000;
const longestPauseMilliseconds = 40;
const auditPage = 1_000;

/** Runs a query, again while somebody is in the way; a database that cannot answer becomes `StoreUnavailable`. */
async function persist<Result>(dialect: StoreDialect, query: () => Promise<Result>): Promise<Result> {
  const deadline = performance.now() + patienceMilliseconds;
  for (let pause = 1; ; pause = Math.min(pause * 2, longestPauseMilliseconds)) {
    try {
      return await query();
    } catch (error) {
      const unavailable = dialect.readUnavailable(error);
      if (unavailable === undefined) throw error;
      const isHopeless = !unavailable.isContended || performance.now() > deadline;
      if (isHopeless) throw new StoreUnavailable(unavailable.code);
      await setTimeout(pause * (0.5 + Math.random()));
    }
  }
}

/** The one SQL implementation of the store; `dialect` chooses the database. Migrates before it resolves. */
export async function openSqlStore(dialect: StoreDialect): Promise<Store> {
  // An empty list after IN lets nothing through, and after NOT IN everything; SQL itself has no such lists.
  const emptyLists = new HandleEmptyInListsPlugin({ strategy: replaceWithNoncontingentExpression });
  const db = new Kysely<Schema>({ dialect: dialect.kysely, plugins: [emptyLists] });
  const run = <Result>(query: () => Promise<Result>) => persist(dialect, query);
  const inTransaction = <Result>(work: (transaction: Transaction<Schema>) => Promise<Result>) =>
    run(() => db.transaction().execute(work));

  await run(() => migrate(db, dialect));

  return {
    ping: () =>
      run(async () => {
        await db.selectFrom('accounts').select('id').limit(1).execute();
      }),

    createApp: (app, options) =>
      inTransaction((transaction) => apps.createApp(transaction, app, options)).catch((error: unknown) => {
        if (error instanceof apps.Rollback) return 'full';
        throw error;
      }),
    findApp: (accountId, id) =>
      run(async () => {
        const query = db.selectFrom('oauth_apps').select(appColumns).where('id', '=', id);
        const row = await query.where('account_id', '=', accountId).executeTakeFirst();
        return row && toApp(row);
      }),
    listApps: (accountId, options = {}) =>
      options.audit
        ? inTransaction((transaction) => apps.listApps(transaction, accountId, options))
        : run(() => apps.listApps(db, accountId, options)),
    updateApp: (accountId, id, change, options) =>
      inTransaction((transaction) => apps.updateApp(transaction, accountId, id, change, options)),
    deleteApp: (accountId, id, options) =>
      inTransaction((transaction) => apps.deleteApp(transaction, accountId, id, options)),

    addToken: (token) =>
      run(async () => {
        await db.insertInto('api_tokens').values(toTokenRow(token)).execute();
      }),
    findToken: (hash) =>
      run(async () => {
        const row = await db.selectFrom('api_tokens').selectAll().where('hash', '=', hash).executeTakeFirst();
        return row && toToken(row);
      }),
    listTokens: (accountId) =>
      run(async () => {
        const query = db.selectFrom('api_tokens').selectAll().orderBy('created_at').orderBy('id');
        const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
        return (await ofAccount.execute()).map(toToken);
      }),
    revokeToken: (id, revokedAt) =>
      run(async () => {
        const query = db.updateTable('api_tokens').set({ revoked_at: revokedAt }).where('id', '=', id);
        const { numUpdatedRows } = await query.where('revoked_at', 'is', null).executeTakeFirstOrThrow();
        return numUpdatedRows > 0n;
      }),

    async *listAudit({ accountId, since = '' }) {
      for (let after = 0; ; ) {
        const rows = await run(() => {
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
      run(async () => {
        const query = db.selectFrom('oauth_apps').select((app) => app.fn.countAll().as('count'));
        return Number((await query.where('secret_key_id', '<>', keyId).executeTakeFirstOrThrow()).count);
      }),
    resealBatch: (keyId, page, reseal) => run(() => resealBatch(db, keyId, page, reseal)),

    async countRequests(requestsPerMinute) {
      // Loaded only where it is needed: most servers do without.
      const { countRequests } = await import('./request-counts.ts');
      const count = countRequests(requestsPerMinute, dialect.pool);
      return (tokenId) => run(() => count(tokenId));
    },

    close: () => db.destroy(),
  };
}
