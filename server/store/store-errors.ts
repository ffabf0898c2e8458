/** The errors of the store, which `store.ts` exports with its interface. */

/**
 * The store cannot respond now; the same call may succeed later. Holds the database's code, never its message.
 * @example
 * const ping = async () => {
 *   throw new StoreUnavailable('ECONNREFUSED'); // becomes a 503
 * };
 */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
  /** The code of the reason, such as an SQLSTATE. It holds no value. */
  readonly code: string;
  /** Whether the database is well and only another transaction was in the way for too long. */
  readonly isContended: boolean;
  constructor(code: string, isContended = false) {
    super('the store cannot respond now');
    this.code = code;
    this.isContended = isContended;
  }
}

/** The database does not keep acknowledged writes through a crash. Names the setting that shows it. */
export class StoreNotDurable extends Error {
  override readonly name = 'StoreNotDurable';
}

/** There is no database where one was expected to be. */
export class StoreMissing extends Error {
  override readonly name = 'StoreMissing';
}

/** A newer version of this program made the database. */
export class StoreTooNew extends Error {
  override readonly name = 'StoreTooNew';
}
