import { statSync } from 'node:fs';
import type { KeySource } from '../keys/key-source.ts';
import { sqliteFile } from '../store/database-url.ts';

/** The files of a process that hold secrets. */
export interface SecretFiles {
  readonly databaseUrl: string;
  readonly keys: KeySource | undefined;
}

/** The bits of a mode that let other users than the owner in. */
const others = 0o077;

function readMode(file: string): number | undefined {
  // Windows has no such modes.
  if (process.platform === 'win32') return undefined;
  return statSync(file, { throwIfNoEntry: false })?.mode;
}

/** Lists the files of keys and database that other users of the machine can read or write, and what to do. */
export function listOpenFiles({ databaseUrl, keys }: SecretFiles): string[] {
  const database = sqliteFile(databaseUrl);
  const files: [file: string, name: string][] = [];
  if (keys !== undefined && 'file' in keys)
    files.push([keys.file, keys.isEmbedded ? keys.file : 'that SECRET_KEYS_FILE names']);
  if (database !== undefined && database !== ':memory:')
    for (const suffix of ['', '-wal']) files.push([database + suffix, database + suffix]);
  return files.flatMap(([file, name]) => {
    const mode = readMode(file);
    if (mode === undefined || (mode & others) === 0) return [];
    const shown = (mode & 0o777).toString(8).padStart(4, '0');
    return [`Other users of this machine can use the file ${name} (mode ${shown}). Run chmod 600 on it.`];
  });
}
