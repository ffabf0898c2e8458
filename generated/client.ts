// Generated from openapi/ by `npm run generate`. Do not edit.

import type { Client } from 'openapi-fetch';
import type { Metadata, operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
type Success<Id extends keyof operations> = {
  [Status in keyof Responses<Id>]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id>];
type JsonBody<Id extends keyof operations> = Content<NonNullable<operations[Id]['requestBody']>>;

/** The openapi-fetch client of the description's paths. */
export type RawClient = Client<paths>;

/** Options of one request. The type argument is the operation whose header parameters `headers` takes. */
export interface RequestOptions<Id extends keyof operations = never> {
  /** Signal that aborts the request, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Header parameters of the operation. */
  headers?: operations[Id]['parameters']['header'] | undefined;
}

/** Resolves with the data of a result of openapi-fetch, which is still text, or rejects. */
export type Unwrap = <T>(result: Promise<{ data?: string; error?: unknown; response: Response }>) => Promise<T>;

/** Operations that take an `Idempotency-Key`, as method and path: they are safe to retry. */
export const idempotentOperations: readonly string[] = ['POST /v1/oauth-apps'];

const toJson = (value: string | object | undefined) => (typeof value === 'object' ? JSON.stringify(value) : value);

/**
 * Methods of the operations. Each resolves with the data of the response. Each rejects with a `ProblemError` if the
 * response is no success or its body is not JSON; with the error of `fetch` (a `TypeError`) if there was no response;
 * with a `TimeoutError` (a `DOMException`) after `timeout` or `totalTimeout`; with the reason of an aborted `signal`.
 */
export interface Operations {
  /**
   * List OAuth apps
   *
   * This endpoint lists all the OAuth apps in your account, newest last. Filters combine with AND.
   * Secrets are masked unless `truncate_secrets=false`.
   *
   * With `limit`, the list comes in pages. A page has `next_cursor` when another page follows. An OAuth app that is
   * created or deleted between two requests neither duplicates nor hides another.
   *
   * @param query - Query parameters: `provider`, `health.status`, `truncate_secrets`, `metadata`, `limit`, `cursor`.
   * @param options - Options of this request.
   * @throws {ProblemError} if the response is no success.
   */
  listOAuthApps(query?: Omit<NonNullable<operations['listOAuthApps']['parameters']['query']>, 'metadata'> & { 'metadata'?: string | Metadata }, options?: RequestOptions): Promise<Success<'listOAuthApps'>>;

  /**
   * Create an OAuth app
   *
   * This endpoint creates an OAuth app. Each request creates one: there is no uniqueness rule and no upsert.
   * The secret is stored encrypted and is masked in the response.
   *
   * With an `Idempotency-Key`, a repeated request creates no second OAuth app. The number of OAuth apps per account is
   * limited (1,000 by default).
   *
   * @param body - The request body.
   * @param options - Options of this request; `headers` takes `Idempotency-Key`.
   * @throws {ProblemError} if the response is no success.
   */
  createOAuthApp(body: JsonBody<'createOAuthApp'>, options?: RequestOptions<'createOAuthApp'>): Promise<Success<'createOAuthApp'>>;

  /**
   * Get an OAuth app
   *
   * This endpoint gets a single OAuth app. The secret is always masked.
   *
   * @param id - The ID of the OAuth app.
   * @param options - Options of this request; `headers` takes `If-None-Match`.
   * @throws {ProblemError} if the response is no success.
   */
  getOAuthApp(id: operations['getOAuthApp']['parameters']['path']['id'], options?: RequestOptions<'getOAuthApp'>): Promise<Success<'getOAuthApp'>>;

  /**
   * Update an OAuth app
   *
   * Replaces the fields that are present, each as a whole (`metadata` too), and leaves the others unchanged. An empty object changes nothing, and needs the scope `read` as well. `provider` and `client_id` cannot be changed.
   *
   * @param id - The ID of the OAuth app.
   * @param body - The request body.
   * @param options - Options of this request; `headers` takes `If-Match`.
   * @throws {ProblemError} if the response is no success.
   */
  updateOAuthApp(id: operations['updateOAuthApp']['parameters']['path']['id'], body: JsonBody<'updateOAuthApp'>, options?: RequestOptions<'updateOAuthApp'>): Promise<Success<'updateOAuthApp'>>;

  /**
   * Delete an OAuth app
   *
   * Deletes the OAuth app and its secret permanently. Later requests for its ID get 404.
   *
   * @param id - The ID of the OAuth app.
   * @param options - Options of this request; `headers` takes `If-Match`.
   * @throws {ProblemError} if the response is no success.
   */
  deleteOAuthApp(id: operations['deleteOAuthApp']['parameters']['path']['id'], options?: RequestOptions<'deleteOAuthApp'>): Promise<Success<'deleteOAuthApp'>>;
}

/** Creates the methods of the operations. They send requests with `raw` and read the responses with `unwrap`. */
export function bindOperations(raw: RawClient, unwrap: Unwrap): Operations {
  return {
    listOAuthApps: (query, options) =>
      unwrap(raw.GET('/v1/oauth-apps', { ...options, parseAs: 'text', params: { query: { ...query, 'metadata': toJson(query?.['metadata']) } } })),
    createOAuthApp: (body, { headers, ...options } = {}) =>
      unwrap(raw.POST('/v1/oauth-apps', { ...options, parseAs: 'text', params: { header: headers }, body })),
    getOAuthApp: (id, { headers, ...options } = {}) =>
      unwrap(raw.GET('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers } })),
    updateOAuthApp: (id, body, { headers, ...options } = {}) =>
      unwrap(raw.PATCH('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers }, body })),
    deleteOAuthApp: (id, { headers, ...options } = {}) =>
      unwrap(raw.DELETE('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers } })),
  };
}
