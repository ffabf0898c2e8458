import { fault } from './fault.ts';

/** Faults of the client. */
export const clients = [
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
    '(isInsecureAllowed || loopback.test(hostname))',
    '(!isInsecureAllowed || loopback.test(hostname))',
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
