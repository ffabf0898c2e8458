import type { RequestEvent, RetryOptions } from './retry.ts';

/** Options of a client. An option that is `undefined` has its default. */
export interface ClientOptions {
  /** Base URL of the API, without `/v1`, such as `https://api.sequin.io`. `http:` is for loopback addresses only. */
  baseUrl: string;
  /** API token. It is sent as a bearer token and stored nowhere else. */
  token: string;
  /**
   * Function that sends a request.
   *
   * @default the global `fetch`
   */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * Timeout of one attempt in milliseconds, from its start to the last byte of the response.
   *
   * @default 10_000
   */
  timeout?: number | undefined;
  /**
   * Timeout of a request in milliseconds, with all its attempts and the delays between them.
   *
   * @default 30_000
   */
  totalTimeout?: number | undefined;
  /** Retries of reads, and of creates, with the same `Idempotency-Key`. Other writes are sent once. */
  retry?: RetryOptions | undefined;
  /** Function called after every attempt, for a log. An error that it throws is ignored. */
  onEvent?: ((event: RequestEvent) => void) | undefined;
}
