// @databases none
/** Every statement of the store reaches the rows of one account, as the tables declare their accounts. */
import { Kysely } from 'kysely';
import { describe, expect, test } from 'vitest';
import { postgresDialect } from '../../server/store/dialects/postgres.ts';
import { sqliteDialect } from '../../server/store/dialects/sqlite.ts';
import type { Schema } from '../../server/store/sql/schema.ts';
import { compileSecrets } from '../../server/store/sql/secrets.ts';
import { compileStatements } from '../../server/store/sql/statements.ts';
import { recordTables, type TableName, tables } from '../../server/store/sql/tables.ts';
import type { RecordTable } from '../../server/store/store.ts';

/** The statements about rows of all accounts, each with the reason. Only these may leave the account out. */
const ofAllAccounts: Readonly<Record<string, string>> = {
  ping: 'reads whether the database responds',
  findToken: 'the token itself says the account',
  tokenByHash: 'the token itself says the account',
  'oauth_apps.deleteProperties': 'the position comes from the update of the same transaction, which names the account',
  anyToken: 'the first token is of the installation',
  endSlot: 'a slot is of the installation',
  revokeToken: 'the operator revokes by id',
  recordUse: 'by the id of the token of the request',
  thinAudit: 'the operator thins the whole audit',
  purgeResponses: 'expired responses of all accounts',
  countResponsesUnderOtherKeys: 'keys are of the installation',
  ...{ countUnderOtherKeys: 'keys are of the installation', countByKey: 'keys are of the installation' },
  ...{ all: 'keys are of the installation', newest: 'keys are of the installation' },
  underOtherKeys: 'keys are of the installation',
};

/** Returns a filter of a table that has every condition. */
const filterOf = (table: RecordTable) => ({
  ...Object.fromEntries(Object.keys(tables[table].record.filters).map((column) => [column, { in: ['x'] }])),
  properties: ['p'],
});

const dialects = {
  sqlite: () => sqliteDialect(':memory:'),
  postgres: () => postgresDialect(undefined as never),
};

/** Lists all statements of a dialect by name. */
function listStatements(kind: keyof typeof dialects): [name: string, sql: string][] {
  const dialect = dialects[kind]();
  const db = new Kysely<Schema>({ dialect: dialect.kysely });
  const { writes, reads, list } = compileStatements(db, dialect);
  const secrets = compileSecrets(db).map(({ statements }) => statements);
  const lists = recordTables.map((table) => ({
    list: list(table, filterOf(table), 'all'),
    listOfAll: list(table, {}, 'all'),
    listOfSecrets: list(table, {}, 'secrets'),
  }));
  return [writes, reads, ...lists, ...secrets].flatMap((statements) =>
    Object.entries(statements).map(([name, { sql }]): [string, string] => [name, sql]),
  );
}

/** The tables with accounts that a statement reads or writes. */
const tablesOf = (sql: string) =>
  (Object.keys(tables) as TableName[]).filter(
    (table) => tables[table].account !== undefined && new RegExp(`\\b${table}\\b`).test(sql),
  );

const conditionOf = (table: TableName) => {
  const column = tables[table].account ?? '';
  return new RegExp(`"?\\b${column}"? = |INSERT INTO "?${table}"? \\([^)]*"?${column}"?`, 'i');
};

describe.each(['sqlite', 'postgres'] as const)('on %s', (kind) => {
  const statements = listStatements(kind);

  test('every statement names the account of its rows', () => {
    const unbound = statements.filter(
      ([name, sql]) => !(name in ofAllAccounts) && tablesOf(sql).some((table) => !conditionOf(table).test(sql)),
    );
    expect(statements.length).toBeGreaterThan(30);
    expect(unbound).toEqual([]);
  });

  test('every exception is a statement that needs it', () => {
    const needed = Object.keys(ofAllAccounts).filter((name) =>
      statements.some(([each, sql]) => each === name && tablesOf(sql).some((table) => !conditionOf(table).test(sql))),
    );
    expect(needed).toEqual(Object.keys(ofAllAccounts));
  });
});
