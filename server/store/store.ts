/**
 * The interface of the store. Its contract is these comments; every store passes the same tests.
 *
 * A write is atomic, and durable once its promise resolves. A store that cannot respond now (locked, full, unreachable)
 * rejects with `StoreUnavailable`, and then nothing was written, unless the connection broke while the database
 * committed: then the outcome is unknown. Records of one account are never visible to another.
 */

import type {
  AppChange,
  AppPage,
  AppRecord,
  CreateOptions,
  CreateResult,
  ListOptions,
  OwnedRecord,
  Records,
  RecordTable,
  RevealOptions,
  Unwritten,
  WriteOptions,
} from './records.ts';
import type { ResealedSecret, SealedSecret, SecretPage, SecretPosition } from './sealed-secrets.ts';

export * from './records.ts';
export type * from './sealed-secrets.ts';
export * from './store-errors.ts';

/**
 * The audit of one write or reveal: who did what to which fields, without values. Both happen together or not at all.
 * @example
 * const audit: AuditEntry = {
 *   at: new Date().toISOString(),
 *   ...{ accountId: 'acme', tokenId: 't1', requestId: 'r1', operation: 'createOAuthApp', fields: ['name'] },
 * };
 * await store.addAudit(audit);
 */
export interface AuditEntry {
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  /** The id of the account concerned. */
  readonly accountId: string;
  /** The id of the token, or the command or server that did it without one: `command:<user>@<machine>`. */
  readonly tokenId: string;
  /** The id of the request, as in `X-Request-Id`. */
  readonly requestId: string;
  /** The operationId, or the name of a command. */
  readonly operation: string;
  /** Left out where the operation concerns a whole list. */
  readonly appId?: string;
  /** The names of the fields that were written or shown. */
  readonly fields: readonly string[];
  /** The ids of what was concerned, where that is not one app: revealed apps, tokens, keys. */
  readonly subjects?: readonly string[];
}

/**
 * The names that the audit has for operations on single records, and for a restore of the database.
 * @example
 * const operations: AuditedOperations = { updates: ['updateOAuthApp'], deletes: ['deleteOAuthApp'], restore: 'restore' };
 */
export interface AuditedOperations {
  /** The operations that update a record. */
  readonly updates: readonly string[];
  /** The operations that delete a record. */
  readonly deletes: readonly string[];
  /** The operation of a restore. */
  readonly restore: string;
}

/**
 * The response to a create, stored for repeated requests.
 * @example
 * const stored: StoredResponse = { fingerprint: 'k1.digest', response: '{}' };
 */
export interface StoredResponse {
  /** The keyed digest of the request's body, behind the id of its key: `<key id>.<digest>`. */
  readonly fingerprint: string;
  /** The body of the response, as JSON text. */
  readonly response: string;
}

/**
 * A response to store under an idempotency key. One from before `expiredAt` (ISO 8601) is replaced.
 * @example
 * const idempotency: StoreResponse = {
 *   ...{ key: 'k', fingerprint: 'k1.digest', response: '{}', expiredAt: '2026-01-01T00:00:00Z' },
 * };
 */
export interface StoreResponse extends StoredResponse {
  /** The idempotency key. */
  readonly key: string;
  /** ISO 8601. A response from before is replaced. */
  readonly expiredAt: string;
}

/**
 * A token as it is stored: its hash, never itself.
 * @example
 * const token: TokenRecord = {
 *   ...{ id: 't2', accountId: 'acme', hash: hashToken(mintToken()), scopes: ['read'], createdAt: '2026-01-01T00:00:00Z' },
 * };
 * await store.addToken(token);
 */
export interface TokenRecord {
  /** Unique, chosen by the caller of the store. */
  readonly id: string;
  /** The id of the account that the token is for. */
  readonly accountId: string;
  /** SHA-256 of the token, in hex. Unique. */
  readonly hash: string;
  /** The scopes of the token. */
  readonly scopes: readonly string[];
  /** ISO 8601. */
  readonly createdAt: string;
  /** Set once the token is revoked. */
  readonly revokedAt?: string;
  /** The purpose of the token, in the operator's words. */
  readonly name?: string;
  /** The first characters of the token, by which its holder recognises it. */
  readonly prefix?: string;
  /** The setting that the token was given in, such as `API_TOKEN`. A slot has one usable token. */
  readonly slot?: string;
  /** ISO 8601. From then on the token is rejected. Left out: it does not expire. */
  readonly expiresAt?: string;
  /** The day of the last accepted request, `YYYY-MM-DD` in UTC. */
  readonly lastUsedOn?: string;
}

