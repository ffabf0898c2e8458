// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are pieces of code.
/** A fault of the product that a change could bring in, and the tests that have to notice it. */
export interface ProductFault {
  /** The fault, as a noun phrase. */
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Test files, or `types` for the compiler. */
  readonly caughtBy: string;
}

const fault = (name: string, file: string, from: string, to: string, caughtBy: string): ProductFault => ({
  ...{ name, file, from, to },
  caughtBy,
});

const keyRing = 'server/keys/key-ring.ts';
const tokens = 'server/keys/tokens.ts';
const authenticate = 'server/http/authenticate.ts';
const etag = 'server/resource/etag.ts';
const idempotency = 'server/resource/idempotency.ts';
const view = 'server/oauth-apps/view.ts';
const metadata = 'server/resource/metadata.ts';
const handlers = 'server/oauth-apps/handlers.ts';
const writes = 'server/store/sql/writes.ts';
const records = 'server/store/sql/record-statements.ts';
const sqliteFile = 'server/store/dialects/sqlite-file.ts';
const postgresUrl = 'server/store/dialects/postgres-url.ts';

const secrets = [
  fault(
    'one initialisation vector for all envelopes',
    keyRing,
    'const iv = drawBytes(ivBytes);',
    'const iv = Buffer.alloc(ivBytes);',
    'test/server/key-ring.test.ts',
  ),
  fault(
    'random bytes that are given out twice',
    keyRing,
    'used += count;',
    'used += 0 * count;',
    'test/server/key-ring.test.ts',
  ),
  fault(
    'an envelope that is not bound to its account',
    keyRing,
    'keyId, accountId, rowId, column,',
    'keyId, accountId && 0, rowId, column,',
    'test/server/key-ring.test.ts',
  ),
  fault(
    'an envelope that is not bound to its version',
    keyRing,
    "...(version === '' ? [] : [version])",
    "...(version === '' ? [] : [])",
    'test/server/tampering.test.ts',
  ),
  fault(
    'the oldest key that seals',
    keyRing,
    "const [currentKeyId = '', ...others] = keys.keys();",
    "const [currentKeyId = '', ...others] = [...keys.keys()].reverse();",
    'test/server/key-ring.test.ts',
  ),
  fault(
    'a secret in full where it is masked',
    view,
    'view(app, stateOf(app), mask),',
    'view(app, stateOf(app), openSecret(keyRing, secretOf(app))),',
    'test/server/canaries.test.ts',
  ),
  fault(
    'a mask as long as the secret',
    view,
    'view(app, stateOf(app), mask),',
    "view(app, stateOf(app), '*'.repeat(openSecret(keyRing, secretOf(app)).length)),",
    'test/operations/create-oauth-app.test.ts',
  ),
  fault(
    'a secret under a retired key that is well',
    view,
    "{ status: 'warn', notes: ['The secret is sealed under a retired key.",
    "{ status: 'ok', notes: ['The secret is sealed under a retired key.",
    'test/server/key-change.test.ts test/server/tampering.test.ts',
  ),
  fault(
    'secrets that are logged with an error',
    'server/log.ts',
    '{ ...describeError(error), failures',
    '{ ...describeError(error), message: String(error), failures',
    'test/server/log-lines.test.ts',
  ),
  fault(
    'data that stays in the file when it is deleted',
    sqliteFile,
    'PRAGMA secure_delete = ON',
    'PRAGMA secure_delete = OFF',
    'test/server/deleted-data.test.ts',
  ),
  fault(
    'stored responses that are never purged',
    'server/process/purge.ts',
    'await store.purgeResponses(responsesExpiredAt(now))',
    'await Promise.resolve(0 * responsesExpiredAt(now).length)',
    'test/server/deleted-data.test.ts',
  ),
  fault(
    'a database file that others can read',
    sqliteFile,
    "openSync(file, 'a', 0o600)",
    "openSync(file, 'a', 0o644)",
    'test/server/start.test.ts',
  ),
];

