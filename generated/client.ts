// Generated from openapi/ by `npm run generate`. Do not edit.

import type { Client } from 'openapi-fetch';
import type { RequestSettings, ResponsePromise } from './requests.ts';
import type { CreateOAuthApp, DeletedOAuthApp, OAuthApp, OAuthAppList, UpdateOAuthApp, operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
/** Data of a response whose schema has no name. */
export type Success<Id extends keyof operations, Status extends keyof Responses<Id>> = Content<Responses<Id>[Status]>;
/** Body of a request whose schema has no name. */
export type JsonBody<Id extends keyof operations> = Content<NonNullable<operations[Id]['requestBody']>>;

type HeaderParameters<Id extends keyof operations> = [Id] extends [never]
  ? unknown
  : NonNullable<operations[Id]['parameters']['header']>;

/** Client of the description's paths, in the shape of openapi-fetch. */
export type RawClient = Client<paths>;

/**
 * Options of one request. The type argument is the operation whose header parameters `headers` takes.
 *
 * @example const options: RequestOptions = { timeout: 5_000, headers: { traceparent: '00-0-0-00' } };
 */
export interface RequestOptions<Id extends keyof operations = never> extends Omit<RequestSettings, 'headers'> {
  /** Signal that aborts the request, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Header parameters of the operation, and any other headers. */
  headers?: (HeaderParameters<Id> & Readonly<Record<string, string | undefined>>) | undefined;
}

/** Options of a request that needs header parameters. */
export interface RequiredHeaders<Id extends keyof operations> {
  headers: HeaderParameters<Id>;
}

/** Options of a request whose response may be 304, which has no data. */
export interface NotModifiedOptions {
  headers: { 'If-None-Match': string };
}

/** Result of the raw client, whose data is still text. */
export interface RawResult {
  data?: string;
  error?: unknown;
  response: Response;
}

/** Options that the raw client gets for a request. */
export interface RawInit {
  parseAs: 'text';
  signal: AbortSignal | undefined;
  /** Settings of the request, which only the client knows. */
  settings: object;
}

/** Options of any request. */
export interface AnyRequestOptions extends RequestSettings {
  signal?: AbortSignal | undefined;
}

/** Sends a request of an operation. `call` sends it with the raw client. */
export type Send = <Data>(
  operationId: string,
  options: AnyRequestOptions | undefined,
  call: (init: RawInit) => Promise<RawResult>,
  /** Successes that are not JSON, by status. 204 and 304 are always empty. */
  bodies?: Readonly<Record<number, 'text' | 'empty'>>,
) => ResponsePromise<Data>;

/** Operations that take an `Idempotency-Key`, as method and path. */
export const idempotentOperations: readonly string[] = ['POST /v1/oauth-apps'];

/** Returns a value as JSON; text is JSON already. */
function toJson<Value extends string | object | undefined>(value: Value): Value extends undefined ? undefined : string;
function toJson(value: string | object | undefined) {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

/**
 * Query parameters of `listOAuthApps`: List OAuth apps.
 *
 * @example const query: ListOAuthAppsQuery = {"provider":"airtable"};
 */
export interface ListOAuthAppsQuery extends Omit<NonNullable<operations['listOAuthApps']['parameters']['query']>, 'metadata'> {
  /**
   * Filter for OAuth apps matching the properties supplied in this map, one URL-encoded JSON object. For example, `{"custom_property": 42}` will return all OAuth apps with a `custom_property` of `42`. Every given property must be present and equal, including its type. Nested values are compared as a whole. Other properties are allowed. At most 32 properties.
   */
  'metadata'?: string | object | undefined;
}

/**
 * Methods of the operations. Each resolves with the data of the response; `.withResponse()` adds status and headers. Each
 * rejects with a `ProblemError` if the response is no success or its body is not JSON; with a `ConnectionError` if there
 * was no response, which is a `TimeoutError` after `timeout` or `totalTimeout`; with the reason of an aborted `signal`;
 * with a `TypeError` for an option or an ID that cannot be sent.
 *
 * @example const methods: Pick<Operations, 'listOAuthApps'> = client;
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
   * @throws {ConnectionError} if there is no response.
   */
  listOAuthApps(query?: ListOAuthAppsQuery, options?: RequestOptions): ResponsePromise<OAuthAppList>;

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
   * @throws {ConnectionError} if there is no response.
   */
  createOAuthApp(body: CreateOAuthApp, options?: RequestOptions<'createOAuthApp'>): ResponsePromise<OAuthApp>;

  /**
   * Get an OAuth app
   *
   * This endpoint gets a single OAuth app. The secret is always masked.
   *
   * @param id - The ID of the OAuth app.
   * @param options - Options of this request; `headers` takes `If-None-Match`.
   * @throws {ProblemError} if the response is no success.
   * @throws {ConnectionError} if there is no response.
   */
  getOAuthApp(id: operations['getOAuthApp']['parameters']['path']['id'], options: RequestOptions<'getOAuthApp'> & NotModifiedOptions): ResponsePromise<OAuthApp | undefined>;
  /**
   * Get an OAuth app
   *
   * This endpoint gets a single OAuth app. The secret is always masked.
   *
   * @param id - The ID of the OAuth app.
   * @param options - Options of this request; `headers` takes `If-None-Match`.
   * @throws {ProblemError} if the response is no success.
   * @throws {ConnectionError} if there is no response.
   */
  getOAuthApp(id: operations['getOAuthApp']['parameters']['path']['id'], options?: RequestOptions<'getOAuthApp'>): ResponsePromise<OAuthApp>;

  /**
   * Update an OAuth app
   *
   * Replaces the fields that are present, each as a whole (`metadata` too), and leaves the others unchanged. An empty object changes nothing, and needs the scope `read` as well. `provider` and `client_id` cannot be changed.
   *
   * @param id - The ID of the OAuth app.
   * @param body - The request body.
   * @param options - Options of this request; `headers` takes `If-Match`.
   * @throws {ProblemError} if the response is no success.
   * @throws {ConnectionError} if there is no response.
   */
  updateOAuthApp(id: operations['updateOAuthApp']['parameters']['path']['id'], body: UpdateOAuthApp, options?: RequestOptions<'updateOAuthApp'>): ResponsePromise<OAuthApp>;

  /**
   * Delete an OAuth app
   *
   * Deletes the OAuth app and its secret permanently. Later requests for its ID get 404.
   *
   * @param id - The ID of the OAuth app.
   * @param options - Options of this request; `headers` takes `If-Match`.
   * @throws {ProblemError} if the response is no success.
   * @throws {ConnectionError} if there is no response.
   */
  deleteOAuthApp(id: operations['deleteOAuthApp']['parameters']['path']['id'], options?: RequestOptions<'deleteOAuthApp'>): ResponsePromise<DeletedOAuthApp>;
}

/** Creates the methods of the operations. They send requests with `raw`, in the way of `send`. */
export function bindOperations(raw: RawClient, send: Send): Operations {
  return {
    listOAuthApps: (query, options) =>
      send('listOAuthApps', options, (init) => raw.GET('/v1/oauth-apps', { ...init, params: { query: { ...query, 'metadata': toJson(query?.['metadata']) } } })),
    createOAuthApp: (body, options) =>
      send('createOAuthApp', options, (init) => raw.POST('/v1/oauth-apps', { ...init, body })),
    getOAuthApp: (id, options) =>
      send('getOAuthApp', options, (init) => raw.GET('/v1/oauth-apps/{id}', { ...init, params: { path: { id } } })),
    updateOAuthApp: (id, body, options) =>
      send('updateOAuthApp', options, (init) => raw.PATCH('/v1/oauth-apps/{id}', { ...init, params: { path: { id } }, body })),
    deleteOAuthApp: (id, options) =>
      send('deleteOAuthApp', options, (init) => raw.DELETE('/v1/oauth-apps/{id}', { ...init, params: { path: { id } } })),
  };
}
