/**
 * The writes of the store as generators: each yields the statements that it runs, gets their rows, and returns its
 * result. The writer of a database runs them in a transaction, in another thread or over a network.
 */
import { hash } from 'node:crypto';
import type {
  AppChange,
  AppRecord,
  AuditEntry,
  CreateOptions,
  CreateRecordOptions,
  CreateResult,
  OwnedRecord,
  RecordTable,
  StoredResponse,
  StoreResponse,
  Unwritten,
  WriteOptions,
} from '../store.ts';
import type { RecordStatementName } from './record-statements.ts';
import { toAuditRow } from './rows.ts';
import type { Statement, Value } from './statement.ts';
import type { WriteStatements } from './statements.ts';
import { tokenWrites } from './token-writes.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A statement to run, by its name or as it is, and its parameters. */
export type Call = readonly [
  statement: keyof WriteStatements | Statement,
  parameters: Readonly<Record<string, Value | undefined>>,
];

/** A write that runs its statements one after the other. */
export type Write<Result> = Generator<Call, Result, readonly Row[]>;

/** Rolls a write back without an error; `result` is the result of the write. */
export class Rollback extends Error {
  override readonly name = 'Rollback';
  readonly result: string;
  constructor(result: string) {
    super(result);
    this.result = result;
  }
}

function* insertAudit(entry: AuditEntry): Write<void> {
  yield ['insertAudit', toAuditRow(entry)];
}

/** The statements of fingerprints, which the tables of records with metadata have. */
const fingerprintsOf = (table: RecordTable) =>
  [`${table}.insertProperties`, `${table}.deleteProperties`] as const satisfies RecordStatementName[];

function* insertProperties(
  table: RecordTable,
  account_id: string,
  position: number,
  fingerprints: readonly string[] = [],
): Write<void> {
  if (fingerprints.length === 0) return;
  const [insert] = fingerprintsOf(table);
  yield [insert, { account_id, position, fingerprints: JSON.stringify(fingerprints) }];
}

/** Stores the response to a create under its key. Returns the response that is stored there already, if there is one. */
function* storeResponse(record: OwnedRecord, stored: StoreResponse): Write<StoredResponse | undefined> {
  const { account_id, created_at } = record;
  yield ['removeExpiredResponse', { account_id, key: stored.key, expiredAt: stored.expiredAt }];
  const [inserted] = yield ['storeResponse', { ...stored, account_id, created_at }];
  if (inserted !== undefined) return undefined;
  const [existing] = yield ['findResponse', { account_id, key: stored.key }];
  return existing as object as StoredResponse;
}

function* createRecord(table: RecordTable, record: OwnedRecord, options: CreateRecordOptions): Write<CreateResult> {
  const { properties, max, audit, idempotency } = options;
  const { account_id } = record;
  const stored = idempotency && (yield* storeResponse(record, idempotency));
  if (stored !== undefined) return stored;
  const [account] = max < 1 ? [] : yield [`${table}.takeQuota`, { account_id, max }];
  if (account === undefined) throw new Rollback('full');
  const [inserted] = yield [`${table}.insert`, { ...record }];
  yield* insertProperties(table, account_id, Number(inserted?.position), properties);
  yield* insertAudit(audit);
  return 'created';
}

/** Returns the reason why a write to a record matched no row. */
function* findReason(table: RecordTable, account_id: string, id: string): Write<Unwritten> {
  const [found] = yield [`${table}.exists`, { account_id, id }];
  return found === undefined ? 'missing' : 'changed';
}

/** The fields to replace, of whatever table. */
type Change = { readonly updated_at: string; readonly properties?: readonly string[] };

function* updateRecord(
  table: RecordTable,
  account_id: string,
  id: string,
  { properties, ...change }: Change,
  { audit, versions }: WriteOptions,
): Write<OwnedRecord | Unwritten> {
  const [row] = versions
    ? yield [`${table}.updateAtVersions`, { ...change, account_id, id, versions: JSON.stringify(versions) }]
    : yield [`${table}.update`, { ...change, account_id, id }];
  if (row === undefined) return yield* findReason(table, account_id, id);
  const { position, ...record } = row;
  if (properties) {
    const [, remove] = fingerprintsOf(table);
    yield [remove, { position: Number(position) }];
    yield* insertProperties(table, account_id, Number(position), properties);
  }
  yield* insertAudit(audit);
  return record as object as OwnedRecord;
}

