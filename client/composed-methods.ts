/** Methods that send more than one request. */
import type { Operations, RawClient, RequestOptions } from '../generated/client.ts';
import type { OAuthApp, operations, UpdateOAuthApp } from '../generated/types.ts';
import { ProblemError, unwrap } from './problem-error.ts';

type ListQuery = Omit<NonNullable<Parameters<Operations['listOAuthApps']>[0]>, 'cursor'>;
type Headers = operations['updateOAuthApp']['parameters']['header'];

/** Methods that send several requests. They reject as `Operations` do, `changeOAuthApp` also with an error of `change`. */
export interface ComposedMethods {
  /**
   * Lists every OAuth app that matches the filters, page by page.
   *
   * @param query - Filters, and `limit`, the size of a page (100 by default).
   * @example for await (const app of client.listAllOAuthApps()) console.log(app.name);
   */
  listAllOAuthApps(query?: ListQuery, options?: RequestOptions): AsyncGenerator<OAuthApp, void>;
  /**
   * Reads an OAuth app and writes the update that `change` returns for it, with `If-Match`. When another request has
   * updated the app in the meantime (412), it starts again, for 10 attempts at most.
   *
   * @param change - Function that returns the update, or `undefined` to write nothing.
   * @returns The updated app; the app as read when nothing was written.
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

/** Creates the composed methods from the methods of the operations. */
export function composeMethods(raw: RawClient, methods: Operations): ComposedMethods {
  return {
    async *listAllOAuthApps(query = {}, options) {
      const { limit = defaultPageSize, ...filters } = query;
      for (let cursor: string | undefined; ; ) {
        const page = await methods.listOAuthApps({ ...filters, limit, cursor }, options);
        yield* page.data;
        cursor = page.next_cursor;
        if (cursor === undefined) return;
      }
    },
    async changeOAuthApp(id, change, options) {
      for (let attempt = 1; ; attempt += 1) {
        // `getOAuthApp` resolves with the data alone; the update needs the ETag as well.
        const result = raw.GET('/v1/oauth-apps/{id}', { ...options, parseAs: 'text', params: { path: { id } } });
        const app = await unwrap<OAuthApp>(result);
        const body = await change(app);
        if (body === undefined) return app;
        const { response } = await result;
        const headers = { 'If-Match': response.headers.get('etag') ?? '*' } satisfies Headers;
        try {
          return await methods.updateOAuthApp(id, body, { ...options, headers });
        } catch (error) {
          const isConflict = error instanceof ProblemError && error.status === 412;
          if (!isConflict || attempt >= maxChangeAttempts) throw error;
        }
      }
    },
  };
}
