/** The statements about the records of accounts. They follow from the facts about their tables, and each names the account. */
import { type RawBuilder, sql } from 'kysely';
import type { RecordFilter, RecordTable } from '../store.ts';
import { compile, type Db, type Lists, param } from './compile.ts';
import type { Statement, Value } from './statement.ts';
import { counterColumns, type RecordFacts, recordTables, tables } from './tables.ts';

/** The facts about records of whatever table. */
type AnyFacts = Pick<RecordFacts<RecordTable>, 'counter' | 'fingerprints'> & {
  readonly columns: Readonly<Record<string, 'changed' | 'kept'>>;
  readonly filters: Readonly<Record<string, true>>;
};

const factsOf = (table: RecordTable): AnyFacts => tables[table].record;

/** The columns of the records of a table, in its order. */
export const columnsOf = (table: RecordTable): string[] => Object.keys(factsOf(table).columns);

/** The columns with the secrets of a record. */
export const secretsOf = (table: RecordTable): string[] => Object.keys(tables[table].secrets);

const refs = (names: readonly string[]) => sql.join(names.map((name) => sql.ref(name)));

/** Builds the statements about the records of a table. */
function buildRecords({ listText, listIntegers }: Lists, table: RecordTable) {
  const { columns, counter, fingerprints } = factsOf(table);
  const names = columnsOf(table);
  const [from, held] = [sql.table(table), sql.ref(counter)];
  const ofAccounts = sql.ref(`accounts.${counter}`);
  const isOwn = sql`id = ${param('id')} AND account_id = ${param('account_id')}`;
  const isAtVersions = sql`${isOwn} AND version IN (${listIntegers(param('versions'))})`;
  const changed = Object.entries(columns).flatMap(([name, kind]) => (kind === 'changed' ? [name] : []));
  // A parameter that is null leaves its column as it is.
  const changes = changed.map((name) => sql`${sql.ref(name)} = coalesce(${param(name)}, ${sql.ref(name)})`);
  const update = sql`UPDATE ${from} SET ${sql.join(changes)}, version = version + 1`;
  const returned = sql`RETURNING ${refs([...names, 'position'])}`;
  const counts = counterColumns.map((name) => sql.lit(name === counter ? 1 : 0));
  const position = sql.ref(fingerprints?.position ?? 'position');
  const properties = fingerprints && {
    insertProperties: sql`INSERT INTO ${sql.table(fingerprints.table)} (account_id, fingerprint, ${position})
      SELECT ${param('account_id')}, value, ${param('position')} FROM (${listText(param('fingerprints'))}) AS list`,
    // By the position alone: with the account, SQLite chooses the index of the fingerprints.
    deleteProperties: sql`DELETE FROM ${sql.table(fingerprints.table)}
      WHERE ${position} = ${param('position')}`,
  };
  return {
    find: sql`SELECT ${refs(names)} FROM ${from} WHERE ${isOwn}`,
    exists: sql`SELECT id FROM ${from} WHERE ${isOwn}`,
    insert: sql`INSERT INTO ${from} (${refs(names)}) VALUES (${sql.join(names.map((name) => param(name)))})
      RETURNING position`,
    update: sql`${update} WHERE ${isOwn} ${returned}`,
    updateAtVersions: sql`${update} WHERE ${isAtVersions} ${returned}`,
    delete: sql`DELETE FROM ${from} WHERE ${isOwn} RETURNING id`,
    deleteAtVersions: sql`DELETE FROM ${from} WHERE ${isAtVersions} RETURNING id`,
    // One statement, so that no two creates pass the quota together.
    takeQuota: sql`INSERT INTO accounts (id, ${refs(counterColumns)}) VALUES (${param('account_id')}, ${sql.join(counts)})
      ON CONFLICT (id) DO UPDATE SET ${held} = ${ofAccounts} + 1 WHERE ${ofAccounts} < ${param('max')} RETURNING ${held}`,
    releaseQuota: sql`UPDATE accounts SET ${held} = ${held} - 1 WHERE id = ${param('account_id')}`,
    ...properties,
  } satisfies Record<string, RawBuilder<unknown> | undefined>;
}

