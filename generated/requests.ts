// Generated from openapi/ by `npm run generate`. Do not edit.

/** The options of a request and its response, which the methods of the client share. */

/**
 * Options for retries. An option that is `undefined` has its default.
 *
 * @example
 * const retry: RetryOptions = { limit: 5, backoffBase: 200, methods: ['GET'] };
 */
export interface RetryOptions {
  /**
   * Number of retries after the first attempt, from 0; 0 turns retries off.
   *
   * @default 2
   */
  limit?: number | undefined;
  /**
   * HTTP methods that are retried where a retry is safe. No option makes the client repeat an unsafe request.
   *
   * @default every method
   */
  methods?: readonly string[] | undefined;
  /**
   * Longest delay before the first retry, in milliseconds; it doubles with every further retry. The delay is random
   * (full jitter), but at least `Retry-After`. The name is not `delay`, which in ky is a function.
   *
   * @default 500
   */
  backoffBase?: number | undefined;
  /**
   * Longest delay before any retry, in milliseconds. `Retry-After` may ask for more, up to 60 seconds.
   *
   * @default 8_000
   */
  backoffLimit?: number | undefined;
}

/**
 * Event after an attempt, for a log. It never holds a token, a header, a query or a body.
 *
 * @example
 * const log = ({ method, path, status }: RequestEvent) => console.log(method, path, status);
 */
export interface RequestEvent {
  /** HTTP method. */
  readonly method: string;
  /** Path of the operation in the description, such as `/v1/oauth-apps/{id}`. */
  readonly path: string;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Status code; `undefined` when there was no response. */
  readonly status?: number | undefined;
  /** Value of `X-Request-Id`. */
  readonly requestId?: string | undefined;
  /** Duration of the attempt in milliseconds. */
  readonly durationMs: number;
  /** Delay before the next attempt in milliseconds; `undefined` after the last one. */
  readonly retryDelayMs?: number | undefined;
}

/**
 * Options that a client has for all requests, and that every request may have for itself. `undefined` has the default.
 *
 * @example
 * const settings: RequestSettings = { timeout: 5_000, retry: { limit: 0 }, userAgent: 'my-app/1.0' };
 */
export interface RequestSettings {
  /** API token, or a function that returns one, called before every attempt. It is sent as a bearer token. */
  token?: string | (() => string | Promise<string>) | undefined;
  /**
   * Timeout of one attempt in milliseconds, from its start to the last byte of the response, from 1 to 2,147,483,647.
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
  /** Retries, which happen only where they cannot write twice. */
  retry?: RetryOptions | undefined;
  /** Headers to send, such as `traceparent`. Those that the client sets itself are not taken. */
  headers?: Readonly<Record<string, string | undefined>> | undefined;
  /** Value of `User-Agent`. Some browsers send their own. */
  userAgent?: string | undefined;
  /**
   * Function that sends a request.
   *
   * @default the global `fetch`
   */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Function called after every attempt, for a log. An error that it throws or rejects with is ignored. */
  onEvent?: ((event: RequestEvent) => unknown) | undefined;
}

/**
 * A successful response.
 *
 * @example
 * const { data, status, etag }: ApiResponse<OAuthApp> = await client.getOAuthApp(app.id).withResponse();
 * console.log(data.name, status, etag);
 */
export interface ApiResponse<Data> {
  /** Data of the body; `undefined` for 304, which has none. */
  readonly data: Data;
  /** HTTP status code. */
  readonly status: number;
  /** Headers of the response. */
  readonly headers: Headers;
  /** Value of `ETag`, for `If-Match` and `If-None-Match`. */
  readonly etag: string | undefined;
  /** Value of `X-Request-Id`, for a question to the operator. */
  readonly requestId: string | undefined;
}

/**
 * Promise of the data of a response.
 *
 * @example
 * const pending: ResponsePromise<OAuthApp> = client.getOAuthApp(app.id);
 * console.log((await pending).name, (await pending.withResponse()).status);
 */
export interface ResponsePromise<Data> extends Promise<Data> {
  /**
   * Resolves with the data together with status and headers. It sends no second request.
   *
   * @example const { data, etag } = await client.getOAuthApp(id).withResponse();
   */
  withResponse(): Promise<ApiResponse<Data>>;
}
