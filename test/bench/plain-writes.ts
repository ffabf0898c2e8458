/**
 * Plain node:sqlite, for comparison: `node test/bench/plain-writes.ts <file> <creates> <creates in a transaction>` inserts
 * the rows of that many creates and prints how many it made a second. The tables exist already.
 */
import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

const [file = '', creates, batch] = process.argv.slice(2);
const database = new DatabaseSync(file);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
const account = database.prepare(
  'INSERT INTO accounts VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET app_count = app_count + 1 RETURNING app_count',
);
const app = database.prepare(
  `INSERT INTO oauth_apps (id, account_id, provider, name, client_id, client_secret, secret_key_id, metadata, created_at,
    updated_at, version) VALUES (?, ?, 'stripe', 'Arakkis - Stripe', ?, ?, 'k20261127abcd', '{"custom_property":42}', ?, ?, 1)
    RETURNING position`,
);
const property = database.prepare('INSERT INTO oauth_app_properties VALUES (?, ?, ?)');
const audit = database.prepare(
  `INSERT INTO audit (at, account_id, token_id, request_id, operation, app_id, fields)
    VALUES (?, ?, ?, ?, 'createOAuthApp', ?, 'provider client_id client_secret name metadata')`,
);
const [moment, envelope, fingerprint] = ['2026-01-01T00:00:00Z', `v1.${'x'.repeat(110)}`, 'x'.repeat(43)];

function create(): void {
  const id = randomUUID();
  account.get('plain');
  const position = app.get(id, 'plain', randomUUID(), envelope, moment, moment)?.position ?? 0;
  property.run('plain', fingerprint, position);
  audit.run(moment, 'plain', id, id, id);
}

const start = performance.now();
for (let done = 0; done < Number(creates); done += Number(batch)) {
  database.exec('BEGIN IMMEDIATE');
  for (let index = 0; index < Number(batch); index += 1) create();
  database.exec('COMMIT');
}
console.log(Math.round((Number(creates) / (performance.now() - start)) * 1_000));
