import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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

const showMode = (mode: number) => (mode & 0o7777).toString(8).padStart(4, '0');

/** Returns the file that a symbolic link names, because SQLite has its log beside that one. */
const follow = (file: string) => (existsSync(file) ? realpathSync(file) : file);

/** Lists the folders in which every user of the machine can replace files. A sticky bit prevents that. */
function listOpenFolders(files: readonly string[]): string[] {
  const folders = new Set(files.map((file) => dirname(follow(file))));
  return [...folders].flatMap((folder) => {
    const mode = readMode(folder) ?? 0;
    if ((mode & 0o1002) !== 0o002) return [];
    return [
      `Other users of this machine can replace files in ${folder} (mode ${showMode(mode)}). Run chmod 700 on it.`,
    ];
  });
}

/**
 * Lists the files of keys and database that other users of the machine can read, write or replace, and what to do.
 */
export function listOpenFiles({ databaseUrl, keys }: SecretFiles): string[] {
  const database = sqliteFile(databaseUrl);
  const files: [file: string, name: string][] = [];
  if (keys !== undefined && 'file' in keys)
    files.push([keys.file, keys.isEmbedded ? keys.file : 'that SECRET_KEYS_FILE names']);
  if (database !== undefined && database !== ':memory:')
    for (const suffix of ['', '-wal']) files.push([follow(database) + suffix, follow(database) + suffix]);
  const open = files.flatMap(([file, name]) => {
    const mode = readMode(file);
    if (mode === undefined || (mode & others) === 0) return [];
    return [`Other users of this machine can use the file ${name} (mode ${showMode(mode)}). Run chmod 600 on it.`];
  });
  return [...open, ...listOpenFolders(files.map(([file]) => file))];
}
