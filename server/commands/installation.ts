/** The installation that commands work on: a database that is there already, and its keys. */

import { hostname, userInfo } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type KeySource, loadKeys } from '../keys/key-source.ts';
import { listOpenFiles } from '../process/file-modes.ts';
import { describeDatabase, sqliteFile } from '../store/database-url.ts';
import type { AuditEntry, Store } from '../store/store.ts';
import type { CommandInput } from './command.ts';

/** Describes where the keys are, without which no secret opens. */
export function describeKeys(keys: KeySource | undefined): string {
  if (keys === undefined || 'text' in keys) return 'the keys in SECRET_KEYS';
  return keys.isEmbedded ? `the file ${keys.file}` : 'the file that SECRET_KEYS_FILE names';
}

/** Describes the database, a file by its whole path. */
export function describeFile(databaseUrl: string): string {
  const file = sqliteFile(databaseUrl);
  return file === undefined || file === ':memory:' ? describeDatabase(databaseUrl) : `sqlite:${resolve(file)}`;
}

function findUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run a user that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Returns the audit entry of what a command does. */
export const commandAudit = (operation: string, details: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ at: new Date().toISOString(), accountId: '-', tokenId: `command:${findUser()}@${hostname()}`, requestId: '-' },
  ...{ operation, fields: [] },
  ...details,
});

/** The installation that a command works on. */
export interface Installation {
  readonly store: Store;
  readonly config: Config;
  /** Loads the keys. @throws KeyError when they are missing */
  readonly loadKeyRing: () => Promise<KeyRing>;
}

/** The needs of a command, and its messages. */
export interface InstallationOptions {
  /** Whether the command uses the keys. @default false */
  readonly usesKeys?: boolean;
  /** Says which database and keys it uses. @default on standard error, so that standard output has the result alone */
  readonly tell?: (line: string) => unknown;
}

/**
 * Runs work on the installation that the settings name. Makes no database and no keys.
 * @throws StoreMissing when there is none
 */
export async function withInstallation<Result>(
  { readConfig }: CommandInput,
  work: (installation: Installation) => Promise<Result>,
  { usesKeys = false, tell = console.error }: InstallationOptions = {},
): Promise<Result> {
  const config = readConfig();
  const { databaseUrl, keys } = config;
  const { openStore } = await import('../store/open-store.ts');
  const store = await openStore(databaseUrl, {
    ...config,
    replicaUrl: undefined,
    mustExist: true,
    hasWriterThread: false,
  });
  tell(`Database: ${describeFile(databaseUrl)}${usesKeys ? `. Keys: ${describeKeys(keys)}` : ''}.`);
  for (const warning of listOpenFiles({ databaseUrl, keys: usesKeys ? keys : undefined })) tell(warning);
  try {
    return await work({
      ...{ store, config },
      loadKeyRing: () => loadKeys(keys, store, new Date(), { mayCreate: false }),
    });
  } finally {
    await store.close();
  }
}
