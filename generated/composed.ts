// Generated from openapi/ by `npm run generate`. Do not edit.

import type { ListOAuthAppsQuery, Operations, RequestOptions } from './client.ts';
import type { ResponsePromise } from './requests.ts';
import type { OAuthApp, UpdateOAuthApp, operations } from './types.ts';

/**
 * Query parameters of `listAllOAuthApps`. `limit` is the size of a page, 100 by default.
 *
 * @example const query: ListAllOAuthAppsQuery = {"provider":"airtable"};
 */
export interface ListAllOAuthAppsQuery extends Omit<ListOAuthAppsQuery, 'cursor'> {}

/**
 * Methods that send several requests. They reject as `Operations` do, a change also with an error of `change`.
 *
 * @example const methods: Partial<ComposedMethods> = client;
 */
export interface ComposedMethods {
  /**
   * List OAuth apps, all of them, page by page.
   *
   * @param query - Filters, and `limit`, the size of a page (100 by default).
   * @param options - Options of each request.
   * @throws {ProblemError} if a response is no success, or its `next_cursor` was there before.
   * @example for await (const item of client.listAllOAuthApps()) console.log(item);
   */
  listAllOAuthApps(query?: ListAllOAuthAppsQuery, options?: RequestOptions): AsyncGenerator<OAuthApp, void>;

  /**
   * Reads and writes what `change` returns, with `If-Match`: `getOAuthApp`, then `updateOAuthApp`. When another request
   * has written in the meantime (412), it waits and starts again, for 10 attempts and `totalTimeout` at most.
   *
   * @param id - The ID of the OAuth app.
   * @param change - Function that returns the body of the write, or `undefined` to write nothing.
   * @param options - Options of each request. `totalTimeout` is for all of them together.
   * @returns What was written; what was read when nothing was written.
   * @throws {ProblemError} if a response is no success, or the server sends no strong `ETag`. Without one, the write could
   * overwrite that of another client.
   * @throws {ConnectionError} if a response was lost, so that the write may have happened.
   */
  changeOAuthApp(id: operations['getOAuthApp']['parameters']['path']['id'], change: (current: OAuthApp) => UpdateOAuthApp | undefined | Promise<UpdateOAuthApp | undefined>, options?: RequestOptions): Promise<OAuthApp>;
}

/** Requests of a change, each with its options. */
export interface ChangeRequests<Data, Body, Result> {
  read(options: RequestOptions): ResponsePromise<Data>;
  write(body: Body, options: RequestOptions & { headers: { 'If-Match': string } }): ResponsePromise<Result>;
}

/** Sends the requests of the composed methods. */
export interface Composer {
  /** Lists the items of every page. */
  listAll<Item>(
    operation: string,
    list: (cursor: string | undefined) => ResponsePromise<{ data: readonly Item[]; next_cursor?: string | undefined }>,
  ): AsyncGenerator<Item, void>;
  /** Reads and writes until no other request has written in between. */
  change<Data, Body, Result>(
    operation: string,
    requests: ChangeRequests<Data, Body, Result>,
    change: (current: Data) => Body | undefined | Promise<Body | undefined>,
    options: RequestOptions | undefined,
  ): Promise<Data | Result>;
}

/** Items on a page, unless a query says otherwise. */
const defaultPageSize = 100;

/** Creates the composed methods from the methods of the operations. */
export function bindComposed(methods: Operations, composer: Composer): ComposedMethods {
  return {
    listAllOAuthApps: (query, options) =>
      composer.listAll('listOAuthApps', (cursor) => methods.listOAuthApps({ ...query, limit: query?.limit ?? defaultPageSize, cursor }, options)),
    changeOAuthApp: (id, change, options) =>
      composer.change('changeOAuthApp', {
        read: (init) => methods.getOAuthApp(id, init),
        write: (body: UpdateOAuthApp, init) => methods.updateOAuthApp(id, body, init),
      }, change, options),
  };
}
