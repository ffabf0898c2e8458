/** The records of accounts: their tables, columns, and the methods that all of them have. `store.ts` exports them. */
import type { Envelope, SecretColumns } from './sealed-secrets.ts';
import type { AuditEntry, StoredResponse, StoreResponse } from './store.ts';

/** The columns that every record of an account has. */
export interface OwnedRecord {
  /** Unique, chosen by the caller of the store. */
  readonly id: string;
  readonly account_id: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly created_at: string;
  readonly updated_at: string;
  /** 1 at first, one more with each update. */
  readonly version: number;
}

/** An OAuth app as it is stored. Its names are those of the columns and, where it has them, of the API. */
export interface AppRecord extends OwnedRecord {
  readonly provider: string;
  readonly name: string;
  readonly client_id: string;
  /** The store cannot open it. */
  readonly client_secret: Envelope;
  /** The id of the key that the envelope is sealed under. */
  readonly secret_key_id: string;
  /** A random text that each new secret gets, and that its envelope is bound to. Empty for envelopes of the form `v1`. */
  readonly secret_version: string;
  /** JSON text, returned as it was handed in. */
  readonly metadata: string;
}

/** The columns of an app that an update may replace. */
export type ChangedColumn = 'name' | 'client_secret' | 'secret_key_id' | 'secret_version' | 'metadata' | 'updated_at';

/**
 * The records of accounts by their table: all columns, those that an update may replace, and those that a list filters
 * by. `sql/tables.ts` has the facts about each.
 */
export interface RecordTypes {
  oauth_apps: { record: AppRecord; changed: ChangedColumn; filtered: 'provider' | 'secret_key_id' };
}

export type RecordTable = keyof RecordTypes;
export type RecordOf<Table extends RecordTable> = RecordTypes[Table]['record'];

/** The columns with sealed secrets by table, each with the columns of its key id and of the version that it is bound to. */
export const secretColumns = {
  oauth_apps: { client_secret: { keyId: 'secret_key_id', version: 'secret_version' } },
} as const satisfies { readonly [Table in RecordTable]: SecretColumns<RecordOf<Table>> };

/** The circumstances of the create of a record. */
export interface CreateRecordOptions {
  /** The fingerprints that the filter `properties` matches, for records with metadata. */
  readonly properties?: readonly string[];
  /** The quota of the account: the number of such records that it may hold, this one included. */
  readonly max: number;
  readonly audit: AuditEntry;
  readonly idempotency?: StoreResponse;
}

export interface CreateOptions extends Omit<CreateRecordOptions, 'max'> {
  readonly properties: readonly string[];
  /** The quota of the account: the number of apps that it may hold, this one included. */
  readonly maxApps: number;
}

export type CreateResult = 'created' | 'full' | StoredResponse;

/**
 * The fields to replace; those that are undefined stay. Each has to be named, so that none is forgotten. `properties` goes
 * with metadata.
 */
export type RecordChange<Table extends RecordTable> = {
  readonly [Column in RecordTypes[Table]['changed'] & keyof RecordOf<Table>]: RecordOf<Table>[Column] | undefined;
} & { readonly updated_at: string; readonly properties?: readonly string[] };

export type AppChange = RecordChange<'oauth_apps'> & { readonly properties: readonly string[] | undefined };

/** The circumstances of a write to an existing record. */
export interface WriteOptions {
  readonly audit: AuditEntry;
  /** Left out: the write is unconditional. Otherwise the record has to be at one of these versions. */
  readonly versions?: readonly number[];
}

/** A condition on a column: equal to a text, to one of several, or to none of them. */
export type ColumnFilter = string | { readonly in: readonly string[] } | { readonly notIn: readonly string[] };

/** Conditions that combine with AND; those left out match every record. */
export type RecordFilter<Table extends RecordTable = RecordTable> = {
  readonly [Column in RecordTypes[Table]['filtered']]?: ColumnFilter;
} & {
  /** Records that have all of these property fingerprints. */
  readonly properties?: readonly string[];
};

export type AppFilter = RecordFilter<'oauth_apps'>;

export interface ListRecords<Table extends RecordTable> {
  readonly filter?: RecordFilter<Table>;
  /** The position that an earlier page returned as `next`. */
  readonly after?: number;
  /** The number of records at most. Left out: all. */
  readonly limit?: number;
  /**
   * The mark that `findToken` returned with the token of the request. The list may come from a replica then, and has
   * everything that was committed before that. Left out: the list comes from the primary.
   */
  readonly mark?: number;
}

export type ListOptions = ListRecords<'oauth_apps'>;

export interface RecordPage<Record> {
  /** In the order in which they were created. */
  readonly records: Record[];
  /** The position from which the next page starts; left out on the last page. */
  readonly next?: number;
}

export interface AppPage<App = AppRecord> {
  /** In the order in which they were created. */
  readonly apps: App[];
  /** The position from which the next page starts; left out on the last page. */
  readonly next?: number;
}

/** The circumstances of a reveal. */
export interface RevealOptions<Shown, Record = AppRecord> {
  readonly audit: AuditEntry;
  /** Lists the subjects of the audit entry. Left out: there are none. */
  readonly listSubjects?: (shown: readonly Shown[]) => readonly string[];
  /** Opens the secrets of a record. When it throws, nothing is revealed and no audit entry is written. */
  readonly open: (record: Record) => Shown;
}

/** The records of a table. Every method reaches those of one account. */
export interface Records<Table extends RecordTable> {
  /** Adds a record, unless the account is full or a response is stored under the idempotency key. */
  create(record: RecordOf<Table>, options: CreateRecordOptions): Promise<CreateResult>;
  /** Returns the record of this account with this id, if there is one. */
  find(accountId: string, id: string): Promise<RecordOf<Table> | undefined>;
  /** Lists the records of this account that match. */
  list(accountId: string, options: ListRecords<Table>): Promise<RecordPage<RecordOf<Table>>>;
  /** Lists records with their secrets opened. Audit, read and opening are one transaction. */
  reveal<Shown>(
    accountId: string,
    options: ListRecords<Table>,
    reveal: RevealOptions<Shown, RecordOf<Table>>,
  ): Promise<RecordPage<Shown>>;
  /** Replaces fields and returns the record as it is now. */
  update(
    accountId: string,
    id: string,
    change: RecordChange<Table>,
    options: WriteOptions,
  ): Promise<RecordOf<Table> | Unwritten>;
  /** Removes a record. */
  delete(accountId: string, id: string, options: WriteOptions): Promise<'deleted' | Unwritten>;
}

/** The reason why a write did not happen: the account has no such record, or the record is at none of the versions. */
export type Unwritten = 'missing' | 'changed';
