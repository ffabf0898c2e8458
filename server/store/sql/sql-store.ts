import { CompiledQuery, Kysely, type RawBuilder } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import { retrying } from '../retry.ts';
import type { Store } from '../store.ts';
import { migrate } from './migrate.ts';
import { listPutBack } from './put-back.ts';
import { recordMethods } from './records.ts';
import { toAuditEntry, toToken } from './rows.ts';
import type { Schema } from './schema.ts';
import { secretMethods } from './secrets.ts';
import { bindParameters, type Statement, type Value } from './statement.ts';
import { compileStatements, type Statements } from './statements.ts';
import type { Row } from './writes.ts';

const auditPage = 1_000;
/** Later than every time of the audit. */
const lastTime = '9999';

const compiled = new Map<boolean, Statements>();

/** Returns the statements of a kind of database. All stores of a process share them: compiling takes 5 ms of a start. */
function statementsOf(db: Kysely<Schema>, dialect: StoreDialect): Statements {
  const isShared = dialect.pool !== undefined;
  const statements = compiled.get(isShared) ?? compileStatements(db, dialect);
  compiled.set(isShared, statements);
  return statements;
}

/**
 * Opens the SQL implementation of the store on the database of a dialect, and migrates it.
 * @param mustExist Whether the tables have to be there already.
 * @throws StoreUnavailable, StoreNotDurable, StoreTooNew, StoreMissing
 */
export async function openSqlStore(dialect: StoreDialect, mustExist = false): Promise<Store> {
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  const { read, write, start, checkWrites, countWrites } = retrying(dialect);
  const notices: string[] = [];
  try {
    await start(() => migrate(db, dialect, mustExist));
    await dialect.checkDurable(db);
    const notice = await start(async () => dialect.pool?.checkPrepare());
    if (notice !== undefined) notices.push(notice);
    if (dialect.replica !== undefined) notices.push(await dialect.replica.describe());
  } catch (error) {
    await db.destroy();
    throw error;
  }
  const statements = statementsOf(db, dialect);
  const writer = dialect.openWriter(db, statements.writes);
  const query = async <Result = Row>(
    statement: Statement,
    values: Readonly<Record<string, Value>>,
    accountId?: string,
    mark?: number,
  ): Promise<Result[]> => {
    const parameters = bindParameters(statement, values);
    if (dialect.pool === undefined)
      return (await db.executeQuery<Result>(CompiledQuery.raw(statement.sql, parameters))).rows;
    const { name, sql: text } = statement;
    if (mark !== undefined && accountId !== undefined) {
      const replicated = await dialect.replica?.read({ text, values: parameters }, { accountId, mark });
      if (replicated !== undefined) return replicated.rows as Result[];
    }
    return (await dialect.pool.query({ name, text, values: parameters }, { accountId })).rows as Result[];
  };
  const lookUp: Store['findToken'] =
    dialect.openLookup?.() ??
    (async (hash) => {
      const [row] = await query<Parameters<typeof toToken>[0]>(statements.reads.findToken, { hash });
      return row && toToken(row);
    });
  const count = (statement: Statement, values: Readonly<Record<string, Value>>) =>
    read(async () => Number((await query<{ count: number }>(statement, values))[0]?.count));
  const records = recordMethods({ query, statements, read, write, writer });
  const apps = records('oauth_apps');

  return {
    notices,
    ping: () =>
      read(async () => {
        await checkWrites();
        await query(statements.reads.ping, {});
      }),

    records,
    createApp: (app, options) => write(() => writer.write('createApp', app, options)),
    findApp: apps.find,
    async listApps(accountId, options = {}) {
      const { records, ...rest } = await apps.list(accountId, options);
      return { apps: records, ...rest };
    },
    async revealApps(accountId, options, reveal) {
      const { records, ...rest } = await apps.reveal(accountId, options, reveal);
      return { apps: records, ...rest };
    },
    updateApp: (accountId, id, change, options) =>
      write(() => writer.write('updateApp', accountId, id, change, options)),
    deleteApp: (accountId, id, options) => write(() => writer.write('deleteApp', accountId, id, options)),

    addToken: (token, audit) => write(() => writer.write('addToken', token, audit)),
    addFirstToken: (token, audit) => write(() => writer.write('addFirstToken', token, audit)),
    takeSlot: (token, audit) => write(() => writer.write('takeSlot', token, audit)),
    recordUse: (id, day) => write(() => writer.write('recordUse', id, day)),
    findToken: (hash, appId) => read(() => lookUp(hash, appId)),
    listTokens: (accountId) =>
      read(async () => {
        const query = db.selectFrom('api_tokens').selectAll().orderBy('created_at').orderBy('id');
        const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
        return (await ofAccount.execute()).map(toToken);
      }),
    revokeToken: (id, revokedAt, audit) => write(() => writer.write('revokeToken', id, revokedAt, audit)),

    async *listAudit({ accountId, since = '', before = lastTime }) {
      for (let after = 0; ; ) {
        const rows = await read(() => {
          const query = db
            .selectFrom('audit')
            .selectAll()
            .where('position', '>', after)
            .where('at', '>=', since)
            .where('at', '<', before);
          const ofAccount = accountId === undefined ? query : query.where('account_id', '=', accountId);
          return ofAccount.orderBy('position').limit(auditPage).execute();
        });
        yield* rows.map(toAuditEntry);
        if (rows.length < auditPage) return;
        after = rows.at(-1)?.position ?? after;
      }
    },

    listPutBack: (operations) => read(() => listPutBack(db, operations)),
    addAudit: (audit) => write(() => writer.write('addAudit', audit)),
    thinAudit(before, expected, audit) {
      const compile = (steps: RawBuilder<unknown>[]) =>
        steps.map((step): Statement => ({ sql: step.compile(db).sql, parameters: [] }));
      const triggers = {
        open: compile(dialect.permitChanges('audit')),
        close: compile(dialect.makeAppendOnly('audit')),
      };
      return write(() => writer.write('thinAudit', before, expected, audit, triggers));
    },

    ...secretMethods(db, query, { read, write }, writer),
    countResponsesUnderOtherKeys: (keyId) =>
      count(statements.reads.countResponsesUnderOtherKeys, { start: `${keyId}.`, length: keyId.length + 1 }),
    purgeResponses: (before) => write(() => writer.write('purgeResponses', before)),
    readFacts: (prefix) =>
      read(async () => {
        const rows = await query<{ name: string; value: string }>(statements.reads.facts, {});
        const facts = rows.filter(({ name }) => name.startsWith(prefix));
        return new Map(facts.map(({ name, value }) => [name, value]));
      }),
    addFacts: (facts) => write(() => writer.write('addFacts', facts)),

    async countRequests(requestsPerMinute) {
      // Loaded only where it is needed: most servers have no rate limit.
      const { countRequests } = await import('./request-counts.ts');
      const count = countRequests(requestsPerMinute, dialect.pool);
      return (tokenId) => read(() => count(tokenId));
    },

    load: () => ({ writes: countWrites(), ...dialect.pool?.load(), replica: dialect.replica?.counts() }),

    async close() {
      await writer.close();
      await dialect.replica?.end();
      await db.destroy();
    },
  };
}
