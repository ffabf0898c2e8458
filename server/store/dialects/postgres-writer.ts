import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import { toAuditRow } from '../sql/rows.ts';
import type { Schema } from '../sql/schema.ts';
import { bindParameters } from '../sql/statement.ts';
import type { WriteStatements } from '../sql/statements.ts';
import {
  Rollback,
  type Row,
  startWrite,
  type Write,
  type WriteArguments,
  type WriteName,
  type Writer,
} from '../sql/writes.ts';
import type { LendingPool } from './lending-pool.ts';
import { type AccountWrites, type RunOptions, type RunWrites, writeBatches } from './write-batches.ts';

async function runStatements(
  transaction: Transaction<Schema>,
  statements: WriteStatements,
  write: Write<unknown>,
): Promise<unknown> {
  for (let step = write.next([]); ; ) {
    if (step.done) return step.value;
    const [named, values] = step.value;
    const statement = typeof named === 'string' ? statements[named] : named;
    const query = CompiledQuery.raw(statement.sql, bindParameters(statement, values));
    step = write.next((await transaction.executeQuery<Row>(query)).rows);
  }
}

/** Runs a write in a transaction of its own, statement by statement. */
async function runInTransaction(
  db: Kysely<Schema>,
  statements: WriteStatements,
  name: WriteName,
  parameters: readonly unknown[],
): Promise<unknown> {
  try {
    return await db
      .transaction()
      .execute((transaction) => runStatements(transaction, statements, startWrite(name, parameters)));
  } catch (error) {
    if (error instanceof Rollback) return error.result;
    throw error;
  }
}

/** A write that waits for its batch. */
interface Entry {
  readonly account: string;
  readonly kind: 'create' | 'update' | 'delete';
  /** The write as the functions of the database take it. The app of a create has its account, too. */
  readonly row: object;
  /** The quota of a create. */
  readonly maxApps?: number;
  /** Whether a create stores its response under a key. */
  readonly hasKey?: boolean;
}

/**
 * The writes that the functions of the database run. The app of a create comes first: an object that is spread first is
 * copied as a whole, a later one name by name.
 */
const toEntry = {
  createApp: (...[app, { properties, maxApps, audit, idempotency }]: WriteArguments<'createApp'>): Entry => ({
    ...{ account: app.account_id, kind: 'create', maxApps, hasKey: idempotency !== undefined },
    row: {
      ...app,
      properties,
      ...toAuditRow(audit),
      ...(idempotency && { ...idempotency, expired_at: idempotency.expiredAt }),
    },
  }),
  updateApp: (...[account, id, change, { audit, versions }]: WriteArguments<'updateApp'>): Entry => ({
    ...{ account, kind: 'update', row: { ...change, id, versions, ...toAuditRow(audit) } },
  }),
  deleteApp: (...[account, id, { audit, versions }]: WriteArguments<'deleteApp'>): Entry => ({
    ...{ account, kind: 'delete', row: { id, versions, ...toAuditRow(audit) } },
  }),
};

function toResult(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const { position: _, ...rest } = row as Row;
  return rest;
}

/** The SQLSTATE of the functions for a quota that is reached: another server may have used it up meanwhile. */
const full = 'OA001';
/** The time that writes wait for a lock: those of several accounts not long, since the lock is in the way of one. */
const [aloneWait, sharedWait] = ['3s', '50ms'];
const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? '';

type Accounts = readonly AccountWrites<Entry>[];

/** Runs writes by the function `oauth_apps_write` of the database, one after the other in one statement. */
async function runEach(pool: LendingPool, accounts: Accounts, { isAlone, milliseconds }: RunOptions) {
  const accountId = isAlone ? accounts[0]?.account : undefined;
  const batch = accounts.map(({ account, entries }) => ({
    account,
    entries: entries.map(({ kind, row, maxApps }) => ({ ...row, kind, max_apps: maxApps })),
  }));
  // One text: the driver would escape every quote of an array of texts.
  const values = [isAlone ? aloneWait : sharedWait, JSON.stringify(batch)];
  // A lateral function runs once for each account, in their order.
  const text = `SELECT result FROM json_array_elements($2::json) AS batch
    CROSS JOIN LATERAL oauth_apps_write(batch->>'account', batch->'entries', $1) AS result`;
  const config = { name: 'oauth_apps_write', text, values, rowMode: 'array' as const };
  const { rows } = await pool.query(config, { accountId, milliseconds });
  const results = (rows as readonly unknown[][]).map(([row]) => toResult(row));
  return accounts.map(({ entries }) => results.splice(0, entries.length));
}

/** The SQLSTATEs of creates that do not fit into one set: the quota is reached, or the key of a create is stored already. */
const unfit = /^OA00[12]$/;
/** The milliseconds for which creates run one after the other then: the next ones may not fit either. */
const unfitMilliseconds = 100;
/** The SQLSTATEs of a database without the function of creates, and of one that is split and cannot run it. */
const unsupported = /^(?:42883|0A000)$/;

/** Runs creates of several accounts by the function `oauth_apps_write_creates` of the database, as one set. */
async function createAll(pool: LendingPool, accounts: Accounts, milliseconds: number) {
  const creates = accounts.flatMap(({ entries }) => entries);
  const values = [
    accounts.map(({ account }) => account),
    accounts.map(({ entries }) => entries.length),
    Math.min(...creates.map(({ maxApps = 0 }) => maxApps)),
    creates.filter(({ hasKey }) => hasKey).length,
    JSON.stringify(creates.map(({ row }) => row)),
    sharedWait,
  ];
  const text = 'SELECT oauth_apps_write_creates($1, $2, $3, $4, $5, $6)';
  await pool.query({ name: 'oauth_apps_write_creates', text, values, rowMode: 'array' }, { milliseconds });
  return accounts.map(({ entries }) => entries.map(() => 'created'));
}

/** Runs writes in one statement: creates as one set, where they are alone and fit, and others one after the other. */
function runWrites(pool: LendingPool): RunWrites<Entry> {
  /** The moment from which creates may run as one set again. */
  let setsFrom = 0;
  return async (accounts, { isAlone, milliseconds }) => {
    const now = performance.now();
    const areCreates = accounts.every(({ entries }) => entries.every(({ kind }) => kind === 'create'));
    if (areCreates && !isAlone && now >= setsFrom) {
      try {
        return await createAll(pool, accounts, milliseconds);
      } catch (error) {
        if (unsupported.test(codeOf(error))) setsFrom = Number.POSITIVE_INFINITY;
        else if (unfit.test(codeOf(error))) setsFrom = now + unfitMilliseconds;
        else throw error;
      }
    }
    try {
      return await runEach(pool, accounts, {
        isAlone,
        milliseconds: Math.max(1, now + milliseconds - performance.now()),
      });
    } catch (error) {
      const isOne = isAlone && accounts[0]?.entries.length === 1;
      if (isOne && codeOf(error) === full) return [['full']];
      throw error;
    }
  };
}

/**
 * Writes over a pool of connections. The writes of accounts to their apps share transactions; every other write runs in
 * one of its own.
 */
export function postgresWriter(pool: LendingPool, db: Kysely<Schema>, statements: WriteStatements): Writer {
  const ask = writeBatches(runWrites(pool));
  return {
    write(name, ...parameters) {
      if (!(name in toEntry)) return runInTransaction(db, statements, name, parameters) as Promise<never>;
      const make = toEntry[name as keyof typeof toEntry] as (...parameters: readonly unknown[]) => Entry;
      return ask(make(...parameters)) as Promise<never>;
    },
    close: async () => {},
  };
}
