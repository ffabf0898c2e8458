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
  CreateResult,
  StoredResponse,
  StoreResponse,
  Unwritten,
  WriteOptions,
} from '../store.ts';
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

function* insertProperties(account_id: string, position: number, fingerprints: readonly string[]): Write<void> {
  if (fingerprints.length === 0) return;
  yield ['insertProperties', { account_id, position, fingerprints: JSON.stringify(fingerprints) }];
}

/** Stores the response to a create under its key. Returns the response that is stored there already, if there is one. */
function* storeResponse(app: AppRecord, stored: StoreResponse): Write<StoredResponse | undefined> {
  const { account_id, created_at } = app;
  yield ['removeExpiredResponse', { account_id, key: stored.key, expiredAt: stored.expiredAt }];
  const [inserted] = yield ['storeResponse', { ...stored, account_id, created_at }];
  if (inserted !== undefined) return undefined;
  const [existing] = yield ['findResponse', { account_id, key: stored.key }];
  return existing as object as StoredResponse;
}

function* createApp(app: AppRecord, options: CreateOptions): Write<CreateResult> {
  const { properties, maxApps, audit, idempotency } = options;
  const { account_id } = app;
  const stored = idempotency && (yield* storeResponse(app, idempotency));
  if (stored !== undefined) return stored;
  const [account] = maxApps < 1 ? [] : yield ['takeQuota', { account_id, maxApps }];
  if (account === undefined) throw new Rollback('full');
  const [inserted] = yield ['insertApp', { ...app }];
  yield* insertProperties(account_id, Number(inserted?.position), properties);
  yield* insertAudit(audit);
  return 'created';
}

/** Returns the reason why a write to an app matched no row. */
function* findReason(account_id: string, id: string): Write<Unwritten> {
  const [app] = yield ['appExists', { account_id, id }];
  return app === undefined ? 'missing' : 'changed';
}

function* updateApp(
  account_id: string,
  id: string,
  { properties, ...change }: AppChange,
  { audit, versions }: WriteOptions,
): Write<AppRecord | Unwritten> {
  const [row] = versions
    ? yield ['updateAppAtVersions', { ...change, account_id, id, versions: JSON.stringify(versions) }]
    : yield ['updateApp', { ...change, account_id, id }];
  if (row === undefined) return yield* findReason(account_id, id);
  const { position, ...app } = row;
  if (properties) {
    yield ['deleteProperties', { position: Number(position) }];
    yield* insertProperties(account_id, Number(position), properties);
  }
  yield* insertAudit(audit);
  return app as object as AppRecord;
}

function* deleteApp(account_id: string, id: string, { audit, versions }: WriteOptions): Write<'deleted' | Unwritten> {
  const [row] = versions
    ? yield ['deleteAppAtVersions', { account_id, id, versions: JSON.stringify(versions) }]
    : yield ['deleteApp', { account_id, id }];
  if (row === undefined) return yield* findReason(account_id, id);
  yield ['releaseQuota', { account_id }];
  yield* insertAudit(audit);
  return 'deleted';
}

/** Computes the checksum of revealed secrets: equal exactly when the same apps have the same envelopes. */
export const checksumSecrets = (rows: readonly Row[]): string =>
  hash('sha256', JSON.stringify(rows.map(({ id, client_secret }) => [id, client_secret])), 'base64url');

/** Records a reveal, if the secrets are still those that were opened. */
function* recordReveal(
  audit: AuditEntry,
  list: Statement,
  parameters: Readonly<Record<string, Value>>,
  checksum: string,
): Write<'recorded' | 'changed'> {
  // First: SQLite rejects the write of a transaction that has read before another one wrote.
  yield* insertAudit(audit);
  const rows = yield [list, parameters];
  if (checksumSecrets(rows) !== checksum) throw new Rollback('changed');
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
  ...{ createApp, updateApp, deleteApp, recordReveal, runEach },
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
