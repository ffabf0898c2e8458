/** The statements of the store, compiled once: building one for every request costs more than running it. */
import { type Compilable, type Kysely, type RawBuilder, sql } from 'kysely';
import type { StoreDialect } from '../dialects/dialect.ts';
import type { AppFilter, AppRecord, ChangedColumn, Envelope, Store } from '../store.ts';
import { appColumns } from './rows.ts';
import type { Schema } from './schema.ts';
import type { Statement, Value } from './statement.ts';

/** The place of a parameter in a statement that is being built. */
class Parameter {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** Returns the place of a parameter. */
export const param = <Type = string>(name: string): RawBuilder<Type> => sql<Type>`${new Parameter(name)}`;

/** Compiles a query whose values are all parameters. @throws TypeError for another value */
export function compile(query: Compilable, name?: string): Statement {
  const { sql, parameters } = query.compile();
  const names = parameters.map((parameter) => {
    if (!(parameter instanceof Parameter)) throw new TypeError('a statement has a value where it needs a parameter');
    return parameter.name;
  });
  return { ...(name !== undefined && { name: `oauth_apps_${name}` }), sql, parameters: names };
}

type Db = Kysely<Schema>;
type Lists = Pick<StoreDialect, 'listText' | 'listIntegers'>;

const isAtVersions = ({ listIntegers }: Lists) => sql<boolean>`version IN (${listIntegers(param('versions'))})`;

/** Builds the update of an app: a parameter that is null leaves its column as it is. */
function updateApp(db: Db) {
  const keep = <Name extends keyof AppRecord>(column: Name) =>
    sql<AppRecord[Name]>`coalesce(${param(column)}, ${sql.ref(column)})`;
  const changes = {
    ...{ name: keep('name'), client_secret: keep('client_secret'), secret_key_id: keep('secret_key_id') },
    ...{ secret_version: keep('secret_version'), metadata: keep('metadata'), updated_at: param('updated_at') },
  } satisfies Record<ChangedColumn, unknown>;
  return db
    .updateTable('oauth_apps')
    .set({ ...changes, version: sql`version + 1` })
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account_id'))
    .returning([...appColumns, 'position']);
}

const deleteApp = (db: Db) =>
  db
    .deleteFrom('oauth_apps')
    .where('id', '=', param('id'))
    .where('account_id', '=', param('account_id'))
    .returning('id');

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
  const insertProperties = sql`INSERT INTO oauth_app_properties (account_id, fingerprint, app_position)
    SELECT ${param('account_id')}, value, ${param('position')} FROM (${lists.listText(param('fingerprints'))}) AS list`;
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
    // One statement, so that no two creates pass the quota together.
    takeQuota: db
      .insertInto('accounts')
      .values({ id: param('account_id'), app_count: sql`1` })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ app_count: sql`accounts.app_count + 1` })
          .where('accounts.app_count', '<', param<number>('maxApps')),
      )
      .returning('app_count'),
    releaseQuota: db
      .updateTable('accounts')
      .set({ app_count: sql`app_count - 1` })
      .where('id', '=', param('account_id')),
    insertApp: db
      .insertInto('oauth_apps')
      .values({
        ...{ id: param('id'), account_id: param('account_id'), provider: param('provider'), name: param('name') },
        ...{ client_id: param('client_id'), client_secret: param<Envelope>('client_secret') },
        ...{ secret_key_id: param('secret_key_id'), secret_version: param('secret_version') },
        ...{ metadata: param('metadata'), created_at: param('created_at'), updated_at: param('updated_at') },
        version: param<number>('version'),
      } satisfies Record<keyof AppRecord, unknown>)
      .returning('position'),
    updateApp: updateApp(db),
    updateAppAtVersions: updateApp(db).where(isAtVersions(lists)),
    deleteApp: deleteApp(db),
    deleteAppAtVersions: deleteApp(db).where(isAtVersions(lists)),
    appExists: db
      .selectFrom('oauth_apps')
      .select('id')
      .where('id', '=', param('id'))
      .where('account_id', '=', param('account_id')),
    insertProperties: { compile: () => insertProperties.compile(db) },
    deleteProperties: db.deleteFrom('oauth_app_properties').where('app_position', '=', param<number>('position')),
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
  return mapStatements(statements);
}