/**
 * A token, with the app of its account that was asked for together with it.
 * @example
 * const found: FoundToken | undefined = await store.findToken(hashToken('unknown'));
 * console.log(found?.accountId); // undefined
 */
export interface FoundToken extends TokenRecord {
  /** The app that was asked for together with the token, where it was found. */
  readonly app?: AppRecord;
  /** The state of the database when the token was found, for `ListOptions.mark`. Only where there is a replica. */
  readonly mark?: number;
}

/** The fact that each restore changes: positions and stored responses of another epoch are of another history. */
export const epochFact = 'epoch';

/**
 * The result of `Store.takeSlot`: the ids of tokens that ended, and what became of the given token.
 * @example
 * const ended = ({ outcome, ended }: SlotResult) => `${outcome}, ${ended.length} tokens ended`;
 */
export interface SlotResult {
  /** The fate of the given token: new, there already, or revoked before. */
  readonly outcome: 'added' | 'known' | 'revoked';
  /** The ids of the tokens that ended. */
  readonly ended: readonly string[];
}

/**
 * Counts a request of a token. Returns the milliseconds until the token may send another when the request is over the
 * limit, otherwise 0. A minute starts with the first request in it.
 *
 * @example
 * const count: CountRequest = await store.countRequests(60);
 * console.log(await count('t1')); // 0
 */
export type CountRequest = (tokenId: string) => Promise<number>;

/**
 * Every method rejects with `StoreUnavailable` when the store cannot respond now.
 * @example
 * const check = async (store: Store) => {
 *   await store.ping();
 *   return store.notices;
 * };
 * console.log((await check(store)).length); // 0
 */
export interface Store {
  /** Facts about the database that its operator should know, as sentences without values. */
  readonly notices: readonly string[];

  /** Resolves when the store can respond. */
  ping(): Promise<void>;

  /** Returns the records of a table. */
  records<Table extends RecordTable>(table: Table): Records<Table>;

  /** Adds an app, unless the account is full or a response is stored under the idempotency key. */
  createApp(app: AppRecord, options: CreateOptions): Promise<CreateResult>;
  /** Returns the app of this account with this id, if there is one. */
  findApp(accountId: string, id: string): Promise<AppRecord | undefined>;
  /** Lists the apps of this account that match. */
  listApps(accountId: string, options?: ListOptions): Promise<AppPage>;
  /** Lists apps with their secrets opened. Audit, read and opening are one transaction. */
  revealApps<App>(accountId: string, options: ListOptions, reveal: RevealOptions<App>): Promise<AppPage<App>>;
  /** Replaces fields and returns the app as it is now. */
  updateApp(accountId: string, id: string, change: AppChange, options: WriteOptions): Promise<AppRecord | Unwritten>;
  /** Removes an app. */
  deleteApp(accountId: string, id: string, options: WriteOptions): Promise<'deleted' | Unwritten>;

  /** Adds a token, with its audit entry if there is one. */
  addToken(token: TokenRecord, audit?: AuditEntry): Promise<void>;
  /** Adds a token unless the database ever had one. Returns whether it was added. */
  addFirstToken(token: TokenRecord, audit: AuditEntry): Promise<boolean>;
  /**
   * Makes a token the one of its slot: adds it unless it is known, and revokes the others of the slot. A token that was
   * revoked stays so, and then nothing changes. What changed is audited in the same transaction.
   */
  takeSlot(token: TokenRecord & { readonly slot: string }, audit: AuditEntry): Promise<SlotResult>;
  /**
   * Returns the token with this hash, revoked or not.
   * @param appId The app that the request of the token is about. Where the database is over a network, the app of the
   *   token's account with this id is found in the same round trip.
   */
  findToken(hash: string, appId?: string): Promise<FoundToken | undefined>;
  /** Lists all tokens, or those of one account, oldest first. */
  listTokens(accountId?: string): Promise<TokenRecord[]>;
  /** Revokes a token at once. Returns false when no valid token has this id. */
  revokeToken(id: string, revokedAt: string, audit?: AuditEntry): Promise<boolean>;
  /** Records the day of the last accepted request of a token. Without such a token nothing happens. */
  recordUse(id: string, day: string): Promise<void>;

