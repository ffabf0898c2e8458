/** Sealed secrets as the store holds them, of whatever table. `store.ts` exports them with its interface. */

declare const sealed: unique symbol;

/**
 * A sealed secret. Only the key ring makes one, so that a column of this type takes no secret in clear.
 * @example
 * const envelope: Envelope = keyRing.seal('secret', { accountId: 'acme', rowId: 'x', column: 'client_secret' });
 */
export type Envelope = string & { readonly [sealed]: true };

/** The columns of a row that hold sealed secrets, by their type, each with the names of the columns beside it. */
export type SecretColumns<Row> = {
  readonly [Name in keyof Row as Row[Name] extends Envelope ? Name : never]: {
    /** The column with the id of the key that the secret is sealed under. */
    readonly keyId: keyof Row & string;
    /** The column with the version that the envelope is bound to. */
    readonly version: keyof Row & string;
  };
};

/**
 * A sealed secret of any table, with its binding.
 * @example
 * const { secrets } = await store.listSecrets({ limit: 10 });
 * const show = ({ table, column, key_id }: SealedSecret) => `${table}.${column} under ${key_id}`;
 * console.log(secrets.map(show));
 */
export interface SealedSecret {
  /** The table of the row. */
  readonly table: string;
  /** The column of the envelope. */
  readonly column: string;
  /** The account of the row. */
  readonly account_id: string;
  /** The id of the row. */
  readonly id: string;
  /** The sealed secret itself. */
  readonly envelope: Envelope;
  /** The id of the key that the envelope is sealed under. */
  readonly key_id: string;
  /** The version that the envelope is bound to. Empty for envelopes of the form `v1`. */
  readonly version: string;
}

/**
 * A secret that is sealed anew.
 * @example
 * const envelope = keyRing.seal('secret', { accountId: 'acme', rowId: 'x', column: 'client_secret', version: 'v' });
 * const resealed: ResealedSecret = { envelope, version: 'v' };
 */
export type ResealedSecret = Pick<SealedSecret, 'envelope' | 'version'>;

/**
 * A position in the secrets of all tables: the number of the column, and the position of the row.
 * @example
 * const after: SecretPosition = { source: 0, position: 20 };
 * const page = await store.listSecrets({ after, limit: 10 });
 */
export interface SecretPosition {
  /** The number of the column among all columns with secrets. */
  readonly source: number;
  /** The position of the row in its table. */
  readonly position: number;
}

/**
 * A page of secrets.
 * @example
 * const page: SecretPage = { limit: 10 };
 * const { secrets, next } = await store.listSecrets(page);
 */
export interface SecretPage {
  /** The position that an earlier page returned as `next`. Left out: the first. */
  readonly after?: SecretPosition;
  /** The number of secrets at most. */
  readonly limit: number;
}
