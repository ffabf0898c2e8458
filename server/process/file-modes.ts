import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
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

/** Lists a folder and those above it. */
function listAbove(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...listAbove(above)];
}

/**
 * Whether other users can replace files in a folder: all of them, or those of its group, unless the group is the one that
 * the owner alone has by the custom of Linux. A sticky bit prevents that.
 */
function isOpen(folder: string): boolean {
  const { mode, uid, gid } = statSync(folder);
  if ((mode & 0o1000) !== 0) return false;
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
}

/**
 * Lists the folders in which other users of the machine can replace files, also those above, and those of symbolic links:
 * a folder that is renamed takes its files along.
 */
function listOpenFolders(files: readonly string[]): string[] {
  if (process.platform === 'win32') return [];
  const folders = new Set(
    files.flatMap((file) => [file, follow(file)]).flatMap((file) => listAbove(dirname(resolve(file)))),
  );
  return [...folders]
    .filter((folder) => existsSync(folder) && isOpen(folder))
    .map((folder) => {
      const mode = showMode(readMode(folder) ?? 0);
      return `Other users of this machine can replace files in ${folder} (mode ${mode}). Run chmod go-w on it.`;
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
    for (const suffix of ['', '-wal', '-shm']) files.push([follow(database) + suffix, follow(database) + suffix]);
  const open = files.flatMap(([file, name]) => {
    const mode = readMode(file);
    if (mode === undefined || (mode & others) === 0) return [];
    return [`Other users of this machine can use the file ${name} (mode ${showMode(mode)}). Run chmod 600 on it.`];
  });
  const named = database === undefined || database === ':memory:' ? [] : [database];
  return [...open, ...listOpenFolders([...files.map(([file]) => file), ...named])];
}
