/**
 * What the server needs of a store. Its contract is these comments; every store passes the same tests.
 *
 * Writes are atomic and durable when their promise resolves. A store that cannot answer now (locked, full, gone)
 * rejects with `StoreUnavailable`. Records of one account are never visible to another.
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

/** Fields to replace; those left out stay. `properties` goes with `metadata`. */
export interface AppChange {
  readonly name?: string;
  readonly sealedSecret?: string;
  readonly secretKeyId?: string;
  readonly metadata?: string;
  readonly properties?: readonly string[];
  readonly updatedAt: string;
}

/** Conditions that combine with AND; those left out let every app through. */
export interface AppFilter {
  readonly provider?: string;
  /** Apps sealed under one of these keys, or under none of them. */
  readonly secretKeyId?: { readonly in: readonly string[] } | { readonly notIn: readonly string[] };
  /** Apps that have every one of these property fingerprints. */
  readonly properties?: readonly string[];
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

export interface Store {
  /** Resolves when the store can answer. */
  ping(): Promise<void>;

  /** Adds an app, with the fingerprints that `AppFilter.properties` matches. */
  createApp(app: AppRecord, properties: readonly string[]): Promise<void>;
  /** The app of this account with this id, if there is one. */
  findApp(accountId: string, id: string): Promise<AppRecord | undefined>;
  /** The apps of this account that match, in the order in which they were created. */
  listApps(accountId: string, filter: AppFilter): Promise<AppRecord[]>;
  /** Replaces fields and gives the app back as it is now; undefined when the account has no such app. */
  updateApp(accountId: string, id: string, change: AppChange): Promise<AppRecord | undefined>;
  /** Removes an app. False when the account has no such app. */
  deleteApp(accountId: string, id: string): Promise<boolean>;

  addToken(token: TokenRecord): Promise<void>;
  /** The token with this hash, revoked or not. */
  findToken(hash: string): Promise<TokenRecord | undefined>;
  /** Whether any token can be used. */
  hasToken(): Promise<boolean>;

  close(): Promise<void>;
}

/** The store cannot answer now; the same call may succeed later. Holds the database's code, never its message. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  readonly code: string;
  constructor(code: string) {
    super('the store cannot answer now');
    this.code = code;
  }
}

/** The database was made by a newer version of this program. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}
