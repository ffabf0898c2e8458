// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are pieces of code.
import { fault } from './fault.ts';

const writes = 'server/store/sql/writes.ts';
const records = 'server/store/sql/record-statements.ts';
const sqliteFile = 'server/store/dialects/sqlite-file.ts';
const postgresUrl = 'server/store/dialects/postgres-url.ts';

/** Faults of the store. */
export const rows = [
  fault(
    'an update of apps of other accounts',
    records,
    'update: sql`${update} WHERE ${isOwn} ${returned}`,',
    "update: sql`${update} WHERE id = ${param('id')} ${returned}`,",
    'test/store/account-conditions.test.ts',
  ),
  fault(
    'an update that drops the name',
    'server/store/sql/tables.ts',
    "name: 'changed', client_id: 'kept'",
    "name: 'kept', client_id: 'kept'",
    'types',
  ),
  fault(
    'a quota of one app more',
    records,
    "WHERE ${ofAccounts} < ${param('max')}",
    "WHERE ${ofAccounts} <= ${param('max')}",
    'test/server/limits.test.ts',
  ),
  fault(
    'a deleted app that still counts',
    records,
    'SET ${held} = ${held} - 1 WHERE',
    'SET ${held} = ${held} - 0 WHERE',
    'test/server/limits.test.ts test/store/store.test.ts',
  ),
  fault(
    'a delete without its line of the audit',
    writes,
    "yield* insertAudit(audit);\n  return 'deleted';",
    "if (account_id === '') yield* insertAudit(audit);\n  return 'deleted';",
    'test/server/audit.test.ts',
  ),
  fault(
    'a reveal of secrets that changed meanwhile',
    writes,
    "if (checksumSecrets(rows, secrets) !== checksum) throw new Rollback('changed');",
    '',
    'test/store/store.test.ts',
  ),
  fault(
    'a table whose secrets are not declared',
    'server/store/records.ts',
    "{ client_secret: { keyId: 'secret_key_id', version: 'secret_version' } },",
    '{},',
    'types',
  ),
  fault(
    'an acknowledged write without a sync',
    sqliteFile,
    'PRAGMA synchronous = FULL;',
    'PRAGMA synchronous = OFF;',
    'test/store/open-store.test.ts test/server/durability.test.ts test/store/sqlite-writer.test.ts',
  ),
  fault(
    'a failed write of a batch that is kept',
    'server/store/dialects/sqlite-batch.ts',
    "connection.run('ROLLBACK TO one_write');",
    '',
    'test/store/sqlite-batch.test.ts',
  ),
  fault(
    'a restored database with the cursors of before',
    'server/store/transfer/restore.ts',
    'await beginEpoch(db, known?.latestVersion ?? 0,',
    'if (revoked < 0) await beginEpoch(db, known?.latestVersion ?? 0,',
    'test/server/restore.test.ts',
  ),
  fault(
    'TLS that verifies no certificate',
    postgresUrl,
    'rejectUnauthorized: verifiesAuthority,',
    'rejectUnauthorized: verifiesAuthority && false,',
    'test/postgres/tls.test.ts',
  ),
  fault(
    'TLS for another host',
    postgresUrl,
    "...(mode !== 'verify-full' &&",
    "...(mode !== 'disable' &&",
    'test/postgres/tls.test.ts',
  ),
  fault(
    'a host that takes no writes',
    postgresUrl,
    "needsWrites: attributes !== 'any',",
    "needsWrites: attributes === '',",
    'test/postgres/standby.test.ts',
  ),
];
