/** Records of any table, as its declaration in `server/store/sql/tables.ts` describes them. A new table needs nothing here. */
import { tables } from '../../server/store/sql/tables.ts';
import type {
  CreateRecordOptions,
  ListRecords,
  OwnedRecord,
  RecordChange,
  RecordOf,
  RecordPage,
  Records,
  RecordTable,
  Store,
} from '../../server/store/store.ts';
import { audit } from './records.ts';

/** The declaration of any table of records. */
interface Declaration {
  readonly columns: Readonly<Record<string, 'kept' | 'changed'>>;
  readonly filters: object;
  readonly fingerprints?: object;
}

type AnyRecord = RecordOf<RecordTable>;
/** Values by column. Every column but the version holds text. */
export type Columns = Readonly<Record<string, string | number>>;

/** A table of records, with what the cases need to know about it. */
export interface RecordKind {
  readonly table: RecordTable;
  /** The method of the store, as messages name it. */
  readonly method: string;
  /** The columns that an update may replace, but for the time of the update. */
  readonly changed: readonly string[];
  readonly filters: readonly string[];
  /** The columns of secrets, each with that of its key id. */
  readonly secrets: readonly { readonly envelope: string; readonly keyId: string; readonly version: string }[];
  /** Whether lists filter by properties. */
  readonly hasProperties: boolean;
  open(store: Store): Records<RecordTable>;
  /** Returns a new record of the account `acme`. */
  make(columns?: Columns): AnyRecord;
  /** Returns the change of the given columns; all others stay. */
  changeOf(columns?: Columns): RecordChange<RecordTable>;
}

let made = 0;

const declared = (Object.keys(tables) as (keyof typeof tables)[]).filter((name) => tables[name].record !== undefined);

/** Every table of records. */
export const recordKinds: readonly RecordKind[] = (declared as RecordTable[]).map((table): RecordKind => {
  const { columns, filters, fingerprints }: Declaration = tables[table].record;
  const names = Object.keys(columns);
  const texts = names.map((name) => [name, `${name} 1`]);
  const changed = names.filter((name) => columns[name] === 'changed');
  return {
    table,
    method: `records('${table}')`,
    changed: changed.filter((name) => name !== 'updated_at'),
    filters: Object.keys(filters),
    secrets: Object.entries(tables[table].secrets).map(([envelope, { keyId, version }]) => ({
      ...{ envelope, keyId, version },
    })),
    hasProperties: fingerprints !== undefined,
    open: (store) => store.records(table),
    make(own = {}) {
      const fixed = { id: `record-${++made}`, account_id: 'acme', version: 1 };
      const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
      return { ...Object.fromEntries(texts), ...fixed, ...times, ...own } as object as AnyRecord;
    },
    changeOf(own = {}) {
      const unchanged = Object.fromEntries(changed.map((name) => [name, undefined]));
      return { ...unchanged, updated_at: '2026-01-02T00:00:00Z', ...own } as object as RecordChange<RecordTable>;
    },
  };
});

export const createOptions = (change: Partial<CreateRecordOptions> = {}): CreateRecordOptions => ({
  max: 100,
  audit,
  ...change,
});

/** Creates records one after the other and returns them. */
export async function createRecords(
  { open, make }: RecordKind,
  store: Store,
  all: readonly Columns[],
): Promise<AnyRecord[]> {
  const records = all.map((columns) => make(columns));
  for (const record of records) await open(store).create(record, createOptions());
  return records;
}

export const idsOf = ({ records }: RecordPage<OwnedRecord>): string[] => records.map(({ id }) => id);

/** Lists the ids of records of the account `acme`. */
export const listRecordIds = async (
  { open }: RecordKind,
  store: Store,
  options: ListRecords<RecordTable> = {},
): Promise<string[]> => idsOf(await open(store).list('acme', options));
