/** Methods that send more than one request. */
import type { ListOAuthAppsQuery, Operations, RequestOptions } from '../generated/client.ts';
import type { ApiResponse } from '../generated/requests.ts';
import type { OAuthApp, UpdateOAuthApp } from '../generated/types.ts';
import { ConnectionError, ProblemError, TimeoutError } from './errors.ts';
import type { Settings } from './options.ts';
import { chooseDelay, isStrong } from './retry.ts';
import { sleep, startTimeout } from './timeout.ts';

/** Query parameters of `listAllOAuthApps`. `limit` is the size of a page, 100 by default. */
export interface ListAllOAuthAppsQuery extends Omit<ListOAuthAppsQuery, 'cursor'> {}

/** Methods that send several requests. They reject as `Operations` do, `changeOAuthApp` also with an error of `change`. */
export interface ComposedMethods {
  /**
   * Lists every OAuth app that matches the filters, page by page.
   *
   * @param query - Filters, and `limit`, the size of a page (100 by default).
   * @param options - Options of each request.
   * @throws {ProblemError} if a response is no success, or its `next_cursor` was there before.
   * @example for await (const app of client.listAllOAuthApps()) console.log(app.name);
   */
  listAllOAuthApps(query?: ListAllOAuthAppsQuery, options?: RequestOptions): AsyncGenerator<OAuthApp, void>;
  /**
   * Reads an OAuth app and writes the update that `change` returns for it, with `If-Match`. When another request has
   * updated the app in the meantime (412), it waits and starts again, for 10 attempts and `totalTimeout` at most.
   *
   * @param id - The ID of the OAuth app.
   * @param change - Function that returns the update, or `undefined` to write nothing.
   * @param options - Options of each request. `totalTimeout` is for all of them together.
   * @returns The updated app; the app as read when nothing was written.
   * @throws {ProblemError} if a response is no success, or the server sends no strong `ETag`. Without one, the update could
   * overwrite that of another client.
   * @throws {ConnectionError} if a response was lost, so that the update may have been written.
   * @example await client.changeOAuthApp(id, ({ name }) => ({ name: `${name} (old)` }));
   */
  changeOAuthApp(
    id: string,
    change: (app: OAuthApp) => UpdateOAuthApp | undefined | Promise<UpdateOAuthApp | undefined>,
    options?: RequestOptions,
  ): Promise<OAuthApp>;
}

const defaultPageSize = 100;
const maxChangeAttempts = 10;

/** Returns an error for a successful response that the method cannot go on with. */
const unusable = ({ status, headers }: ApiResponse<unknown>, operation: string, message: string) =>
  new ProblemError(new Response(null, { status, headers }), undefined, operation, message);

/** Creates the composed methods from the methods of the operations. */
export function composeMethods(methods: Operations, apply: (options: RequestOptions) => Settings): ComposedMethods {
  return {
    async *listAllOAuthApps(query = {}, options) {
      const { limit = defaultPageSize, ...filters } = query;
      const seen = new Set<string>();
      for (let cursor: string | undefined; ; ) {
        const page = await methods.listOAuthApps({ ...filters, limit, cursor }, options).withResponse();
        yield* page.data.data;
        cursor = page.data.next_cursor;
        if (cursor === undefined) return;
        if (seen.has(cursor)) throw unusable(page, 'listOAuthApps', 'the server sent the same next_cursor again');
        seen.add(cursor);
      }
    },
    async changeOAuthApp(id, change, options = {}) {
      const { totalTimeout, retry } = apply(options);
      const total = startTimeout(totalTimeout, [options.signal]);
      const { signal } = total;
      let [attempt, isWriting] = [0, false];
      try {
        for (;;) {
          attempt += 1;
          isWriting = false;
          const read = await methods.getOAuthApp(id, { ...options, signal }).withResponse();
          const { data, etag } = read;
          if (!isStrong(etag)) throw unusable(read, 'changeOAuthApp', 'no strong ETag, so that a change is not safe');
          const body = await change(data);
          if (body === undefined) return data;
          isWriting = true;
          try {
            return await methods.updateOAuthApp(id, body, {
              ...options,
              signal,
              headers: { ...options.headers, 'If-Match': etag },
            });
          } catch (error) {
            if (!(error instanceof ProblemError) || error.status !== 412 || attempt >= maxChangeAttempts) throw error;
            isWriting = false;
            await sleep(chooseDelay(attempt, error.retryAfter, retry), signal);
          }
        }
      } catch (error) {
        if (!total.hasExpired() || error instanceof ConnectionError || error !== signal.reason) throw error;
        throw new TimeoutError({ attempts: attempt, mayHaveArrived: isWriting }, totalTimeout);
      } finally {
        total.clear();
      }
    },
  };
}
