import { bindOperations, type Operations, type RawClient, type Send } from '../generated/client.ts';
import { bindComposed, type ComposedMethods } from '../generated/composed.ts';
import { createComposer } from './composed-methods.ts';
import { applyOptions, type ClientOptions, readBaseUrl, readFlag, readSettings, readSignal } from './options.ts';
import { createRawClient } from './raw.ts';
import { ResponseDataPromise, readResponse } from './response.ts';

export type { ListOAuthAppsQuery, Operations, RequestOptions } from '../generated/client.ts';
export type { ComposedMethods, ListAllOAuthAppsQuery } from '../generated/composed.ts';
export { healthStatuses, isHealthStatus, isProvider, providers } from '../generated/lists.ts';
export type {
  ApiResponse,
  RequestEvent,
  RequestSettings,
  ResponsePromise,
  RetryOptions,
} from '../generated/requests.ts';
export type * from '../generated/types.ts';
export { ConnectionError, type ConnectionFacts, ProblemError, TimeoutError } from './errors.ts';
export type { ClientOptions } from './options.ts';

/**
 * Client of the API: a method per operation, composed methods, and the plain client below them.
 *
 * @example
 * const countApps = async (client: OAuthAppsClient) => (await client.listOAuthApps()).data.length;
 * console.log(await countApps(client));
 */
export interface OAuthAppsClient extends Operations, ComposedMethods {
  /**
   * Client in the shape of openapi-fetch, for what the methods do not cover. It returns `{ data, error, response }`. The
   * methods send their requests with it: middleware that `raw.use` adds sees them too.
   *
   * @see https://openapi-ts.dev/openapi-fetch/api
   */
  readonly raw: RawClient;
}

/**
 * Creates a client for one API token.
 *
 * @throws {TypeError} if an option is missing or out of range, or if `baseUrl` is `http:` beyond a loopback address
 * without `allowInsecureHttp`. The message quotes no value.
 * @example
 * const client = createOAuthAppsClient({ baseUrl: 'https://api.sequin.io', token, retry: { limit: 5 } });
 * const { data } = await client.listOAuthApps({ provider: 'stripe' });
 */
export function createOAuthAppsClient(options: ClientOptions): OAuthAppsClient {
  const settings = readSettings(options);
  const idempotencyKeys = readFlag('idempotencyKeys', options.idempotencyKeys);
  const raw = createRawClient({ baseUrl: readBaseUrl(options), settings, idempotencyKeys });
  const apply = (request: Parameters<typeof applyOptions>[0]) => applyOptions(request, settings);
  const send: Send = (operation, request = {}, call, bodies) => {
    // An option out of range is a rejection.
    const result = async () => {
      const own = apply(request);
      return call({ parseAs: 'text', signal: readSignal(request.signal), settings: own });
    };
    return new ResponseDataPromise(readResponse(operation, result(), bodies));
  };
  const methods = bindOperations(raw, send);
  return { ...methods, ...bindComposed(methods, createComposer(apply)), raw };
}
