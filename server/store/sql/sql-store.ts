import { CompiledQuery, Kysely } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import { retrying } from '../retry.ts';
import type { AppPage, AppRecord, ListOptions, SealedSecret, Store } from '../store.ts';
import { migrate } from './migrate.ts';
import { toAuditEntry, toToken } from './rows.ts';
import type { Schema } from './schema.ts';
import { bindParameters, type Statement, type Value } from './statement.ts';
import { compileStatements, type ListColumns, listParameters } from './statements.ts';
import { checksumSecrets, type Row } from './writes.ts';

const auditPage = 1_000;
/** The limit of a list without one. */
const unlimited = 2 ** 31 - 1;
/** The number of times that a reveal is read again because the secrets changed meanwhile. */
const maxReveals = 10;

/**
 * Opens the SQL implementation of the store on the database of a dialect, and migrates it.
 * @throws StoreUnavailable, StoreNotDurable, StoreTooNew
 */
export async function openSqlStore(dialect: StoreDialect): Promise<Store> {
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  const { read, write, start, checkWrites } = retrying(dialect);
  const notices: string[] = [];
  try {
    await start(() => migrate(db, dialect));
    await dialect.checkDurable(db);
    const notice = await start(async () => dialect.pool?.checkPrepare());
    if (notice !== undefined) notices.push(notice);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const statements = compileStatements(db, dialect);
  const writer = dialect.openWriter(db, statements.writes);
  const query = async <Result = Row>(
    statement: Statement,
    values: Readonly<Record<string, Value>>,
    accountId?: string,
  ): Promise<Result[]> => {
    const parameters = bindParameters(statement, values);
    if (dialect.pool === undefined)
      return (await db.executeQuery<Result>(CompiledQuery.raw(statement.sql, parameters))).rows;
    const { name, sql: text } = statement;
    return (await dialect.pool.query({ name, text, values: parameters }, { accountId })).rows as Result[];
  };
  const lookUp: Store['findToken'] =
    dialect.openLookup?.() ??
    (async (hash) => {
      const [row] = await query<Parameters<typeof toToken>[0]>(statements.reads.findToken, { hash });
      return row && toToken(row);
    });
  const listRows = <Result>(
    accountId: string,
    { filter = {}, after = 0, limit }: ListOptions,
    columns: ListColumns,
  ) => {
    const statement = statements.list(filter, columns);
    // One more than requested shows whether another page follows.
    const values = {
      ...listParameters(filter),
      account_id: accountId,
      after,
      limit: limit === undefined ? unlimited : limit + 1,
    };
    return { statement, values, rows: () => query<Result>(statement, values, accountId) };
  };
  const listApps = async (accountId: string, options: ListOptions): Promise<AppPage> => {
    const { limit = unlimited } = options;
    const rows = await listRows<AppRecord & { position: number }>(accountId, options, 'all').rows();
    const page = rows.length > limit ? rows.slice(0, limit) : rows;
    const next = rows.length > limit ? page.at(-1)?.position : undefined;
    return { apps: page.map(({ position: _, ...app }) => app), ...(next !== undefined && { next }) };
  };

  return {
    notices,
    ping: () =>
      read(async () => {
        await checkWrites();
        await query(statements.reads.ping, {});
      }),

    createApp: (app, options) => write(() => writer.write('createApp', app, options)),
    findApp: (account_id, id) =>
      read(async () => (await query<AppRecord>(statements.reads.findApp, { id, account_id }, account_id))[0]),
    listApps: (accountId, options = {}) => read(() => listApps(accountId, options)),
    async revealApps(accountId, options, { audit, open }) {
      for (let attempt = 1; ; attempt += 1) {
        const page = await read(() => listApps(accountId, options));
        const apps = page.apps.map(open);
        // The list without its last row, which only shows that another page follows.
        const { limit } = options;
        const shown = listRows(
          accountId,
          { ...options, limit: limit === undefined ? undefined : limit - 1 },
          'secrets',
        );
        const checksum = checksumSecrets(page.apps as readonly object[] as readonly Row[]);
        const result = await write(() => writer.write('recordReveal', audit, shown.statement, shown.values, checksum));
        if (result === 'recorded') return { ...page, apps };
        if (attempt === maxReveals) throw new Error('the secrets change faster than they can be revealed');
      }
    },
    updateApp: (accountId, id, change, options) =>
      write(() => writer.write('updateApp', accountId, id, change, options)),
    deleteApp: (accountId, id, options) => write(() => writer.write('deleteApp', accountId, id, options)),

    addToken: (token) => write(() => writer.write('addToken', token)),
    findToken: (hash, appId) => read(() => lookUp(hash, appId)),
    listTokens: (accountId) =>
      read(async () => {
        const query = db.selectFrom('api_tokens').selectAll().orderBy('created_at').orderBy('id');
        const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
        return (await ofAccount.execute()).map(toToken);
      }),
    revokeToken: (id, revokedAt) => write(() => writer.write('revokeToken', id, revokedAt)),

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

    countSealedUnderOtherKeys: (secret_key_id) =>
      read(async () => Number((await query(statements.reads.countSealedUnderOtherKeys, { secret_key_id }))[0]?.count)),
    async resealBatch(secret_key_id, { after, limit }, reseal) {
      const rows = await read(() =>
        query<SealedSecret & { position: number }>(statements.reads.secretsUnderOtherKeys, {
          secret_key_id,
          after,
          limit,
        }),
      );
      const secrets = rows.flatMap((row) => {
        const envelope = reseal(row);
        return envelope === undefined
          ? []
          : [{ account_id: row.account_id, id: row.id, client_secret: row.client_secret, envelope }];
      });
      const resealed = await write(() => writer.write('replaceSecrets', secret_key_id, secrets));
      const next = rows.length < limit ? undefined : rows.at(-1)?.position;
      return { resealed, ...(next !== undefined && { next }) };
    },

    async countRequests(requestsPerMinute) {
      // Loaded only where it is needed: most servers have no rate limit.
      const { countRequests } = await import('./request-counts.ts');
      const count = countRequests(requestsPerMinute, dialect.pool);
      return (tokenId) => read(() => count(tokenId));
    },

    async close() {
      await writer.close();
      await db.destroy();
    },
  };
}
