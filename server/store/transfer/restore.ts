import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, linkSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { toAuditRow } from '../sql/rows.ts';
import type { Schema } from '../sql/schema.ts';
import { type AuditEntry, epochFact } from '../store.ts';
import { backUp } from './backup.ts';
import { addRows, readRows } from './copy-rows.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';
import { DatabaseInUse, NoInstallation, TransferError } from './transfer-error.ts';

/** Versions of apps go on from the next multiple of this: more updates than an app gets between two backups. */
const versionStep = 1_000_000;

/** The result of a restore. */
export interface Restored {
  readonly apps: number;
  /** Usable tokens of the backup that were revoked. */
  readonly revoked: number;
  /** Audit rows that were written after the backup, and are kept. */
  readonly keptAudit: number;
  /** The file that the former database is now; undefined where there was none. */
  readonly formerFile?: string;
}

export interface RestoreOptions {
  /** Whether the tokens of the backup stay usable where it is unknown which were revoked since. */
  readonly keepTokens: boolean;
  readonly audit: AuditEntry;
  /** Looks at the restored database before it is used. @throws Error, and then nothing is restored */
  readonly check: (url: string) => Promise<void>;
}

const findMax = async (db: Kysely<Schema>, table: 'oauth_apps' | 'audit', column: 'version' | 'position') =>
  Number(
    (await sql<{ max: number | null }>`SELECT max(${sql.ref(column)}) AS max FROM ${sql.table(table)}`.execute(db))
      .rows[0]?.max ?? 0,
  );

/** Revokes tokens. Returns how many were usable. @param ids Undefined for all. */
async function revoke(db: Kysely<Schema>, at: string, ids?: readonly string[]): Promise<number> {
  const query = db.updateTable('api_tokens').set({ revoked_at: at }).where('revoked_at', 'is', null);
  const chosen = ids === undefined ? query : query.where('id', 'in', ids.length === 0 ? [''] : ids);
  return (await chosen.returning('id').execute()).length;
}

/**
 * Makes a database that was put back a history of its own: no entity tag, cursor or stored response of before matches,
 * because the same versions, positions and keys may since have meant something else.
 */
async function beginEpoch(db: Kysely<Schema>, latestVersion: number, entry: AuditEntry): Promise<void> {
  const latest = Math.max(latestVersion, await findMax(db, 'oauth_apps', 'version'));
  const step = (Math.floor(latest / versionStep) + 1) * versionStep;
  await db
    .updateTable('oauth_apps')
    .set({ version: sql`version + ${sql.lit(step)}` })
    .execute();
  await db.deleteFrom('idempotency_keys').execute();
  await db.deleteFrom('installation').where('name', '=', epochFact).execute();
  await db.insertInto('installation').values({ name: epochFact, value: randomUUID() }).execute();
  await db.insertInto('audit').values(toAuditRow(entry)).execute();
}

/** Copies the audit that was written after the backup: a restore forgets nothing of it. Returns the number of rows. */
async function keepAudit(current: Endpoint, restored: Endpoint): Promise<number> {
  const last = await restored.run((db) => findMax(db, 'audit', 'position'));
  let count = 0;
  await current.run(async (from) => {
    for await (const rows of readRows(from, 'audit')) {
      const later = rows.filter(({ position }) => Number(position) > last);
      if (later.length > 0) await restored.run((to) => addRows(to, restored.dialect, 'audit', later));
      count += later.length;
    }
  });
  return count;
}

/** Lists the tokens of the current database that are revoked, and its latest version. */
const readCurrent = (current: Endpoint) =>
  current.run(async (db) => {
    const revoked = db.selectFrom('api_tokens').select('id').where('revoked_at', 'is not', null);
    return {
      revokedIds: (await revoked.execute()).map(({ id }) => id),
      latestVersion: await findMax(db, 'oauth_apps', 'version'),
    };
  });

/** Opens the current database; undefined where it is missing or damaged, which is why it is restored. */
async function openCurrent(file: string): Promise<Endpoint | undefined> {
  if (!existsSync(file)) return undefined;
  return openEndpoint(`sqlite:${file}`, 'source').catch((error: unknown) => {
    if (error instanceof DatabaseInUse) throw error;
    return undefined;
  });
}

