/** A part of the code that guards secrets or data, and the tests that have to notice each change of it. */
export interface Subject {
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

/** The subjects of mutation testing. Their tests are unit-level: they run without a database, once for each mutant. */
export const subjects: Readonly<Record<string, Subject>> = {
  keys: { files: ['server/keys/key-ring.ts'], tests: ['test/server/key-ring.test.ts'] },
  tokens: { files: ['server/keys/tokens.ts'], tests: ['test/server/tokens.test.ts'] },
  etag: { files: ['server/resource/etag.ts'], tests: ['test/server/etag.test.ts'] },
  idempotency: {
    files: ['server/resource/idempotency.ts', 'server/resource/metadata.ts'],
    tests: ['test/server/idempotency-records.test.ts', 'test/server/metadata.test.ts'],
  },
  cursor: {
    files: ['server/resource/cursor.ts', 'server/resource/pages.ts'],
    tests: ['test/server/cursor.test.ts', 'test/server/pages.test.ts'],
  },
  secrets: {
    files: ['server/oauth-apps/view.ts', 'server/resource/secrets.ts'],
    tests: ['test/server/view.test.ts'],
  },
  log: { files: ['server/log.ts', 'server/process/error-facts.ts'], tests: ['test/server/log-lines.test.ts'] },
  masking: { files: ['test/conformance/masking.ts'], tests: ['test/contract/masking.test.ts'] },
  retry: {
    files: ['client/retry.ts', 'client/retry-after.ts', 'client/timeout.ts'],
    tests: ['retry-rules', 'retry-timeouts', 'timeout'].map((name) => `test/client/${name}.test.ts`),
  },
  changes: { files: ['client/composed-methods.ts'], tests: ['test/client/composed-methods.test.ts'] },
  'strict JSON': {
    files: ['generated/strict-json.ts', 'server/http/parse-json.ts'],
    tests: ['test/server/strict-json.test.ts'],
  },
  'diff effects': {
    files: ['effects', 'finding', 'security', 'version'].map((name) => `openapi/diff/${name}.ts`),
    tests: ['schemas', 'ratings'].map((name) => `test/contract/diff-${name}.test.ts`),
  },
  'diff schemas': {
    files: ['schemas', 'branches'].map((name) => `openapi/diff/${name}.ts`),
    tests: ['branches', 'keywords', 'schemas'].map((name) => `test/contract/diff-${name}.test.ts`),
  },
  'diff flattening': {
    files: ['openapi/diff/flatten.ts'],
    tests: ['flattening', 'keywords'].map((name) => `test/contract/diff-${name}.test.ts`),
  },
  'diff operations': { files: ['openapi/diff/messages.ts'], tests: ['test/contract/diff-operations.test.ts'] },
  'diff documents': {
    files: ['document', 'nodes', 'meaning'].map((name) => `openapi/diff/${name}.ts`),
    tests: ['documents', 'keywords', 'operations'].map((name) => `test/contract/diff-${name}.test.ts`),
  },
};