const callers = [
  fault(
    'a token whose typo is accepted',
    tokens,
    'return sum !== checksum(random);',
    'return false;',
    'test/server/tokens.test.ts',
  ),
  fault(
    'a token that can be guessed',
    tokens,
    'estimateBits(token) >= minBits',
    'estimateBits(token) >= 0',
    'test/server/operator-tokens.test.ts',
  ),
  fault(
    'tokens in clear in the database',
    tokens,
    "return hash('sha256', token, 'hex');",
    'return token;',
    'test/server/tokens.test.ts',
  ),
  fault(
    'a revoked token that is accepted',
    authenticate,
    'revokedAt === undefined && (',
    '(revokedAt === undefined || true) && (',
    'test/server/accounts.test.ts test/server/operator-tokens.test.ts test/server/two-servers.test.ts',
  ),
  fault(
    'an expired token that is accepted',
    authenticate,
    'expiresAt > now.toISOString()',
    'expiresAt > now.toISOString().slice(0, 1)',
    'test/server/operator-tokens.test.ts',
  ),
  fault(
    'wrong tokens without a limit',
    'server/http/failed-authentications.ts',
    'counted.count < limit) return 0;',
    'counted.count < 1_000 * limit) return 0;',
    'test/server/failed-authentications.test.ts',
  ),
  fault(
    'a scope that no operation needs',
    'server/http/operation.ts',
    '!caller?.scopes.includes(scope)',
    '!caller?.scopes.includes(scope) && !scope',
    'test/server/accounts.test.ts test/server/authentication.test.ts test/operations/documented-statuses.test.ts',
  ),
  fault(
    'a reveal without its scope',
    handlers,
    'if (isReveal && !caller.scopes.includes(revealing))',
    'if (isReveal && caller.scopes.length === 0)',
    'test/server/reveal.test.ts',
  ),
  fault(
    'a token without a limit of requests',
    'server/http/rate-limit.ts',
    'return milliseconds === 0 ? undefined',
    'return milliseconds < 1e9 ? undefined',
    'test/server/limits.test.ts',
  ),
  fault(
    'an account that takes all turns',
    'server/http/account-turns.ts',
    'account.inWork + cost <= capacity);',
    'account.inWork + cost <= 1e6 * capacity);',
    'test/server/fairness.test.ts',
  ),
  fault(
    'a connection with all its requests in work',
    'server/http/connection.ts',
    'if (this.#running === undefined && this.#waiting.length === 0 && !this.#server.isHolding)',
    'if (!this.#server.isHolding)',
    'test/server/pipelining.test.ts',
  ),
  fault(
    'pages of every origin',
    'server/http/cors.ts',
    "!(allowed.has('*') || allowed.has(origin))",
    "!(allowed.has('*') || allowed.has(origin) || origin)",
    'test/server/cors.test.ts',
  ),
];

