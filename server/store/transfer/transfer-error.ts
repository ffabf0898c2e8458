/** A failed backup or transfer. The message says in sentences why it failed and what to do; it holds no password. */
export class TransferError extends Error {
  override readonly name: string = 'TransferError';
}

/** The file to copy is no database of this program. */
export class NoInstallation extends TransferError {
  override readonly name = 'NoInstallation';
  constructor() {
    super('The database holds no installation. Look at DATABASE_URL.');
  }
}

/** The database is in use by another process. */
export class DatabaseInUse extends TransferError {
  override readonly name = 'DatabaseInUse';
}
