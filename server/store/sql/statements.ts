/** The statements of the store, compiled once: building one for every request costs more than running it. */
import { type Compilable, sql } from 'kysely';
import { compile, type Db, type Lists, param } from './compile.ts';
import { compileRecords, listCompiler } from './record-statements.ts';
import type { Statement } from './statement.ts';

/** The statements that change tokens. */
function compileTokenWrites(db: Db) {
  const insertToken = db.insertInto('api_tokens').values({
    ...{ id: param('id'), account_id: param('account_id'), hash: param('hash'), scopes: param('scopes') },
    ...{ created_at: param('created_at'), revoked_at: param('revoked_at'), name: param('name') },
    ...{ prefix: param('prefix'), slot: param('slot'), expires_at: param('expires_at') },
    last_used_on: param('last_used_on'),
  });
  const revokeToken = db
    .updateTable('api_tokens')
    .set({ revoked_at: param('revoked_at') })
    .where('revoked_at', 'is', null);
  return {
    insertToken,
    insertTokenOnce: insertToken.onConflict((conflict) => conflict.column('hash').doNothing()).returning('id'),
    anyToken: db.selectFrom('api_tokens').select('id').limit(sql.lit(1)),
    tokenByHash: db.selectFrom('api_tokens').select(['id', 'revoked_at', 'slot']).where('hash', '=', param('hash')),
    adoptToken: db
      .updateTable('api_tokens')
      .set({ slot: param('slot') })
      .where('hash', '=', param('hash'))
      .where('account_id', '=', param('account_id'))
      .where('scopes', '=', param('scopes')),
    endSlot: revokeToken
      .where('slot', '=', param('slot'))
      .where('hash', '<>', param('hash'))
      .returning(['id', 'account_id']),
    revokeToken: revokeToken.where('id', '=', param('id')).returning(['id', 'account_id']),
    recordUse: db
      .updateTable('api_tokens')
      .set({ last_used_on: param('day') })
      .where('id', '=', param('id'))
      .where((token) => token.or([token('last_used_on', 'is', null), token('last_used_on', '<', param('day'))])),
  };
}

/** The statements of writes. */
function compileWrites(db: Db, lists: Lists) {
  const statements = {
    removeExpiredResponse: db
      .deleteFrom('idempotency_keys')
      .where('account_id', '=', param('account_id'))
      .where('key', '=', param('key'))
      .where('created_at', '<', param('expiredAt')),
    storeResponse: db
      .insertInto('idempotency_keys')
      .values({
        ...{ account_id: param('account_id'), key: param('key'), fingerprint: param('fingerprint') },
        ...{ response: param('response'), created_at: param('created_at') },
      })
      .onConflict((conflict) => conflict.columns(['account_id', 'key']).doNothing())
      .returning('key'),
    findResponse: db
      .selectFrom('idempotency_keys')
      .select(['fingerprint', 'response'])
      .where('account_id', '=', param('account_id'))
      .where('key', '=', param('key')),
    insertAudit: db.insertInto('audit').values({
      ...{ at: param('at'), account_id: param('account_id'), token_id: param('token_id') },
      ...{ request_id: param('request_id'), operation: param('operation'), app_id: param('app_id') },
      ...{ fields: param('fields'), subjects: param('subjects') },
    }),
    ...compileTokenWrites(db),
    thinAudit: db.deleteFrom('audit').where('at', '<', param('before')).returning('position'),
    purgeResponses: db.deleteFrom('idempotency_keys').where('created_at', '<', param('before')).returning('key'),
    addFact: db
      .insertInto('installation')
      .values({ name: param('name'), value: param('value') })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  } satisfies Record<string, Compilable>;
  return { ...mapStatements(statements), ...compileRecords(db, lists) };
}

/** The statements of reads. */
function compileReads(db: Db) {
  return mapStatements({
    ping: db.selectFrom('accounts').select('id').limit(sql.lit(1)),
    findToken: db.selectFrom('api_tokens').selectAll().where('hash', '=', param('hash')),
    countResponsesUnderOtherKeys: db
      .selectFrom('idempotency_keys')
      .select((each) => each.fn.countAll<number>().as('count'))
      .where(sql<string>`substr(fingerprint, 1, ${param<number>('length')})`, '<>', param('start')),
    facts: db.selectFrom('installation').selectAll(),
  });
}

const mapStatements = <Name extends string>(queries: Readonly<Record<Name, Compilable>>) =>
  Object.fromEntries(
    Object.entries<Compilable>(queries).map(([name, query]) => [name, compile(query, name)]),
  ) as Readonly<Record<Name, Statement>>;

/** Compiles all statements for a database. Those of lists are compiled at their first use, one for each kind of filter. */
export function compileStatements(db: Db, lists: Lists) {
  return { writes: compileWrites(db, lists), reads: compileReads(db), list: listCompiler(db, lists) };
}

export type Statements = ReturnType<typeof compileStatements>;
export type WriteStatements = Statements['writes'];
