// Generated from openapi/ by `npm run generate`. Do not edit.

import type { Client } from 'openapi-fetch';
import type { Metadata, operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Success<T extends { responses: object }> = {
  [Status in keyof T['responses']]: Content<T['responses'][Status]>;
}[keyof T['responses']];
type JsonBody<T> = T extends { requestBody?: infer Body } ? Content<NonNullable<Body>> : never;

/** What holds for one call only. */
export interface CallOptions<Headers = never> {
  /** Ends the call early; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** The headers that the description has for the operation. */
  headers?: Headers;
}

/** Turns an answer of openapi-fetch, its data still text, into the data, or throws. */
export type Settle = <T>(answer: Promise<{ data?: string; error?: unknown; response: Response }>) => Promise<T>;

/** The operations, as method and path, that take an `Idempotency-Key` and so can be repeated. */
export const keyedOperations: readonly string[] = ['POST /v1/oauth-apps'];

const toJson = (value: string | object | undefined) => (typeof value === 'object' ? JSON.stringify(value) : value);

/** One method per operation of the description. */
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
   * @param query - `provider`, `health.status`, `truncate_secrets`, `metadata`, `limit`, `cursor`
   * @param options - What holds for this call only
   * @throws ProblemError when the answer is not a success.
   */
  listOAuthApps(query?: Omit<NonNullable<operations['listOAuthApps']['parameters']['query']>, 'metadata'> & { 'metadata'?: string | Metadata }, options?: CallOptions): Promise<Success<operations['listOAuthApps']>>;

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
   * @param options - What holds for this call only; headers `Idempotency-Key`
   * @throws ProblemError when the answer is not a success.
   */
  createOAuthApp(body: JsonBody<operations['createOAuthApp']>, options?: CallOptions<operations['createOAuthApp']['parameters']['header']>): Promise<Success<operations['createOAuthApp']>>;

  /**
   * Get an OAuth app
   *
   * This endpoint gets a single OAuth app. The secret is always masked.
   *
   * @param id - The ID of the OAuth app.
   * @param options - What holds for this call only; headers `If-None-Match`
   * @throws ProblemError when the answer is not a success.
   */
  getOAuthApp(id: operations['getOAuthApp']['parameters']['path']['id'], options?: CallOptions<operations['getOAuthApp']['parameters']['header']>): Promise<Success<operations['getOAuthApp']>>;

  /**
   * Update an OAuth app
   *
   * Replaces the fields that are present, each as a whole (`metadata` too), and leaves the others unchanged. An empty object changes nothing. `provider` and `client_id` cannot be changed.
   *
   * @param id - The ID of the OAuth app.
   * @param body - The request body.
   * @param options - What holds for this call only; headers `If-Match`
   * @throws ProblemError when the answer is not a success.
   */
  updateOAuthApp(id: operations['updateOAuthApp']['parameters']['path']['id'], body: JsonBody<operations['updateOAuthApp']>, options?: CallOptions<operations['updateOAuthApp']['parameters']['header']>): Promise<Success<operations['updateOAuthApp']>>;

  /**
   * Delete an OAuth app
   *
   * Deletes the OAuth app and its secret permanently. Later requests for its ID get 404.
   *
   * @param id - The ID of the OAuth app.
   * @param options - What holds for this call only; headers `If-Match`
   * @throws ProblemError when the answer is not a success.
   */
  deleteOAuthApp(id: operations['deleteOAuthApp']['parameters']['path']['id'], options?: CallOptions<operations['deleteOAuthApp']['parameters']['header']>): Promise<Success<operations['deleteOAuthApp']>>;
}

/** The operations, sent by `raw` and settled by `settle`. */
export function bindOperations(raw: Client<paths>, settle: Settle): Operations {
  return {
    listOAuthApps: (query, options) =>
      settle(raw.GET('/v1/oauth-apps', { ...options, parseAs: 'text', params: { query: { ...query, 'metadata': toJson(query?.['metadata']) } } })),
    createOAuthApp: (body, { headers, ...options } = {}) =>
      settle(raw.POST('/v1/oauth-apps', { ...options, parseAs: 'text', params: { header: headers }, body })),
    getOAuthApp: (id, { headers, ...options } = {}) =>
      settle(raw.GET('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers } })),
    updateOAuthApp: (id, body, { headers, ...options } = {}) =>
      settle(raw.PATCH('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers }, body })),
    deleteOAuthApp: (id, { headers, ...options } = {}) =>
      settle(raw.DELETE('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id }, header: headers } })),
  };
}
