import { fault } from './fault.ts';

const keyRing = 'server/keys/key-ring.ts';
const view = 'server/oauth-apps/view.ts';
const sqliteFile = 'server/store/dialects/sqlite-file.ts';

/** Faults of secrets, keys and files. */
export const secrets = [
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
    'test/operations/get-oauth-app.test.ts',
  ),
  fault(
    'a secret under a retired key that is well',
    view,
    "{ status: 'warn', notes: ['The secret is sealed under a retired key.",
    "{ status: 'ok', notes: ['The secret is sealed under a retired key.",
    'test/server/health.test.ts test/server/rotation.test.ts',
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
