/**
 * What the server needs of a store. Its contract is these comments; every store passes the same tests.
 *
 * Writes are atomic and durable when their promise resolves. A store that cannot answer now (locked, full, gone)
 * rejects with `StoreUnavailable`, and then nothing was written, unless the database went away in the very moment of
 * committing: then nobody knows. Records of one account are never visible to another.
 */

/** An OAuth app as it is kept. The secret is an envelope; the store cannot open it. */
export interface AppRecord {
  /** Unique, chosen by the caller. */
  readonly id: string;
  readonly accountId: string;
  readonly provider: string;
  readonly name: string;
  readonly clientId: string;
  /** The envelope of the client secret. */
  readonly sealedSecret: string;
  /** The id of the key that the envelope is sealed under. */
  readonly secretKeyId: string;
  /** JSON text, given back as it was handed in. */
  readonly metadata: string;
  /** `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** 1 at first, one more with each update. */
  readonly version: number;
}

/** Who did what to which fields; never a value. A write or reveal and its entry happen together, or not at all. */
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

/** The answer that is kept for a repeated create. */
export interface KeptAnswer {
  /** Tells whether two bodies are the same. */
  readonly fingerprint: string;
  /** The answer, as text. */
  readonly answer: string;
}

export interface CreateOptions {
  /** The fingerprints that `AppFilter.properties` matches. */
  readonly properties: readonly string[];
  /** How many apps the account may hold, this one included. */
  readonly maxApps: number;
  readonly audit: AuditEntry;
  /** Keeps the answer under a key; keys from before `expiredAt` (ISO 8601) are forgotten. */
  readonly idempotency?: KeptAnswer & { readonly key: string; readonly expiredAt: string };
}

export type CreateResult = 'created' | 'full' | KeptAnswer;

/** Fields to replace; those left out stay. `properties` goes with `metadata`. */
export interface AppChange {
  readonly name?: string;
  readonly sealedSecret?: string;
  readonly secretKeyId?: string;
  readonly metadata?: string;
  readonly properties?: readonly string[];
  readonly updatedAt: string;
}

/** What goes with a write to an app that exists. */
export interface WriteOptions {
  readonly audit: AuditEntry;
  /** Write only if the app is at one of these versions. */
  readonly versions?: readonly number[];
}

/** Conditions that combine with AND; those left out let every app through. */
export interface AppFilter {
  readonly provider?: string;
  /** Apps sealed under one of these keys, or under none of them. */
  readonly secretKeyId?: { readonly in: readonly string[] } | { readonly notIn: readonly string[] };
  /** Apps that have every one of these property fingerprints. */
  readonly properties?: readonly string[];
}

export interface ListOptions {
  readonly filter?: AppFilter;
  /** The place that a page before gave as `next`. */
  readonly after?: number;
  /** How many apps at most. Without it, all. */
  readonly limit?: number;
}

export interface AppPage<App = AppRecord> {
  /** In the order in which they were created. */
  readonly apps: App[];
  /** Where the next page begins, if one follows. */
  readonly next?: number;
}

/** What goes with a look at full secrets. */
export interface RevealOptions<App> {
  readonly audit: AuditEntry;
  /** Opens the secret of an app. When it throws, nothing is revealed, and nothing is recorded as if it were. */
  readonly open: (app: AppRecord) => App;
}

/** A token as it is kept: its hash, never itself. */
export interface TokenRecord {
  readonly id: string;
  readonly accountId: string;
  /** SHA-256 of the token, in hex. Unique. */
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  /** Set once the token was revoked. */
  readonly revokedAt?: string;
}

/** A sealed secret and its place, for a change of keys. */
export interface SealedSecret {
  readonly accountId: string;
  readonly id: string;
  readonly sealedSecret: string;
}

/**
 * Counts a request of a token, and gives the milliseconds until it may send another when that is one too many; 0
 * otherwise. A minute begins with the first request in it.
 */
export type CountRequest = (tokenId: string) => Promise<number>;

export interface Store {
  /** Resolves when the store can answer. */
  ping(): Promise<void>;

  /** Adds an app, unless the account is full or the idempotency key has an answer already. */
  createApp(app: AppRecord, options: CreateOptions): Promise<CreateResult>;
  /** The app of this account with this id, if there is one. */
  findApp(accountId: string, id: string): Promise<AppRecord | undefined>;
  /** The apps of this account that match. */
  listApps(accountId: string, options?: ListOptions): Promise<AppPage>;
  /** The same with their secrets opened: recorded, read and opened in one transaction, or not at all. */
  revealApps<App>(accountId: string, options: ListOptions, reveal: RevealOptions<App>): Promise<AppPage<App>>;
  /** Replaces fields and gives the app back as it is now. */
  updateApp(accountId: string, id: string, change: AppChange, options: WriteOptions): Promise<AppRecord | Unwritten>;
  /** Removes an app. */
  deleteApp(accountId: string, id: string, options: WriteOptions): Promise<'deleted' | Unwritten>;

  addToken(token: TokenRecord): Promise<void>;
  /** The token with this hash, revoked or not. */
  findToken(hash: string): Promise<TokenRecord | undefined>;
  /** All tokens, or those of one account, oldest first. */
  listTokens(accountId?: string): Promise<TokenRecord[]>;
  /** Revokes a token at once. False when there is none with this id that can still be used. */
  revokeToken(id: string, revokedAt: string): Promise<boolean>;

  /** The audit of all accounts, or of one, from `since` (ISO 8601) on, oldest first. */
  listAudit(filter: { accountId?: string; since?: string }): AsyncIterable<AuditEntry>;

  /** How many secrets are sealed under another key than this one. */
  countSealedUnderOtherKeys(keyId: string): Promise<number>;
  /**
   * Looks at up to `limit` secrets that are under another key, past the place `after`, and replaces those that
   * `reseal` gives an envelope for, in one transaction. A secret that is changed meanwhile is left alone. Versions and
   * times stay. Gives the number of secrets replaced, and the place to go on from unless that was all.
   */
  resealBatch(
    keyId: string,
    page: { after: number; limit: number },
    reseal: (secret: SealedSecret) => string | undefined,
  ): Promise<{ resealed: number; next?: number }>;

  /**
   * Counts requests, so many a minute for each token: together with the other servers on the database where that is made
   * for several, otherwise in this process.
   */
  countRequests(requestsPerMinute: number): Promise<CountRequest>;

  close(): Promise<void>;
}

/** Why a write did not happen: the account has no such app, or the app is at none of the versions. */
export type Unwritten = 'missing' | 'changed';

/** The store cannot answer now; the same call may succeed later. Holds the database's code, never its message. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: string;
  /** Whether the database is well and only somebody else was in the way for too long. */
  readonly isContended: boolean;
  constructor(code: string, isContended = false) {
    super('the store cannot answer now');
    this.code = code;
    this.isContended = isContended;
  }
}

/** The database does not keep what it acknowledged through a crash. Names the setting that says so. */
export class StoreNotDurable extends Error {
  override readonly name = 'StoreNotDurable';
}

/** The database was made by a newer version of this program. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}
