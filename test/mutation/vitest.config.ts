import { defineConfig } from 'vitest/config';

/** The tests that guard secrets, tokens, conditional requests, idempotency, masking, retries, strict JSON and ratings. */
const include = [
  ...['authentication', 'idempotency', 'key-ring', 'lost-updates', 'paging', 'reveal', 'strict-json'].map(
    (name) => `test/server/${name}.test.ts`,
  ),
  ...['tampering', 'tokens'].map((name) => `test/server/${name}.test.ts`),
  ...['test/client/retries.test.ts', 'test/contract/diff.test.ts'],
];

export default defineConfig({
  test: { include, provide: { store: 'sqlite' as const }, env: { TIME_FACTOR: '1', SOAK: '' }, testTimeout: 20_000 },
});
