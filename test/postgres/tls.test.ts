// @databases postgres
import { chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { errorMessage } from '../../server/process/error-message.ts';
import { openStore } from '../../server/store/open-store.ts';
import { type Certificate, makeAuthority } from '../helpers/certificates.ts';
import { connectDatabase, type TestDatabase } from '../helpers/databases.ts';
import { eventually } from '../helpers/eventually.ts';
import { startPostgres } from '../helpers/postgres.ts';

const hostRules = ['hostssl certified all all scram-sha-256 clientcert=verify-ca', 'host all all all scram-sha-256'];
const [authority, otherAuthority] = [makeAuthority('authority'), makeAuthority('other')];
const right = authority.issue('localhost');
const expired = authority.issue('localhost', { isExpired: true });
const warnings: Error[] = [];
const addWarning = (warning: Error) => void warnings.push(warning);
let postgres: Awaited<ReturnType<typeof startPostgres>>;
let admin: TestDatabase;
let folder: string;

/** Writes a file into the data folder of PostgreSQL, for its user. */
async function writeData(name: string, text: string): Promise<void> {
  const [row] = await admin.rows(sql`SHOW data_directory`);
  const data = String(row?.data_directory);
  const { uid, gid } = await stat(data);
  await writeFile(join(data, name), text, { mode: 0o600 });
  await chown(join(data, name), uid, gid);
}

/** Makes PostgreSQL use a certificate for new connections. */
async function useCertificate({ cert, key }: Certificate): Promise<void> {
  await writeData('server.crt', cert);
  await writeData('server.key', key);
  await admin.rows(sql`SELECT pg_reload_conf()`);
}

/** Writes a file of the client. Returns its path. */
async function writeClient(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text, { mode: 0o600 });
  return file;
}

let files: Readonly<Record<'ca' | 'otherCa' | 'cert' | 'key', string>>;
beforeAll(async () => {
  process.on('warning', addWarning);
  folder = await mkdtemp(join(tmpdir(), 'oauth-apps-tls-'));
  postgres = await startPostgres({ folders: inject('postgresFolders'), isInMemory: true });
  admin = connectDatabase(`${postgres.url}/postgres?sslmode=disable`);
  await admin.rows(sql`CREATE DATABASE certified`);
  await writeData('root.crt', authority.cert);
  await writeData('pg_hba.conf', `${hostRules.join('\n')}\n`);
  await useCertificate(right);
  await admin.rows(sql`ALTER SYSTEM SET ssl_ca_file = 'root.crt'`);
  await admin.rows(sql`ALTER SYSTEM SET ssl = on`);
  await admin.rows(sql`SELECT pg_reload_conf()`);
  const client = authority.issue('postgres');
  files = {
    ca: await writeClient('ca.crt', authority.cert),
    otherCa: await writeClient('other-ca.crt', otherAuthority.cert),
    cert: await writeClient('client.crt', client.cert),
    key: await writeClient('client.key', client.key),
  };
  await eventually(async () => expect(await attempt('sslmode=require')).toBe('TLS'));
});
afterAll(async () => {
  process.off('warning', addWarning);
  await admin[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a store. Returns whether its connection has TLS, or the message for the operator. */
async function attempt(parameters: string, { host = 'localhost', database = 'postgres', server = postgres.url } = {}) {
  const base = Object.assign(new URL(server), { hostname: host, pathname: database }).href;
  const url = `${base}?${parameters.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof files) => files[name])}`;
  try {
    await (await openStore(url)).close();
  } catch (error) {
    return errorMessage(error);
  }
  const connection = connectDatabase(url);
  const [row] = await connection.rows(sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`);
  await connection[Symbol.asyncDispose]();
  return row?.ssl ? 'TLS' : 'no TLS';
}

const unknownAuthority = /signed by an unknown authority \([A-Z_]+\)\. Set sslrootcert in DATABASE_URL/;

/** Parameters, and the connection that they make or the message of their failure. */
const rows: [parameters: string, expected: string | RegExp, where?: { host?: string; database?: string }][] = [
  ['', 'TLS'],
  ['sslmode=disable', 'no TLS'],
  ['sslmode=allow', 'no TLS'],
  ['sslmode=prefer', 'TLS'],
  ['sslmode=require', 'TLS'],
  ['sslmode=require&sslrootcert={otherCa}', unknownAuthority],
  ['sslmode=verify-ca&sslrootcert={ca}', 'TLS'],
  ['sslmode=verify-ca&sslrootcert={ca}', 'TLS', { host: '127.0.0.1' }],
  ['sslmode=verify-ca&sslrootcert={otherCa}', unknownAuthority],
  ['sslmode=verify-full&sslrootcert={ca}', 'TLS'],
  [
    'sslmode=verify-full&sslrootcert={ca}',
    /is for another host \(ERR_TLS_CERT_ALTNAME_INVALID\)\. Set the host/,
    { host: '127.0.0.1' },
  ],
  ['sslmode=verify-full', unknownAuthority],
  ['sslmode=verify-full&sslrootcert=system', unknownAuthority],
  ['sslmode=require&sslrootcert=system', /^sslrootcert=system in DATABASE_URL needs sslmode=verify-full\.$/],
  ['sslmode=verify-full&sslrootcert=/canary', /^sslrootcert in DATABASE_URL must name a file that/],
  [
    'sslmode=verify',
    /^sslmode in DATABASE_URL must be one of disable, allow, prefer, require, verify-ca, verify-full\.$/,
  ],
  ['sslmode=require&sslcert={cert}', /^sslcert and sslkey in DATABASE_URL must be set together\.$/],
  [
    'sslmode=require',
    /does not admit this user .* \(28000\)\. Set sslmode, or sslcert and sslkey/,
    { database: 'certified' },
  ],
  ['sslmode=require&sslcert={cert}&sslkey={key}', 'TLS', { database: 'certified' }],
  ['sslmode=require&channel_binding=require', 'TLS'],
  ['sslmode=disable&channel_binding=require', /no channel binding \(NO_CHANNEL_BINDING\)\. Set channel_binding=prefer/],
  ['sslmode=require&canary=1', /^DATABASE_URL has a parameter that is not one of host, port, /],
];

test.each(rows)('TLS with %j gives %s', async (parameters, expected, where) => {
  expect(await attempt(parameters, where)).toEqual(
    typeof expected === 'string' ? expected : expect.stringMatching(expected),
  );
  expect(warnings).toEqual([]);
});

test('an expired certificate is told apart', async () => {
  await useCertificate(expired);
  const message = 'The certificate of the database has expired (CERT_HAS_EXPIRED). Renew it there.';
  await eventually(async () => expect(await attempt('sslmode=verify-full&sslrootcert={ca}')).toBe(message));
  await useCertificate(right);
});

test('a database without TLS is told apart', async () => {
  const server = inject('postgresUrl');
  const message =
    'The database offers no TLS (TLS_UNSUPPORTED). Switch it on there, or set sslmode=disable in DATABASE_URL.';
  expect(await attempt('sslmode=verify-full', { server })).toBe(message);
  expect(await attempt('sslmode=require', { server })).toBe(message);
  expect(await attempt('sslmode=prefer', { server })).toBe('no TLS');
});