  /** Lists the audit of all accounts, or of one, from `since` on and up to `before` (ISO 8601), oldest first. */
  listAudit(filter: { accountId?: string; since?: string; before?: string }): AsyncIterable<AuditEntry>;

  /**
   * Lists the records that were put back outside of the store, by what the audit has of them: more updates than their
   * version counts, or a deletion since the last restore. Reads the whole audit.
   */
  listPutBack(operations: AuditedOperations): Promise<Pick<OwnedRecord, 'account_id' | 'id'>[]>;
  /** Adds an entry to the audit, for what no other write records. */
  addAudit(audit: AuditEntry): Promise<void>;
  /**
   * Removes the audit from before a moment (ISO 8601), and records that in the same transaction.
   * @param expected The number of rows to remove. With another number there, nothing changes.
   */
  thinAudit(before: string, expected: number, audit: AuditEntry): Promise<'thinned' | 'changed'>;

  /** Counts the secrets that are sealed under another key than this one, or in the older form. */
  countSealedUnderOtherKeys(keyId: string): Promise<number>;
  /** Counts the secrets by the id of the key that they are sealed under. */
  countByKey(): Promise<ReadonlyMap<string, number>>;
  /** Reads up to `limit` secrets behind the position `after`. */
  listSecrets(page: SecretPage): Promise<{ secrets: SealedSecret[]; next?: SecretPosition }>;
  /** Reads the secrets of the rows that were created last, up to `limit` of each column. */
  newestSecrets(limit: number): Promise<SealedSecret[]>;
  /** Corrects the key id of a secret, unless its envelope has changed meanwhile. */
  correctKeyId(secret: SealedSecret, keyId: string): Promise<void>;
  /**
   * Reads up to `limit` secrets that are under another key or in the older form, behind the position `after`, and replaces
   * those that `reseal` returns an envelope for, in one transaction. A secret that changes meanwhile stays as it is.
   * Versions and times of apps stay. Returns the number of replaced secrets, and the position to continue from, unless
   * that was the last.
   */
  resealBatch(
    keyId: string,
    page: SecretPage,
    reseal: (secret: SealedSecret) => ResealedSecret | undefined,
  ): Promise<{ resealed: number; next?: SecretPosition }>;

  /** Removes the responses of all accounts that were stored before a moment (ISO 8601). Returns how many. */
  purgeResponses(before: string): Promise<number>;
  /** Counts the stored responses that only another key than this one recognises, by the key id of their fingerprints. */
  countResponsesUnderOtherKeys(keyId: string): Promise<number>;

  /** Reads the facts of the installation whose names begin so. */
  readFacts(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** Adds facts of the installation. One that is there stays as it is. */
  addFacts(facts: ReadonlyMap<string, string>): Promise<void>;

  /**
   * Returns the counter that enforces a limit of requests per minute and token. Where several servers share the
   * database, they count together; otherwise this process counts alone.
   */
  countRequests(requestsPerMinute: number): Promise<CountRequest>;

  /** Returns the present load of this process on the database. */
  load(): StoreLoad;

  /** Closes the connections of the store. */
  close(): Promise<void>;
}

/**
 * The load of a process on the database.
 * @example
 * const { writes }: StoreLoad = store.load();
 * console.log(writes); // 0
 */
export interface StoreLoad {
  /** Writes that are handed over and not done. */
  readonly writes: number;
  /** Open connections, and calls that wait for one; undefined for a database in this process. */
  readonly connections?: number;
  /** Calls that wait for a connection; undefined for a database in this process. */
  readonly waiting?: number;
  /** Lists that the replica served, and those that it was asked for in vain; undefined where there is no replica. */
  readonly replica?: { readonly reads: number; readonly misses: number };
}
