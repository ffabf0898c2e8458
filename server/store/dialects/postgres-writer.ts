import { CompiledQuery, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../sql/schema.ts';
import { bindParameters } from '../sql/statement.ts';
import type { WriteStatements } from '../sql/statements.ts';
import { Rollback, type Row, startWrite, type Write, type Writer } from '../sql/writes.ts';

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

/** Writes over a pool of connections, each write in a transaction of its own. */
export function transactionWriter(db: Kysely<Schema>, statements: WriteStatements): Writer {
  return {
    async write(name, ...parameters) {
      try {
        const run = db
          .transaction()
          .execute((transaction) => runStatements(transaction, statements, startWrite(name, parameters)));
        return (await run) as never;
      } catch (error) {
        if (error instanceof Rollback) return error.result as never;
        throw error;
      }
    },
    close: async () => {},
  };
}
