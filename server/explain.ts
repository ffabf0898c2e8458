import { ConfigError } from './config.ts';
import { KeyError } from './secrets.ts';
import { StoreTooNew, StoreUnavailable } from './store/store.ts';

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

/** Why a command cannot run, in words that say what to do; undefined for a fault that nobody foresaw. */
export function explain(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof StoreTooNew)
    return 'The database was made by a newer version of this program. Use that version.';
  if (error instanceof StoreUnavailable) return `The database does not answer (${error.code}). Look at DATABASE_URL.`;
  if (error instanceof KeyError)
    return `The secret keys cannot be used: ${error.message}. Set SECRET_KEYS or SECRET_KEYS_FILE.`;
  return byCode[(error as { code?: string } | undefined)?.code ?? ''];
}
