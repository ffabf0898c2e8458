/** The methods of the store about records, alike for every table. */
import { nextTurn } from '../../event-loop.ts';
import type { ListRecords, RecordOf, RecordPage, Records, RecordTable } from '../store.ts';
import { type ListColumns, listParameters, secretsOf } from './record-statements.ts';
import type { Statement, Value } from './statement.ts';
import type { Statements } from './statements.ts';
import { checksumSecrets, type Writer } from './writes.ts';

/** The limit of a list without one. */
const unlimited = 2 ** 31 - 1;
/** The number of secrets that are opened in a row. */
const openedAtOnce = 50;
/** The number of times that a reveal is read again because the secrets changed meanwhile. */
const maxReveals = 10;

/** Maps a long list step by step, and lets other requests run in between. */
async function mapInTurns<Item, Result>(items: readonly Item[], map: (item: Item) => Result): Promise<Result[]> {
  const results: Result[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % openedAtOnce === 0) await nextTurn();
    results.push(map(item));
  }
  return results;
}

/** Runs a query. With a mark it may run on a replica that has that state. */
type Query = <Result>(
  statement: Statement,
  values: Readonly<Record<string, Value>>,
  accountId: string,
  mark?: number,
) => Promise<Result[]>;
type Run = <Result>(work: () => Promise<Result>) => Promise<Result>;

interface RecordDeps {
  readonly query: Query;
  readonly statements: Statements;
  readonly read: Run;
  readonly write: Run;
  readonly writer: Writer;
}

/** Makes the methods about the records of each table. */
export const recordMethods = ({ query, statements, read, write, writer }: RecordDeps) =>
  function records<Table extends RecordTable>(table: Table): Records<Table> {
    type Options = ListRecords<Table>;
    const listRows = (account_id: string, options: Options, columns: ListColumns, limit: number) => {
      const { filter = {}, after = 0, mark } = options;
      const statement = statements.list(table, filter, columns);
      const values = { ...listParameters(table, filter), account_id, after, limit };
      type Found = RecordOf<Table> & { position: number };
      return { statement, values, rows: () => query<Found>(statement, values, account_id, mark) };
    };
    const list = async (accountId: string, options: Options): Promise<RecordPage<RecordOf<Table>>> => {
      const { limit = unlimited - 1 } = options;
      // One more than requested shows whether another page follows.
      const rows = await listRows(accountId, options, 'all', limit + 1).rows();
      const page = rows.length > limit ? rows.slice(0, limit) : rows;
      const next = rows.length > limit ? page.at(-1)?.position : undefined;
      const found = page.map(({ position: _, ...record }) => record as object as RecordOf<Table>);
      return { records: found, ...(next !== undefined && { next }) };
    };

    return {
      create: (record, options) => write(() => writer.write('createRecord', table, record, options)),
      find: (account_id, id) =>
        read(async () => {
          const find = statements.writes[`${table}.find`];
          return (await query<RecordOf<Table>>(find, { id, account_id }, account_id))[0];
        }),
      list: (accountId, options) => read(() => list(accountId, options)),
      async reveal(accountId, options, { audit, listSubjects, open }) {
        const secrets = secretsOf(table);
        for (let attempt = 1; ; attempt += 1) {
          // From the primary, where the secrets are compared again while the audit is written.
          const page = await read(() => list(accountId, { ...options, mark: undefined }));
          const shown = await mapInTurns(page.records, open);
          const { statement, values } = listRows(accountId, options, 'secrets', options.limit ?? unlimited);
          const checksum = checksumSecrets(page.records, secrets);
          const entry = { ...audit, subjects: listSubjects?.(shown) };
          const result = await write(() => writer.write('recordReveal', entry, statement, values, secrets, checksum));
          if (result === 'recorded') return { ...page, records: shown };
          if (attempt === maxReveals) throw new Error('the secrets change faster than they can be revealed');
        }
      },
      update: (accountId, id, change, options) =>
        write(() => writer.write('updateRecord', table, accountId, id, change, options)) as ReturnType<
          Records<Table>['update']
        >,
      delete: (accountId, id, options) => write(() => writer.write('deleteRecord', table, accountId, id, options)),
    };
  };
