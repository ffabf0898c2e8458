/**
 * The interface of the store. Its contract is these comments; every store passes the same tests.
 *
 * A write is atomic, and durable once its promise resolves. A store that cannot answer now (locked, full, unreachable)
 * rejects with `StoreUnavailable`, and then nothing was written, unless the connection broke while the database
 * committed: then the outcome is unknown. Records of one account are never visible to another.
 */

/** An OAuth app as it is stored. Its names are those of the columns and, where it has them, of the API. */
export interface AppRecord {
  /** Unique, chosen by the caller of the store. */
  readonly id: string;
  readonly account_id: string;
  readonly provider: string;
  readonly name: string;
  readonly client_id: string;
  /** The envelope of the sealed secret. The store cannot open it. */
  readonly client_secret: string;
  /** The id of the key that the envelope is sealed under. */
  readonly secret_key_id: string;
  /** JSON text, returned as it was handed in. */
  readonly metadata: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly created_at: string;
  readonly updated_at: string;
  /** 1 at first, one more with each update. */
  readonly version: number;
}

/** The audit of one write or reveal: who did what to which fields, without values. Both happen together or not at all. */
export interface AuditEntry {
  /** ISO 8601 with milliseconds. */
  readonly at: string;
  readonly accountId: string;
  readonly tokenId: string;
  readonly requestId: string;
  readonly operation: string;
  /** Left out where the operation concerns a whole list. */
  readonly appId?: string;
  readonly fields: readonly string[];
}

/** The response to a create, stored for repeated requests. */
export interface StoredResponse {
  /** The keyed digest of the request's body. */
  readonly fingerprint: string;
  /** The body of the response, as JSON text. */
  readonly response: string;
}

/** A response to store under an idempotency key. Responses from before `expiredAt` (ISO 8601) are removed. */
export interface StoreResponse extends StoredResponse {
  readonly key: string;
  readonly expiredAt: string;
}

export interface CreateOptions {
  /** The fingerprints that `AppFilter.properties` matches. */
  readonly properties: readonly string[];
  /** The quota of the account: the number of apps that it may hold, this one included. */
  readonly maxApps: number;
  readonly audit: AuditEntry;
  readonly idempotency?: StoreResponse;
}

export type CreateResult = 'created' | 'full' | StoredResponse;

/** The fields to replace; those left out stay. `properties` goes with `metadata`. */
export interface AppChange {
  readonly name?: string;
  readonly client_secret?: string;
  readonly secret_key_id?: string;
  readonly metadata?: string;
  readonly properties?: readonly string[];
  readonly updated_at: string;
}

/** The circumstances of a write to an existing app. */
export interface WriteOptions {
  readonly audit: AuditEntry;
  /** Left out: the write is unconditional. Otherwise the app has to be at one of these versions. */
  readonly versions?: readonly number[];
}

/** Conditions that combine with AND; those left out match every app. */
export interface AppFilter {
  readonly provider?: string;
  /** Apps whose secret is sealed under one of these keys, or under none of them. */
  readonly secret_key_id?: { readonly in: readonly string[] } | { readonly notIn: readonly string[] };
  /** Apps that have all of these property fingerprints. */
  readonly properties?: readonly string[];
}

export interface ListOptions {
  readonly filter?: AppFilter;
  /** The position that an earlier page returned as `next`. */
  readonly after?: number;
  /** The number of apps at most. Left out: all. */
  readonly limit?: number;
}

export interface AppPage<App = AppRecord> {
  /** In the order in which they were created. */
  readonly apps: App[];
  /** The position from which the next page starts; left out on the last page. */
  readonly next?: number;
}

/** The circumstances of a reveal. */
export interface RevealOptions<App> {
  readonly audit: AuditEntry;
  /** Opens the secret of an app. When it throws, nothing is revealed and no audit entry is written. */
  readonly open: (app: AppRecord) => App;
}

/** A token as it is stored: its hash, never itself. */
export interface TokenRecord {
  readonly id: string;
  readonly accountId: string;
  /** SHA-256 of the token, in hex. Unique. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  /** Set once the token is revoked. */
  readonly revokedAt?: string;
}

/** A token, with the app of its account that was asked for together with it. */
export interface FoundToken extends TokenRecord {
  readonly app?: AppRecord;
}

/** A sealed secret with its binding, for the rotation of keys. */
export type SealedSecret = Pick<AppRecord, 'account_id' | 'id' | 'client_secret'>;

/**
 * Counts a request of a token. Returns the milliseconds until the token may send another when the request is over the
 * limit, otherwise 0. A minute starts with the first request in it.
 */
export type CountRequest = (tokenId: string) => Promise<number>;

/** Every method rejects with `StoreUnavailable` when the store cannot answer now. */
export interface Store {
  /** Facts about the database that its operator should know, as sentences without values. */
  readonly notices: readonly string[];

  /** Resolves when the store can answer. */
  ping(): Promise<void>;

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

  addToken(token: TokenRecord): Promise<void>;
  /**
   * Returns the token with this hash, revoked or not.
   * @param appId The app that the request of the token is about. Where the database is over a network, the app of the
   *   token's account with this id is found in the same round trip.
   */
  findToken(hash: string, appId?: string): Promise<FoundToken | undefined>;
  /** Lists all tokens, or those of one account, oldest first. */
  listTokens(accountId?: string): Promise<TokenRecord[]>;
  /** Revokes a token at once. Returns false when no valid token has this id. */
  revokeToken(id: string, revokedAt: string): Promise<boolean>;

  /** Lists the audit of all accounts, or of one, from `since` (ISO 8601) on, oldest first. */
  listAudit(filter: { accountId?: string; since?: string }): AsyncIterable<AuditEntry>;

  /** Counts the secrets that are sealed under another key than this one. */
  countSealedUnderOtherKeys(keyId: string): Promise<number>;
  /**
   * Reads up to `limit` secrets that are under another key, behind the position `after`, and replaces those that
   * `reseal` returns an envelope for, in one transaction. A secret that changes meanwhile stays as it is. Versions and
   * times stay. Returns the number of replaced secrets, and the position to continue from, unless that was the last.
   */
  resealBatch(
    keyId: string,
    page: { after: number; limit: number },
    reseal: (secret: SealedSecret) => string | undefined,
  ): Promise<{ resealed: number; next?: number }>;

  /**
   * Returns the counter that enforces a limit of requests per minute and token. Where several servers share the
   * database, they count together; otherwise this process counts alone.
   */
  countRequests(requestsPerMinute: number): Promise<CountRequest>;

  close(): Promise<void>;
}

/** The reason why a write did not happen: the account has no such app, or the app is at none of the versions. */
export type Unwritten = 'missing' | 'changed';

/** The store cannot answer now; the same call may succeed later. Holds the database's code, never its message. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: string;
  /** Whether the database is well and only another transaction was in the way for too long. */
  readonly isContended: boolean;
  constructor(code: string, isContended = false) {
    super('the store cannot answer now');
    this.code = code;
    this.isContended = isContended;
  }
}

/** The database does not keep acknowledged writes through a crash. Names the setting that shows it. */
export class StoreNotDurable extends Error {
  override readonly name = 'StoreNotDurable';
}

/** A newer version of this program made the database. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}
