import { ConfigError } from '../config.ts';
import { KeyError } from '../keys/key-ring.ts';
import { DatabaseUrlError } from '../store/database-url.ts';
import { StoreMissing, StoreNotDurable, StoreTooNew, StoreUnavailable } from '../store/store.ts';
import { TransferError } from '../store/transfer/transfer-error.ts';
import { describeError } from './error-facts.ts';

/** The messages for errors that the system raises when the server or a command starts. */
const byCode: Record<string, string> = {
  EADDRINUSE: 'The port is taken. Set PORT to another one, or to 0 for any.',
  EACCES: 'The port may not be used. Set PORT to one above 1023.',
  EADDRNOTAVAIL: 'HOST is not an address of this machine. Set HOST to one that is, such as 127.0.0.1.',
  ENOTFOUND: 'HOST is not known. Set HOST to an address of this machine, such as 127.0.0.1.',
  EAI_AGAIN: 'HOST cannot be looked up. Set HOST to an address of this machine, such as 127.0.0.1.',
  ERR_UNKNOWN_BUILTIN_MODULE: `This needs Node 24 or later; this is ${process.version}.`,
  ERR_SQLITE_ERROR: 'The database file cannot be opened. Look at DATABASE_URL and who may write there.',
};

/** The reasons why PostgreSQL cannot be used, by the codes of the database and of TLS, and what to set. */
const databaseReasons: readonly [code: RegExp, reason: string, remedy: string][] = [
  [/^TLS_UNSUPPORTED$/, 'The database offers no TLS', 'Switch it on there, or set sslmode=disable in DATABASE_URL.'],
  [/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/, 'The certificate of the database has expired', 'Renew it there.'],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'The certificate of the database is for another host',
    'Set the host in DATABASE_URL to one of its names, or set sslmode=verify-ca.',
  ],
  [
    /^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/,
    'The certificate of the database is signed by an unknown authority',
    'Set sslrootcert in DATABASE_URL to the file of its certificate.',
  ],
  [
    /^ERR_SSL_/,
    'The database refused the TLS connection',
    'Set sslcert and sslkey in DATABASE_URL to a certificate that it accepts.',
  ],
  [
    /^28000$/,
    'The database does not admit this user over this connection',
    'Set sslmode, or sslcert and sslkey, in DATABASE_URL as its pg_hba.conf demands.',
  ],
  [
    /^NO_CHANNEL_BINDING$/,
    'The database offers no channel binding',
    'Set channel_binding=prefer in DATABASE_URL, or use TLS and scram-sha-256 there.',
  ],
  [/^25006$/, 'No host of DATABASE_URL takes writes', 'Promote a standby, or add the host of the primary.'],
];

function databaseMessage(code: string): string {
  const [, reason, remedy] = databaseReasons.find(([pattern]) => pattern.test(code)) ?? [];
  return `${reason ?? 'The database does not respond'} (${code}). ${remedy ?? 'Look at DATABASE_URL.'}`;
}

/** Reports an unexpected error by its name, code and places in the code. */
function report(error: unknown): string {
  const { name = 'Error', code, at = [] } = describeError(error);
  const shown = code === undefined ? name : `${name} ${code}`;
  return [`This should not have happened: ${shown}. Please report it with these lines.`, ...at].join('\n');
}

/** Returns the message for an error that ends a command: the reason and what to do, without values that it may quote. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error && error.name === 'WorkerFailed') return 'No worker became ready. Its message is above.';
  if (error instanceof ConfigError || error instanceof DatabaseUrlError || error instanceof TransferError)
    return error.message;
  if (error instanceof StoreMissing)
    return 'There is no database to work on. Look at DATABASE_URL and the folder that this runs in; a server makes the database when it starts.';
  if (error instanceof StoreTooNew)
    return 'The database was made by a newer version of this program. Use that version.';
  if (error instanceof StoreNotDurable)
    return `The database file would not survive a crash (${error.message}). Put it on a disk of this machine.`;
  if (error instanceof StoreUnavailable) return databaseMessage(error.code);
  if (error instanceof KeyError)
    return `The secret keys cannot be used: ${error.message}. Set SECRET_KEYS or SECRET_KEYS_FILE.`;
  return byCode[(error as { code?: string } | undefined)?.code ?? ''] ?? report(error);
}
