/** The records of accounts: their tables, columns, and the methods that all of them have. `store.ts` exports them. */
import type { Envelope, SecretColumns } from './sealed-secrets.ts';
import type { AuditEntry, StoredResponse, StoreResponse } from './store.ts';

/**
 * The columns that every record of an account has.
 * @example
 * const newest = (records: readonly OwnedRecord[]) => records.at(-1)?.id;
 */
export interface OwnedRecord {
  /** Unique, chosen by the caller of the store. */
  readonly id: string;
  /** The id of the account that owns the record. */
  readonly account_id: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly created_at: string;
  /** The time of the last update, `YYYY-MM-DDTHH:MM:SSZ`; of the create at first. */
  readonly updated_at: string;
  /** 1 at first, one more with each update. */
  readonly version: number;
}

/**
 * An OAuth app as it is stored. Its names are those of the columns and, where it has them, of the API.
 * @example
 * const name = ({ id, name }: AppRecord) => `${name} (${id})`;
 * console.log((await store.listApps('acme')).apps.map(name));
 */
export interface AppRecord extends OwnedRecord {
  /** The provider, as the API has it. */
  readonly provider: string;
  /** The display name. */
  readonly name: string;
  /** The client ID, as the provider issued it. */
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

/**
 * The columns of an app that an update may replace.
 * @example
 * const column: ChangedColumn = 'name';
 */
export type ChangedColumn = 'name' | 'client_secret' | 'secret_key_id' | 'secret_version' | 'metadata' | 'updated_at';

/**
 * The records of accounts by their table: all columns, those that an update may replace, and those that a list filters
 * by. `sql/tables.ts` has the facts about each.
 *
 * @example
 * type Apps = RecordTypes['oauth_apps'];
 */
export interface RecordTypes {
  /** OAuth apps. */
  oauth_apps: { record: AppRecord; changed: ChangedColumn; filtered: 'provider' | 'secret_key_id' };
}

/**
 * The name of a table of records.
 * @example
 * const table: RecordTable = 'oauth_apps';
 */
export type RecordTable = keyof RecordTypes;
/**
 * The record of a table.
 * @example
 * const version = ({ version }: RecordOf<'oauth_apps'>) => version;
 */
export type RecordOf<Table extends RecordTable> = RecordTypes[Table]['record'];

/** The columns with sealed secrets by table, each with the columns of its key id and of the version that it is bound to. */
export const secretColumns = {
  oauth_apps: { client_secret: { keyId: 'secret_key_id', version: 'secret_version' } },
} as const satisfies { readonly [Table in RecordTable]: SecretColumns<RecordOf<Table>> };

/**
 * The circumstances of the create of a record.
 * @example
 * const limit = ({ max }: CreateRecordOptions) => `at most ${max} records`;
 */
export interface CreateRecordOptions {
  /** The fingerprints that the filter `properties` matches, for records with metadata. */
  readonly properties?: readonly string[];
  /** The quota of the account: the number of such records that it may hold, this one included. */
  readonly max: number;
  /** The audit entry of the create. */
  readonly audit: AuditEntry;
  /** The response to store under an idempotency key. Left out: the create has none. */
  readonly idempotency?: StoreResponse;
}

/**
 * The circumstances of a create.
 * @example
 * const limit = ({ maxApps }: CreateOptions) => `at most ${maxApps} apps`;
 */
export interface CreateOptions extends Omit<CreateRecordOptions, 'max'> {
  /** The fingerprints that the filter `properties` matches. */
  readonly properties: readonly string[];
  /** The quota of the account: the number of apps that it may hold, this one included. */
  readonly maxApps: number;
}

/**
 * The result of a create: the account was full, or had a response under the key already.
 * @example
 * const isCreated = (result: CreateResult) => result === 'created';
 */
export type CreateResult = 'created' | 'full' | StoredResponse;

/**
 * The fields to replace; those that are undefined stay. Each has to be named, so that none is forgotten. `properties` goes
 * with metadata.
 *
 * @example
 * const change: RecordChange<'oauth_apps'> = {
 *   ...{ name: 'New', updated_at: '2026-01-02T00:00:00Z', client_secret: undefined, secret_key_id: undefined },
 *   ...{ secret_version: undefined, metadata: undefined },
 * };
 */
export type RecordChange<Table extends RecordTable> = {
  readonly [Column in RecordTypes[Table]['changed'] & keyof RecordOf<Table>]: RecordOf<Table>[Column] | undefined;
} & {
  /** The time of the update, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly updated_at: string;
  /** The fingerprints that the filter `properties` matches, for records with metadata. */
  readonly properties?: readonly string[];
};

/**
 * The change of an app.
 * @example
 * const change: AppChange = {
 *   ...{ name: 'New', updated_at: '2026-01-02T00:00:00Z', client_secret: undefined, secret_key_id: undefined },
 *   ...{ secret_version: undefined, metadata: undefined, properties: undefined },
 * };
 */
export type AppChange = RecordChange<'oauth_apps'> & {
  /** The fingerprints that the filter `properties` matches; undefined where metadata stay. */
  readonly properties: readonly string[] | undefined;
};

/**
 * The circumstances of a write to an existing record.
 * @example
 * const isUnconditional = ({ versions }: WriteOptions) => versions === undefined;
 */
export interface WriteOptions {
  /** The audit entry of the write. */
  readonly audit: AuditEntry;
  /** Left out: the write is unconditional. Otherwise the record has to be at one of these versions. */
  readonly versions?: readonly number[];
}

/**
 * A condition on a column: equal to a text, to one of several, or to none of them.
 * @example
 * const filter: ColumnFilter = { in: ['stripe', 'github'] };
 */
export type ColumnFilter =
  | string
  | {
      /** Texts of which the column has one. */
      readonly in: readonly string[];
    }
  | {
      /** Texts of which the column has none. */
      readonly notIn: readonly string[];
    };

/**
 * Conditions that combine with AND; those left out match every record.
 * @example
 * const filter: RecordFilter<'oauth_apps'> = { provider: 'stripe' };
 */
export type RecordFilter<Table extends RecordTable = RecordTable> = {
  readonly [Column in RecordTypes[Table]['filtered']]?: ColumnFilter;
} & {
  /** Records that have all of these property fingerprints. */
  readonly properties?: readonly string[];
};

/**
 * Conditions on apps.
 * @example
 * const filter: AppFilter = { provider: 'stripe', properties: [] };
 * const { apps } = await store.listApps('acme', { filter });
 */
export type AppFilter = RecordFilter<'oauth_apps'>;

/**
 * The part of a list that is wanted.
 * @example
 * const options: ListRecords<'oauth_apps'> = { limit: 20 };
 */
export interface ListRecords<Table extends RecordTable> {
  /** The conditions on the records. Left out: every record. */
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

/**
 * The part of a list of apps that is wanted.
 * @example
 * const options: ListOptions = { limit: 20 };
 * const { apps, next } = await store.listApps('acme', options);
 */
export type ListOptions = ListRecords<'oauth_apps'>;

/**
 * A page of a list.
 * @example
 * const page: RecordPage<AppRecord> = await store.records('oauth_apps').list('acme', { limit: 20 });
 * console.log(page.records.length, page.next);
 */
export interface RecordPage<Record> {
  /** In the order in which they were created. */
  readonly records: Record[];
  /** The position from which the next page starts; left out on the last page. */
  readonly next?: number;
}

/**
 * A page of a list of apps.
 * @example
 * const page: AppPage = await store.listApps('acme', { limit: 20 });
 * console.log(page.apps.length, page.next);
 */
export interface AppPage<App = AppRecord> {
  /** In the order in which they were created. */
  readonly apps: App[];
  /** The position from which the next page starts; left out on the last page. */
  readonly next?: number;
}

/**
 * The circumstances of a reveal.
 * @example
 * const open: RevealOptions<string>['open'] = ({ id }) => id;
 */
export interface RevealOptions<Shown, Record = AppRecord> {
  /** The audit entry of the reveal. */
  readonly audit: AuditEntry;
  /** Lists the subjects of the audit entry. Left out: there are none. */
  readonly listSubjects?: (shown: readonly Shown[]) => readonly string[];
  /** Opens the secrets of a record. When it throws, nothing is revealed and no audit entry is written. */
  readonly open: (record: Record) => Shown;
}

/**
 * The records of a table. Every method reaches those of one account.
 * @example
 * const apps: Records<'oauth_apps'> = store.records('oauth_apps');
 * console.log(await apps.find('acme', 'unknown')); // undefined
 */
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

/**
 * The reason why a write did not happen: the account has no such record, or the record is at none of the versions.
 * @example
 * const reason: Unwritten = 'missing';
 */
export type Unwritten = 'missing' | 'changed';