/** The statements of reads. */
function compileReads(db: Db) {
  return mapStatements({
    ping: db.selectFrom('accounts').select('id').limit(sql.lit(1)),
    findApp: db
      .selectFrom('oauth_apps')
      .select(appColumns)
      .where('id', '=', param('id'))
      .where('account_id', '=', param('account_id')),
    findToken: db.selectFrom('api_tokens').selectAll().where('hash', '=', param('hash')),
    countResponsesUnderOtherKeys: db
      .selectFrom('idempotency_keys')
      .select((each) => each.fn.countAll<number>().as('count'))
      .where(sql<string>`substr(fingerprint, 1, ${param<number>('length')})`, '<>', param('start')),
    facts: db.selectFrom('installation').selectAll(),
  });
}

/** Builds the query of `Store.listPutBack`. An app begins with version 1, and every update that is audited raises it. */
export const selectPutBack = (operations: Parameters<Store['listPutBack']>[0]) =>
  sql<Pick<AppRecord, 'account_id' | 'id'>>`SELECT app.account_id, app.id FROM oauth_apps app
    JOIN (
      SELECT account_id, app_id, count(CASE operation WHEN ${operations.update} THEN 1 END) AS updates,
        max(CASE operation WHEN ${operations.delete} THEN position END) AS deleted
      FROM audit WHERE operation IN (${operations.update}, ${operations.delete}) GROUP BY account_id, app_id
    ) known ON known.account_id = app.account_id AND known.app_id = app.id
    WHERE app.version <= known.updates OR known.deleted > (
      SELECT coalesce(max(position), 0) FROM audit WHERE operation = ${operations.restore}
    )
    ORDER BY app.position`;

const mapStatements = <Name extends string>(queries: Readonly<Record<Name, Compilable>>) =>
  Object.fromEntries(
    Object.entries<Compilable>(queries).map(([name, query]) => [name, compile(query, name)]),
  ) as Readonly<Record<Name, Statement>>;

/** The columns that a list needs: all, or the secrets alone. */
export type ListColumns = 'all' | 'secrets';

/** Whether a filter has properties: every app has all of none. */
const hasProperties = ({ properties }: AppFilter): boolean => properties !== undefined && properties.length > 0;

/** Builds the statement of a list whose filter has these conditions. */
function compileList(db: Db, lists: Lists, filter: AppFilter, columns: ListColumns, kind: string): Statement {
  const { provider, secret_key_id: keys } = filter;
  const holders = sql<number>`SELECT app_position FROM oauth_app_properties
    WHERE account_id = ${param('account_id')} AND fingerprint IN (${lists.listText(param('properties'))})
    GROUP BY app_position HAVING count(*) = ${param<number>('propertyCount')}`;
  const isIn = keys !== undefined && 'in' in keys ? sql`IN` : sql`NOT IN`;
  return compile(
    db
      .selectFrom('oauth_apps')
      .select(columns === 'all' ? [...appColumns, 'position'] : ['id', 'client_secret', 'position'])
      .where('account_id', '=', param('account_id'))
      .where('position', '>', param<number>('after'))
      .$if(provider !== undefined, (query) => query.where('provider', '=', param('provider')))
      .$if(keys !== undefined, (query) =>
        query.where(sql<boolean>`secret_key_id ${isIn} (${lists.listText(param('secret_key_ids'))})`),
      )
      .$if(hasProperties(filter), (query) => query.where(sql<boolean>`position IN (${holders})`))
      .orderBy('position')
      .limit(param<number>('limit')),
    `list_${kind}`,
  );
}

/** Returns the parameters of the statement of a list. */
export function listParameters({ provider, secret_key_id: keys, properties }: AppFilter): Record<string, Value> {
  return {
    ...(provider !== undefined && { provider }),
    ...(keys !== undefined && { secret_key_ids: JSON.stringify('in' in keys ? keys.in : keys.notIn) }),
    ...(properties?.length && {
      properties: JSON.stringify(properties),
      propertyCount: properties.length,
    }),
  };
}

/** Compiles all statements for a database. Those of lists are compiled at their first use, one for each kind of filter. */
export function compileStatements(db: Db, lists: Lists) {
  const compiled = new Map<string, Statement>();
  return {
    writes: compileWrites(db, lists),
    reads: compileReads(db),
    list(filter: AppFilter, columns: ListColumns): Statement {
      const { provider, secret_key_id: keys } = filter;
      const kind = [columns, provider !== undefined, keys && 'in' in keys, keys && true, hasProperties(filter)].join();
      const statement = compiled.get(kind) ?? compileList(db, lists, filter, columns, kind);
      compiled.set(kind, statement);
      return statement;
    },
  };
}

export type Statements = ReturnType<typeof compileStatements>;
export type WriteStatements = Statements['writes'];