/** Completes a copy of the backup, with what the current database knows. */
async function complete(draft: string, file: string, { keepTokens, audit }: RestoreOptions) {
  await using current = await openCurrent(file);
  await using restored = await openEndpoint(`sqlite:${draft}`, 'source');
  const known = current && (await readCurrent(current));
  const keptAudit = current === undefined ? 0 : await keepAudit(current, restored);
  const counts = await restored.run(async (db) => {
    const ids = known?.revokedIds ?? (keepTokens ? [] : undefined);
    const revoked = await revoke(db, audit.at, ids);
    await beginEpoch(db, known?.latestVersion ?? 0, { ...audit, fields: [`revoked:${revoked}`] });
    const apps = await db
      .selectFrom('oauth_apps')
      .select((app) => app.fn.countAll<number>().as('n'))
      .executeTakeFirst();
    return { revoked, apps: Number(apps?.n) };
  });
  await restored.commit();
  return { ...counts, keptAudit };
}

const removeDraft = (draft: string) => {
  for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(draft + suffix, { force: true });
};

/** Puts the restored file in the place of the current one, which gets another name. Returns that name. */
function swap(draft: string, file: string, at: string): string | undefined {
  const former = existsSync(file) ? `${file}.before-${at.replaceAll(/[^\d]/g, '')}` : undefined;
  if (former === undefined) {
    linkSync(draft, file);
    return undefined;
  }
  linkSync(file, former);
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true });
  // At no time is there no file: a server that starts after a kill would make an empty one.
  renameSync(draft, file);
  return former;
}

/**
 * Restores a backup into the database file, with the servers stopped. What was revoked stays revoked, the audit keeps
 * what was written since, and no entity tag, cursor or stored response of before is valid.
 * @throws TransferError, and the errors of `check`, when nothing was restored
 */
export async function restore(backup: string, link: string, options: RestoreOptions): Promise<Restored> {
  if (!existsSync(backup)) throw new TransferError('The backup does not exist. Name a file that `backup` made.');
  // A symbolic link stays: the file that it names is often on the disk that is kept.
  const file = existsSync(link) ? realpathSync(link) : link;
  if (!existsSync(dirname(file)))
    throw new TransferError('The folder of the database does not exist. Look at DATABASE_URL, or make the folder.');
  const draft = `${file}.${randomUUID()}.restore`;
  try {
    await backUp(backup, draft, () => {}).catch((error: unknown) => {
      if (!(error instanceof NoInstallation)) throw error;
      throw new TransferError('The backup holds no installation. Name a file that `backup` made.');
    });
    chmodSync(draft, 0o600);
    const counts = await complete(draft, file, options);
    await options.check(`sqlite:${draft}`);
    // The last connection has moved the log into the file.
    const formerFile = swap(draft, file, options.audit.at);
    return { ...counts, formerFile };
  } finally {
    removeDraft(draft);
  }
}

/** Waits for sessions that are ending, such as those of a server that stopped just now. */
const [sessionLooks, lookMilliseconds] = [5, 100];

/** Checks that no other session of the same user is open: a server that runs keeps cursors of before. @throws DatabaseInUse */
async function expectAlone({ name, run }: Endpoint): Promise<void> {
  const count = sql<{ others: string }>`
    SELECT count(*) AS others FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user
      AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
  for (let look = 1; ; look += 1) {
    // Statistics are a snapshot for the rest of the transaction otherwise.
    const others = await run(async (db) => {
      await sql`SELECT pg_stat_clear_snapshot()`.execute(db);
      return Number((await count.execute(db)).rows[0]?.others);
    });
    if (others === 0) return;
    if (look === sessionLooks)
      throw new DatabaseInUse(
        `${name} is in use by ${others} other session${others === 1 ? '' : 's'} of this user. Stop the servers, close the sessions of a pooler too, and run this again.`,
      );
    await setTimeout(lookMilliseconds);
  }
}

/**
 * Completes a PostgreSQL database that `pg_restore` or another program has put back, with the servers stopped.
 * @throws TransferError, DatabaseInUse beside other sessions
 */
export async function completeRestore(url: string, { keepTokens, audit }: Omit<RestoreOptions, 'check'>) {
  await using restored = await openEndpoint(url, 'source');
  await expectAlone(restored);
  const revoked = await restored.run(async (db) => {
    const count = keepTokens ? 0 : await revoke(db, audit.at);
    await beginEpoch(db, 0, { ...audit, fields: [`revoked:${count}`] });
    return count;
  });
  await restored.commit();
  return { revoked };
}
