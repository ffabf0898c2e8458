/** Queries about the sealed secrets of all tables. */
import { type Kysely, sql } from 'kysely';
import type { ResealedSecret, SealedSecret, SecretPage, Store } from '../store.ts';
import { compile, param } from './compile.ts';
import type { Schema } from './schema.ts';
import type { Statement, Value } from './statement.ts';
import { type SecretSource, secretSources } from './tables.ts';
import type { Writer } from './writes.ts';

/** Compiles the statements about one column of secrets. */
function compileSource(db: Kysely<Schema>, { table, column, keyId, version }: SecretSource) {
  const [from, envelope, key, bound] = [sql.table(table), sql.ref(column), sql.ref(keyId), sql.ref(version)];
  const isUnderOtherKey = sql`(${key} <> ${param('key_id')} OR ${bound} = '')`;
  const isUnchanged = sql`id = ${param('id')} AND account_id = ${param('account_id')} AND ${envelope} = ${param('envelope')}`;
  const rows = sql`SELECT position, id, account_id, ${envelope} AS envelope, ${key} AS key_id, ${bound} AS version
    FROM ${from}`;
  const isBehind = sql`position > ${param<number>('after')}`;
  const limit = sql`LIMIT ${param<number>('limit')}`;
  const statements = {
    countUnderOtherKeys: sql`SELECT count(*) AS count FROM ${from} WHERE ${isUnderOtherKey}`,
    countByKey: sql`SELECT ${key} AS key_id, count(*) AS count FROM ${from} GROUP BY ${key}`,
    all: sql`${rows} WHERE ${isBehind} ORDER BY position ${limit}`,
    newest: sql`${rows} ORDER BY position DESC ${limit}`,
    underOtherKeys: sql`${rows} WHERE ${isUnderOtherKey} AND ${isBehind} ORDER BY position ${limit}`,
    correctKeyId: sql`UPDATE ${from} SET ${key} = ${param('key_id')} WHERE ${isUnchanged}`,
    reseal: sql`UPDATE ${from} SET ${envelope} = ${param('resealed')}, ${key} = ${param('key_id')},
      ${bound} = ${param('version')} WHERE ${isUnchanged} RETURNING id`,
  };
  const compiled = Object.entries(statements).map(([name, each]) => [
    name,
    compile({ compile: () => each.compile(db) }),
  ]);
  return Object.fromEntries(compiled) as Readonly<Record<keyof typeof statements, Statement>>;
}

type Query = <Row>(statement: Statement, values: Readonly<Record<string, Value>>) => Promise<Row[]>;
type Run = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Compiles the statements about the secrets of all tables, each with the column that it is about. */
export const compileSecrets = (db: Kysely<Schema>) =>
  secretSources.map((source) => ({ source, statements: compileSource(db, source) }));

/** Makes the methods of the store about sealed secrets. They treat every column of secrets alike. */
export function secretMethods(
  db: Kysely<Schema>,
  query: Query,
  { read, write }: { read: Run; write: Run },
  writer: Writer,
) {
  const sources = compileSecrets(db);
  type Source = (typeof sources)[number];
  type Found = Omit<SealedSecret, 'table' | 'column'> & { readonly position: number };

  const toSecret = ({ source: { table, column } }: Source, { position: _, ...found }: Found): SealedSecret => ({
    ...{ table, column },
    ...found,
  });

  /** Reads a page of one column: the rest of it, or as many as wanted. */
  async function readPage(
    name: 'all' | 'underOtherKeys',
    { after = { source: 0, position: 0 }, limit }: SecretPage,
    values: Readonly<Record<string, Value>> = {},
  ) {
    const source = sources[after.source];
    if (source === undefined) return { secrets: [] };
    const found = await read(() => query<Found>(source.statements[name], { ...values, after: after.position, limit }));
    const isLast = found.length < limit;
    const next = isLast
      ? { source: after.source + 1, position: 0 }
      : { source: after.source, position: Number(found.at(-1)?.position) };
    const secrets = found.map((row) => toSecret(source, row));
    return next.source < sources.length ? { secrets, next } : { secrets };
  }

  const statementsOf = ({ table, column }: Pick<SealedSecret, 'table' | 'column'>) => {
    const found = sources.find(({ source }) => source.table === table && source.column === column);
    if (found === undefined) throw new TypeError('the store has no such secrets');
    return found.statements;
  };

  return {
    async countSealedUnderOtherKeys(key_id) {
      let total = 0;
      for (const { statements } of sources) {
        const [row] = await read(() => query<{ count: number }>(statements.countUnderOtherKeys, { key_id }));
        total += Number(row?.count);
      }
      return total;
    },
    async countByKey() {
      const counts = new Map<string, number>();
      for (const { statements } of sources) {
        const rows = await read(() => query<{ key_id: string; count: number }>(statements.countByKey, {}));
        for (const { key_id, count } of rows) counts.set(key_id, (counts.get(key_id) ?? 0) + Number(count));
      }
      return counts;
    },
    listSecrets: (page) => readPage('all', page),
    async newestSecrets(limit) {
      const newest = sources.map(async (source) =>
        (await read(() => query<Found>(source.statements.newest, { limit }))).map((row) => toSecret(source, row)),
      );
      return (await Promise.all(newest)).flat();
    },
    async correctKeyId(secret, key_id) {
      const { id, account_id, envelope } = secret;
      await write(() =>
        writer.write('runEach', statementsOf(secret).correctKeyId, [{ id, account_id, envelope, key_id }]),
      );
    },
    async resealBatch(key_id, page, reseal) {
      const { secrets, next } = await readPage('underOtherKeys', page, { key_id });
      const changes = secrets.flatMap((secret) => {
        const resealed: ResealedSecret | undefined = reseal(secret);
        if (resealed === undefined) return [];
        const { id, account_id, envelope } = secret;
        return [{ id, account_id, envelope, key_id, resealed: resealed.envelope, version: resealed.version }];
      });
      const [first] = secrets;
      const resealed =
        first === undefined ? 0 : await write(() => writer.write('runEach', statementsOf(first).reseal, changes));
      return { resealed, ...(next !== undefined && { next }) };
    },
  } satisfies Partial<Store>;
}
