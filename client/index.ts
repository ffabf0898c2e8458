import createClient from 'openapi-fetch';
import { bindOperations, idempotentOperations, type Operations, type RawClient } from '../generated/client.ts';
import type { paths } from '../generated/types.ts';
import { type ComposedMethods, composeMethods } from './composed-methods.ts';
import type { ClientOptions } from './options.ts';
import { unwrap } from './problem-error.ts';
import { sendWithRetries } from './retry.ts';

export type { Operations, RequestOptions } from '../generated/client.ts';
export { healthStatuses, providers } from '../generated/lists.ts';
export type * from '../generated/types.ts';
export type { ClientOptions } from './options.ts';
export { ProblemError } from './problem-error.ts';
export type { RequestEvent, RetryOptions } from './retry.ts';

/** Client of the API: a method per operation, composed methods, and the plain openapi-fetch client. */
export interface OAuthAppsClient extends Operations, ComposedMethods {
  /** The openapi-fetch client, for what the methods do not cover. It returns `{ data, error, response }`. */
  readonly raw: RawClient;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Throws for a base URL over which the token would cross a network unencrypted. */
function checkBaseUrl(baseUrl: string): void {
  const { protocol, hostname } = new URL(baseUrl);
  if (protocol === 'https:' || (protocol === 'http:' && loopback.test(hostname))) return;
  throw new TypeError('baseUrl must be https:, or http: on a loopback address: the token would be sent unencrypted');
}

/** Returns a random key of 128 bits. `randomUUID` does not exist on pages that are served over plain http. */
const createIdempotencyKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16)).join('-');

/** Creates the openapi-fetch client that sends every request with token, timeouts and retries. */
function createRawClient(options: ClientOptions): RawClient {
  const { baseUrl, token, fetch: send = (request) => fetch(request), onEvent } = options;
  const { timeout = 10_000, totalTimeout = 30_000, retry = {} } = options;
  const { limit = 2, backoffBase = 500, backoffLimit = 8_000 } = retry;
  const sendOptions = { timeout, totalTimeout, retry: { limit, backoffBase, backoffLimit }, send, onEvent };
  const raw = createClient<paths>({
    baseUrl,
    headers: { Authorization: `Bearer ${token}` },
    // A followed redirect would send token and body to another URL.
    redirect: 'error',
  });
  raw.use({
    onRequest({ request, schemaPath }) {
      const { method, headers } = request;
      if (idempotentOperations.includes(`${method} ${schemaPath}`) && !headers.has('Idempotency-Key')) {
        headers.set('Idempotency-Key', createIdempotencyKey());
      }
      return sendWithRetries(request, schemaPath, sendOptions);
    },
  });
  return raw;
}

/**
 * Creates a client for one API token.
 *
 * @throws {TypeError} if `baseUrl` is no URL, or is `http:` beyond a loopback address.
 * @example
 * const client = createOAuthAppsClient({ baseUrl: 'https://api.sequin.io', token, retry: { limit: 5 } });
 * const { data } = await client.listOAuthApps({ provider: 'stripe' });
 */
export function createOAuthAppsClient(options: ClientOptions): OAuthAppsClient {
  checkBaseUrl(options.baseUrl);
  const raw = createRawClient(options);
  const methods = bindOperations(raw, unwrap);
  return { ...methods, ...composeMethods(raw, methods), raw };
}
