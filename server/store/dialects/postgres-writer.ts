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
import { type RunWrites, writeBatches } from './write-batches.ts';

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

/**
 * The writes of one account that the function `oauth_apps_write` of the database runs, as it takes them. The app of a create
 * comes first: an object that is spread first is copied as a whole, a later one name by name.
 */
const toEntry = {
  createApp: (...[app, { properties, maxApps, audit, idempotency }]: WriteArguments<'createApp'>) => ({
    ...app,
    account: app.account_id,
    kind: 'create',
    properties,
    max_apps: maxApps,
    ...toAuditRow(audit),
    ...(idempotency && { ...idempotency, expired_at: idempotency.expiredAt }),
  }),
  updateApp: (...[account, id, change, { audit, versions }]: WriteArguments<'updateApp'>) => ({
    ...{ account, kind: 'update', id, ...change, versions, ...toAuditRow(audit) },
  }),
  deleteApp: (...[account, id, { audit, versions }]: WriteArguments<'deleteApp'>) => ({
    ...{ account, kind: 'delete', id, versions, ...toAuditRow(audit) },
  }),
};

type Entry = ReturnType<(typeof toEntry)[keyof typeof toEntry]>;

function toResult(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const { position: _, ...rest } = row as Row;
  return rest;
}

/** The SQLSTATE of `oauth_apps_write` for a quota that another server has used up meanwhile. */
const full = 'OA001';
/** The time that writes wait for a lock: those of several accounts not long, since the lock is in the way of one. */
const [aloneWait, sharedWait] = ['3s', '50ms'];

/** Runs writes by the function `oauth_apps_write` of the database, in one statement. */
function runWrites(pool: LendingPool): RunWrites<Entry> {
  return async (accounts, { isAlone, milliseconds }) => {
    const [first] = accounts;
    const accountId = isAlone ? first?.account : undefined;
    const values = [
      isAlone ? aloneWait : sharedWait,
      // One text: the driver would escape every quote of an array of texts.
      JSON.stringify(accounts),
    ];
    // A lateral function runs once for each account, in their order.
    const text = `SELECT result FROM json_array_elements($2::json) AS batch
      CROSS JOIN LATERAL oauth_apps_write(batch->>'account', batch->'entries', $1) AS result`;
    const config = { name: 'oauth_apps_write', text, values, rowMode: 'array' as const };
    try {
      const { rows } = await pool.query(config, { accountId, milliseconds });
      const results = (rows as readonly unknown[][]).map(([row]) => toResult(row));
      return accounts.map(({ entries }) => results.splice(0, entries.length));
    } catch (error) {
      const isOne = isAlone && first?.entries.length === 1;
      if (isOne && (error as { code?: string } | undefined)?.code === full) return [['full']];
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