/** The name of a statement about the records of a table. */
export type RecordStatementName = `${RecordTable}.${keyof ReturnType<typeof buildRecords>}`;

/** Compiles the statements about the records of all tables. */
export function compileRecords(db: Db, lists: Lists) {
  const compiled = recordTables.flatMap((table) =>
    Object.entries<RawBuilder<unknown> | undefined>(buildRecords(lists, table)).flatMap(([name, query]) =>
      query === undefined
        ? []
        : [[`${table}.${name}`, compile({ compile: () => query.compile(db) }, `${table}_${name}`)]],
    ),
  );
  return Object.fromEntries(compiled) as Readonly<Record<RecordStatementName, Statement>>;
}

/** The columns that a list needs: all, or the secrets alone. */
export type ListColumns = 'all' | 'secrets';

type Conditions = readonly (readonly [column: string, kind: 'is' | 'in' | 'notIn'])[];

/** Lists the conditions of a filter on columns, in the order of their declaration. */
function conditionsOf(table: RecordTable, filter: RecordFilter): Conditions {
  return Object.keys(factsOf(table).filters).flatMap((column) => {
    const condition = filter[column as keyof RecordFilter];
    if (condition === undefined) return [];
    return [[column, typeof condition === 'string' ? 'is' : 'in' in condition ? 'in' : 'notIn'] as const];
  });
}

/** Whether a filter has properties: every record has all of none. */
const hasProperties = ({ properties }: RecordFilter): boolean => properties !== undefined && properties.length > 0;

function buildList({ listText }: Lists, table: RecordTable, filter: RecordFilter, columns: ListColumns) {
  const { fingerprints } = factsOf(table);
  const selected = columns === 'all' ? columnsOf(table) : ['id', ...secretsOf(table)];
  const conditions = conditionsOf(table, filter).map(([column, kind]) => {
    const [name, value] = [sql.ref(column), param(column)];
    if (kind === 'is') return sql`${name} = ${value}`;
    return kind === 'in' ? sql`${name} IN (${listText(value)})` : sql`${name} NOT IN (${listText(value)})`;
  });
  if (fingerprints !== undefined && hasProperties(filter)) {
    const position = sql.ref(fingerprints.position);
    conditions.push(sql`position IN (SELECT ${position} FROM ${sql.table(fingerprints.table)}
      WHERE account_id = ${param('account_id')} AND fingerprint IN (${listText(param('properties'))})
      GROUP BY ${position} HAVING count(*) = ${param('propertyCount')})`);
  }
  const isOwn = sql`account_id = ${param('account_id')} AND position > ${param('after')}`;
  return sql`SELECT ${refs([...selected, 'position'])} FROM ${sql.table(table)}
    WHERE ${sql.join([isOwn, ...conditions], sql` AND `)} ORDER BY position LIMIT ${param('limit')}`;
}

/** Makes the function that compiles the statement of a list at its first use, one for each kind of filter. */
export function listCompiler(db: Db, lists: Lists) {
  const compiled = new Map<string, Statement>();
  return (table: RecordTable, filter: RecordFilter, columns: ListColumns): Statement => {
    const kind = [table, columns, conditionsOf(table, filter).join('-'), hasProperties(filter)].join();
    const known = compiled.get(kind);
    if (known !== undefined) return known;
    const query = buildList(lists, table, filter, columns);
    const statement = compile({ compile: () => query.compile(db) }, `list_${kind}`);
    compiled.set(kind, statement);
    return statement;
  };
}

/** Returns the parameters of the statement of a list. */
export function listParameters(table: RecordTable, filter: RecordFilter): Record<string, Value> {
  const values = conditionsOf(table, filter).map(([column]): [string, Value] => {
    const condition = filter[column as keyof RecordFilter];
    if (typeof condition === 'string') return [column, condition];
    return [column, JSON.stringify(Object.values(condition ?? {})[0])];
  });
  const { properties } = filter;
  return {
    ...Object.fromEntries(values),
    ...(properties?.length && { properties: JSON.stringify(properties), propertyCount: properties.length }),
  };
}
