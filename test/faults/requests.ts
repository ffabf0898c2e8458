import { fault } from './fault.ts';

const etag = 'server/resource/etag.ts';
const idempotency = 'server/resource/idempotency.ts';
const metadata = 'server/resource/metadata.ts';
const handlers = 'server/oauth-apps/handlers.ts';

/** Faults of requests and responses. */
export const requests = [
  fault(
    'a body that is not UTF-8',
    'server/http/body.ts',
    'fatal: true',
    'fatal: false',
    'test/server/body-bytes.test.ts',
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