const requests = [
  fault(
    'a body that is not UTF-8',
    'server/http/body.ts',
    'fatal: true',
    'fatal: false',
    'test/server/read-body.test.ts test/server/limits.test.ts',
  ),
  fault(
    'names that are given twice',
    'generated/strict-json.ts',
    'must not be given twice',
    'was given twice',
    'test/server/strict-json.test.ts',
  ),
  fault(
    'a number in hexadecimal',
    'server/http/query.ts',
    'pattern: /^(?:0|-?[1-9]\\d{0,15})$/',
    'pattern: /^(?:0x\\d+|0|-?[1-9]\\d{0,15})$/',
    'test/server/paging.test.ts',
  ),
  fault(
    'a weak entity tag that permits a write',
    etag,
    'tags?.filter(({ isWeak }) => !isWeak)',
    'tags?.filter(({ isWeak }) => !isWeak || true)',
    'test/operations/update-oauth-app.test.ts test/server/lost-updates.test.ts test/contract/conformance.test.ts',
  ),
  fault(
    'an entity tag that does not change',
    etag,
    'healthTag?: string): string =>',
    'healthTag?: string, _ = (version = 1)): string =>',
    'test/operations/update-oauth-app.test.ts test/server/lost-updates.test.ts',
  ),
  fault(
    'an idempotency key that takes any body',
    idempotency,
    'if (!matches.includes(true)) return',
    'if (matches.length === 0) return',
    'test/server/idempotency.test.ts',
  ),
  fault(
    'a stored response that is kept for two days',
    idempotency,
    'const storedMilliseconds = 24 *',
    'const storedMilliseconds = 48 *',
    'test/server/idempotency.test.ts',
  ),
  fault(
    'a filter that takes 1 for "1"',
    metadata,
    'canonicalJson([name, value])',
    'canonicalJson([name, String(value)])',
    'test/operations/list-oauth-apps.test.ts',
  ),
  fault(
    'a cursor that any account may use',
    'server/resource/cursor.ts',
    "...{ accountId, rowId: operation, column: 'cursor' },",
    "...{ accountId: accountId && '', rowId: operation, column: 'cursor' },",
    'test/server/paging.test.ts test/server/tampering.test.ts',
  ),
  fault(
    'a response without no-store',
    'server/resource/record.ts',
    "noStore = { 'Cache-Control': 'no-store' }",
    "noStore = { 'Cache-Control': 'no-cache' }",
    'test/server/response-headers.test.ts test/operations/examples.test.ts test/contract/conformance.test.ts',
  ),
  fault(
    'a handler that forgets its ETag',
    handlers,
    '({ ...noStore, ETag: toETag(app.version, healthTag(app)) })',
    '({ ...noStore })',
    'types',
  ),
];

const rows = [
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
    'test/postgres/failover.test.ts',
  ),
];

const clients = [
  fault(
    'a create that is sent twice',
    'client/retry.ts',
    "return method !== 'POST' && hasRetryAfter",
    'return hasRetryAfter',
    'test/client/unreliable-server.test.ts test/client/errors.test.ts test/client/retries.test.ts',
  ),
  fault(
    'a safe change on a weak entity tag',
    'client/retry.ts',
    'etag is string => /^"[^"]*"$/',
    'etag is string => /"[^"]*"$/',
    'test/client/unreliable-server.test.ts test/client/client.test.ts test/client/retries.test.ts',
  ),
  fault(
    'a token over plain http',
    'client/options.ts',
    '(allowInsecureHttp === true || loopback.test(hostname))',
    '(allowInsecureHttp !== false || loopback.test(hostname))',
    'test/client/options.test.ts',
  ),
  fault(
    'a Retry-After that is not waited for',
    'client/retry.ts',
    'return Math.max(retryAfter ?? 0, ',
    'return Math.max(retryAfter ? 0 : 0, ',
    'test/client/retries.test.ts',
  ),
];

const tools = [
  fault(
    'a wider response that is no break',
    'openapi/diff/effects.ts',
    "response: { wider: 'major',",
    "response: { wider: 'minor',",
    'test/contract/diff-edits.test.ts',
  ),
  fault(
    'a narrower request that is no break',
    'openapi/diff/effects.ts',
    "request: { wider: 'minor', narrower: 'major',",
    "request: { wider: 'minor', narrower: 'minor',",
    'test/contract/diff-edits.test.ts',
  ),
  fault(
    'a report that shows secrets',
    'test/conformance/masking.ts',
    'result = result.replaceAll(secret, masked)',
    'result = result.replaceAll(secret, secret)',
    'test/contract/conformance-reports.test.ts test/contract/conformance-hostile.test.ts test/contract/conformance-run.test.ts',
  ),
  fault(
    'a report with escape sequences',
    'test/conformance/report.ts',
    '.map((line) => escapeControls(line))',
    '.map((line) => line)',
    'test/contract/conformance-causes.test.ts',
  ),
  fault(
    'a mock that ignores Prefer',
    'server/commands/mock-server.ts',
    "accept: '*/*' };",
    '};',
    'test/contract/mock.test.ts',
  ),
];

/** The faults of all parts of the product. */
export const productFaults: readonly ProductFault[] = [
  ...secrets,
  ...callers,
  ...requests,
  ...rows,
  ...clients,
  ...tools,
];