function* deleteRecord(
  table: RecordTable,
  account_id: string,
  id: string,
  { audit, versions }: WriteOptions,
): Write<'deleted' | Unwritten> {
  const [row] = versions
    ? yield [`${table}.deleteAtVersions`, { account_id, id, versions: JSON.stringify(versions) }]
    : yield [`${table}.delete`, { account_id, id }];
  if (row === undefined) return yield* findReason(table, account_id, id);
  yield [`${table}.releaseQuota`, { account_id }];
  yield* insertAudit(audit);
  return 'deleted';
}

/** The writes of apps, which PostgreSQL runs by its function `oauth_apps_write`. */
const appWrites = {
  createApp: (app: AppRecord, { maxApps, ...options }: CreateOptions) =>
    createRecord('oauth_apps', app, { ...options, max: maxApps }),
  updateApp: (account_id: string, id: string, change: AppChange, options: WriteOptions) =>
    updateRecord('oauth_apps', account_id, id, change, options) as Write<AppRecord | Unwritten>,
  deleteApp: (account_id: string, id: string, options: WriteOptions) =>
    deleteRecord('oauth_apps', account_id, id, options),
};

/** Computes the checksum of revealed secrets: equal exactly when the same records have the same envelopes. */
export const checksumSecrets = (rows: readonly object[], secrets: readonly string[]): string => {
  const values = rows.map((row) => ['id', ...secrets].map((column) => (row as Row)[column]));
  return hash('sha256', JSON.stringify(values), 'base64url');
};

/** Records a reveal, if the secrets are still those that were opened. */
function* recordReveal(
  audit: AuditEntry,
  list: Statement,
  parameters: Readonly<Record<string, Value>>,
  secrets: readonly string[],
  checksum: string,
): Write<'recorded' | 'changed'> {
  // First: SQLite rejects the write of a transaction that has read before another one wrote.
  yield* insertAudit(audit);
  const rows = yield [list, parameters];
  if (checksumSecrets(rows, secrets) !== checksum) throw new Rollback('changed');
  return 'recorded';
}

/** Runs a statement with each of the parameters. Returns the number of returned rows. */
function* runEach(statement: Statement, parameters: readonly Readonly<Record<string, Value>>[]): Write<number> {
  let count = 0;
  for (const values of parameters) count += (yield [statement, values]).length;
  return count;
}

/**
 * Removes old rows of the audit, whose triggers reject that otherwise, and records it.
 * @param open The statements that permit changes of the audit, and `close` those that forbid them again.
 */
function* thinAudit(
  before: string,
  expected: number,
  audit: AuditEntry,
  { open, close }: { readonly open: readonly Statement[]; readonly close: readonly Statement[] },
): Write<'thinned' | 'changed'> {
  for (const statement of open) yield [statement, {}];
  const removed = yield ['thinAudit', { before }];
  if (removed.length !== expected) throw new Rollback('changed');
  for (const statement of close) yield [statement, {}];
  yield* insertAudit(audit);
  return 'thinned';
}

function* purgeResponses(before: string): Write<number> {
  return (yield ['purgeResponses', { before }]).length;
}

function* addFacts(facts: ReadonlyMap<string, string>): Write<void> {
  for (const [name, value] of facts) yield ['addFact', { name, value }];
}

/** The writes by name. */
export const writes = {
  ...appWrites,
  ...{ createRecord, updateRecord, deleteRecord, recordReveal, runEach },
  ...tokenWrites,
  ...{ addAudit: insertAudit, thinAudit, purgeResponses, addFacts },
};

export type WriteName = keyof typeof writes;
export type WriteArguments<Name extends WriteName> = Parameters<(typeof writes)[Name]>;
export type WriteResult<Name extends WriteName> =
  ReturnType<(typeof writes)[Name]> extends Write<infer Result> ? Result : never;

/** Starts a write. */
export const startWrite = (name: WriteName, parameters: readonly unknown[]): Write<unknown> =>
  (writes[name] as (...parameters: readonly unknown[]) => Write<unknown>)(...parameters);

/** Runs writes of the store, each in a transaction. Their results are durable when their promises resolve. */
export interface Writer {
  write<Name extends WriteName>(name: Name, ...parameters: WriteArguments<Name>): Promise<WriteResult<Name>>;
  close(): Promise<void>;
}
