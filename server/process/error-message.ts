import { ConfigError } from '../config.ts';
import { describeError } from '../describe-error.ts';
import { KeyError } from '../keys/key-ring.ts';
import { CopyError } from '../store/transfer/transfer-error.ts';
import { StoreNotDurable, StoreTooNew, StoreUnavailable } from '../store/store.ts';

/** Messages for errors that the system raises when the server or a command starts. */
const byCode: Record<string, string> = {
  EADDRINUSE: 'The port is taken. Set PORT to another one, or to 0 for any.',
  EACCES: 'The port may not be used. Set PORT to one above 1023.',
  EADDRNOTAVAIL: 'HOST is not an address of this machine. Set HOST to one that is, such as 127.0.0.1.',
  ENOTFOUND: 'HOST is not known. Set HOST to an address of this machine, such as 127.0.0.1.',
  EAI_AGAIN: 'HOST cannot be looked up. Set HOST to an address of this machine, such as 127.0.0.1.',
  ERR_UNKNOWN_BUILTIN_MODULE: `This needs Node 24 or later; this is ${process.version}.`,
  ERR_SQLITE_ERROR: 'The database file cannot be opened. Look at DATABASE_URL and who may write there.',
};

/** A fault that nobody foresaw: its name, code and places in the code. */
function report(error: unknown): string {
  const { name = 'Error', code, at = [] } = describeError(error);
  const what = code === undefined ? name : `${name} ${code}`;
  return [`This should not have happened: ${what}. Please report it with these lines.`, ...at].join('\n');
}

/** Why a command cannot run, in words that say what to do. Says nothing that an error may quote. */
export function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CopyError) return error.message;
  if (error instanceof StoreTooNew)
    return 'The database was made by a newer version of this program. Use that version.';
  if (error instanceof StoreNotDurable)
    return `The database file would not survive a crash (${error.message}). Put it on a disk of this machine.`;
  if (error instanceof StoreUnavailable) return `The database does not answer (${error.code}). Look at DATABASE_URL.`;
  if (error instanceof KeyError)
    return `The secret keys cannot be used: ${error.message}. Set SECRET_KEYS or SECRET_KEYS_FILE.`;
  return byCode[(error as { code?: string } | undefined)?.code ?? ''] ?? report(error);
}
