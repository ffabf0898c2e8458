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
import { batching } from './batches.ts';
import type { LendingPool } from './lending-pool.ts';

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

/** The writes of one account that the function `oauth_apps_write` of the database runs, as it takes them. */
const toEntry = {
  createApp: (...[app, { properties, maxApps, audit, idempotency }]: WriteArguments<'createApp'>) => ({
    ...{ account: app.account_id, kind: 'create', ...app, properties, max_apps: maxApps, ...toAuditRow(audit) },
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

/** Returns the result of a write, or throws its error. */
type Outcome = () => unknown;

function toResult(row: unknown): unknown {
  if (typeof row !== 'object' || row === null) return row;
  const { position: _, ...rest } = row as Row;
  return rest;
}

/** The SQLSTATE of `oauth_apps_write` for a quota that another server has used up meanwhile. */
const full = 'OA001';
/** The SQLSTATEs of a write at fault, in place of the database or of another transaction that is in the way. */
const atFault = /^(?:OA001|2[23]|40|54|P0)/;
const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? '';

/** The number of writes of one account that share a transaction at most. */
const maxBatch = 32;
/** Shorter than the deadline of a request, so that the outcome of a write is known before it. */
const timeout = 3_500;
/** A write with less time left is not sent any more: it would take the others of its batch with it. */
const shortest = 100;

/**
 * Runs writes of one account in one statement, and one by one where one of them is at fault, so that the failure of one
 * undoes only that one.
 */
function runWrites(pool: LendingPool) {
  const run = async (entries: readonly Entry[], milliseconds: number): Promise<Outcome[]> => {
    const accountId = entries[0]?.account ?? '';
    const values = [accountId, JSON.stringify(entries)];
    const text = 'SELECT oauth_apps_write($1, $2)';
    const config = { name: 'oauth_apps_write', text, values, rowMode: 'array' as const };
    const end = performance.now() + milliseconds;
    try {
      const { rows } = await pool.query(config, { accountId, milliseconds });
      return (rows as unknown[][]).map(
        ([row]) =>
          () =>
            toResult(row),
      );
    } catch (error) {
      const [code, isOne] = [codeOf(error), entries.length === 1];
      if (isOne && code === full) return [() => 'full'];
      if (!isOne && atFault.test(code)) return runAlone(entries, end);
      return entries.map(() => () => {
        throw error;
      });
    }
  };
  const runAlone = async (entries: readonly Entry[], end: number): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const entry of entries) outcomes.push(...(await run([entry], Math.max(1, end - performance.now()))));
    return outcomes;
  };
  return run;
}

/**
 * Writes over a pool of connections. The writes of an account to its apps run in one statement, together with those that
 * wait meanwhile: an account has one such statement at a time, so that its writes never wait for each other's locks.
 * Every other write runs in a transaction of its own.
 */
export function postgresWriter(pool: LendingPool, db: Kysely<Schema>, statements: WriteStatements): Writer {
  const accounts = new Map<string, (entry: Entry) => Promise<Outcome>>();
  const run = runWrites(pool);
  const ask = (entry: Entry) => {
    const { account } = entry;
    const onIdle = () => accounts.delete(account);
    const ofAccount = accounts.get(account) ?? batching({ run, maxBatch, maxRunning: 1, timeout, shortest, onIdle });
    accounts.set(account, ofAccount);
    return ofAccount(entry);
  };
  return {
    async write(name, ...parameters) {
      if (!(name in toEntry)) return (await runInTransaction(db, statements, name, parameters)) as never;
      const make = toEntry[name as keyof typeof toEntry] as (...parameters: readonly unknown[]) => Entry;
      return (await ask(make(...parameters)))() as never;
    },
    close: async () => {},
  };
}
