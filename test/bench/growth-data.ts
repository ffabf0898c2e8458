import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { hashToken } from '../../server/keys/tokens.ts';
import { propertyFingerprints } from '../../server/resource/metadata.ts';
import { sqliteFile } from '../../server/store/database-url.ts';
import { openStore } from '../../server/store/open-store.ts';

/** The number of apps, all and in each account. Consecutive apps belong to different accounts. */
export interface Amount {
  readonly apps: number;
  readonly appsEach: number;
}

const teams = 10;
const plans = 3;
const envelope = `v1.k20260101abcd.${'a'.repeat(16)}.${'b'.repeat(64)}.${'c'.repeat(22)}`;
const timestamp = '2026-01-01T00:00:00Z';

const digest = (text: string) => createHash('md5').update(text).digest('hex');

/** Makes the id of the app with a number, from 0. */
export const makeId = (index: number) => digest(`app ${index}`).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
export const getAccount = (index: number, { apps, appsEach }: Amount) => `account-${index % (apps / appsEach)}`;
export const makeToken = (account: string) => `token-of-${account}`;

const [teamFingerprints, planFingerprints] = [
  Array.from({ length: teams }, (_, team) => propertyFingerprints({ team: `t${team}` })[0] ?? ''),
  Array.from({ length: plans }, (_, plan) => propertyFingerprints({ plan: `p${plan}` })[0] ?? ''),
];
/** Makes metadata that one in thirty apps of an account has. */
export const makeMetadata = (choice: number) => ({ team: `t${choice % teams}`, plan: `p${choice % plans}` });
/** Makes the fingerprints of a filter for such metadata. */
export const makeFilter = (choice: number) => propertyFingerprints(makeMetadata(choice));

/** The SQL of a database for numbers, digests and the choice of a text from a list. */
interface SqlDialect {
  readonly numbers: (count: number) => string;
  readonly digest: (text: string) => string;
  readonly hashToken: (text: string) => string;
  readonly pick: (list: readonly string[], index: string) => string;
}

const sqliteSql: SqlDialect = {
  numbers: (count) =>
    `(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count}) SELECT i FROM n)`,
  digest: (text) => `md5(${text})`,
  hashToken: (text) => `hash_token(${text})`,
  pick: (list, index) => `json_extract('${JSON.stringify(list)}', '$[' || (${index}) || ']')`,
};
const postgresSql: SqlDialect = {
  numbers: (count) => `(SELECT generate_series(0, ${count - 1}) AS i)`,
  digest: (text) => `md5(${text})`,
  hashToken: (text) => `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`,
  pick: (list, index) => `(ARRAY['${list.join("','")}'])[1 + ${index}]`,
};

/** Lists the statements that fill a database. */
function listInserts(
  { numbers, digest: md5, hashToken: hash, pick }: SqlDialect,
  { apps, appsEach }: Amount,
): string[] {
  const accounts = apps / appsEach;
  const account = `'account-' || (i % ${accounts})`;
  const hex = md5(`'app ' || i`);
  const cut = [
    [1, 8],
    [9, 4],
    [13, 4],
    [17, 4],
    [21, 12],
  ].map(([at, length]) => `substr(h, ${at}, ${length})`);
  const ordinal = `(i / ${accounts})`;
  const metadata = `'{"team":"t' || (${ordinal} % ${teams}) || '","plan":"p' || (${ordinal} % ${plans}) || '"}'`;
  const columns = 'id, account_id, provider, name, client_id, client_secret, secret_key_id, metadata';
  const values = `${account}, 'stripe', 'Name ' || i, 'client', '${envelope}', 'k20260101abcd', ${metadata}`;
  const fingerprints: [readonly string[], number][] = [
    [teamFingerprints, teams],
    [planFingerprints, plans],
  ];
  return [
    `INSERT INTO accounts (id, app_count) SELECT ${account}, ${appsEach} FROM ${numbers(accounts)} AS n`,
    `INSERT INTO api_tokens (id, account_id, hash, scopes, created_at)
      SELECT 'token ' || i, ${account}, ${hash(`'${makeToken('')}' || ${account}`)}, 'read write', '${timestamp}'
      FROM ${numbers(accounts)} AS n`,
    `INSERT INTO oauth_apps (${columns}, created_at, updated_at, version)
      SELECT ${cut.join(` || '-' || `)}, ${values}, '${timestamp}', '${timestamp}', 1
      FROM (SELECT i, ${hex} AS h FROM ${numbers(apps)} AS n) AS m ORDER BY i`,
    ...fingerprints.map(
      ([list, count]) => `INSERT INTO oauth_app_properties (account_id, fingerprint, app_position)
        SELECT ${account}, ${pick(list, `(${ordinal} % ${count})`)}, i + 1 FROM ${numbers(apps)} AS n`,
    ),
    `INSERT INTO idempotency_keys (account_id, key, fingerprint, response, created_at)
      SELECT ${account}, 'key ' || i, 'fingerprint', 'response', '${timestamp}' FROM ${numbers(apps / 10)} AS n`,
    `INSERT INTO audit (at, account_id, token_id, request_id, operation, app_id, fields)
      SELECT '${timestamp}', ${account}, 'token', 'request', 'createOAuthApp', 'app', 'name' FROM ${numbers(apps)} AS n`,
  ];
}

function fillSqlite(file: string, amount: Amount): void {
  const database = new DatabaseSync(file);
  database.function('md5', { deterministic: true }, (text) => digest(String(text)));
  database.function('hash_token', { deterministic: true }, (text) => hashToken(String(text)));
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN');
  for (const statement of listInserts(sqliteSql, amount)) database.exec(statement);
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

async function fillPostgres(url: string, amount: Amount): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of listInserts(postgresSql, amount)) await client.query(statement);
  // PostgreSQL would do this by itself after a minute.
  await client.query('VACUUM ANALYZE');
  await client.end();
}

/** Fills a new or empty database with the same rows as after many creates. */
export async function fillDatabase(url: string, amount: Amount): Promise<void> {
  await (await openStore(url)).close();
  const file = sqliteFile(url);
  if (file === undefined) await fillPostgres(url, amount);
  else fillSqlite(file, amount);
}
