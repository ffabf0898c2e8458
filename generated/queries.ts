// Generated from openapi/ by `npm run generate`. Do not edit.

import type { Operations } from './client.ts';

/** The context that TanStack Query gives to a query. */
interface QueryContext {
  readonly signal: AbortSignal;
}

/**
 * Creates the options of TanStack Query for each operation, for `useQuery`, `useInfiniteQuery`, `prefetchQuery` and so on.
 * Keys begin with `oauth-apps` and the operation. They need version 5 of TanStack Query, for React or any other framework.
 *
 * @param client - Client that sends the requests.
 * @example
 * const queries = createQueries(client);
 * const found = await queryClient.fetchQuery(queries.getOAuthApp(id)); // in React: useQuery(queries.getOAuthApp(id))
 * await queryClient.invalidateQueries({ queryKey: queries.key });
 * @see https://tanstack.com/query/latest/docs/framework/react/guides/query-options
 */
export function createQueries(client: Operations) {
  return {
    /** Key that all queries begin with. */
    key: ['oauth-apps'] as const,
    /**
     * Returns the options of a query: List OAuth apps.
     */
    listOAuthApps: (query?: Parameters<Operations['listOAuthApps']>[0]) => ({
      queryKey: ['oauth-apps', 'listOAuthApps', query] as const,
      queryFn: ({ signal }: QueryContext) => client.listOAuthApps(query, { signal }),
    }),
    /**
     * Returns the options of a query: Get an OAuth app.
     */
    getOAuthApp: (id: Parameters<Operations['getOAuthApp']>[0]) => ({
      queryKey: ['oauth-apps', 'getOAuthApp', id] as const,
      queryFn: ({ signal }: QueryContext) => client.getOAuthApp(id, { signal }),
    }),
    /**
     * Returns the options of an infinite query, page by page: List OAuth apps.
     */
    listOAuthAppsPages: (query?: Omit<NonNullable<Parameters<Operations['listOAuthApps']>[0]>, 'cursor'>) => ({
      queryKey: ['oauth-apps', 'listOAuthApps', 'pages', query] as const,
      queryFn: ({ signal, pageParam }: QueryContext & { pageParam: string | undefined }) =>
        client.listOAuthApps({ limit: 100, ...query, cursor: pageParam }, { signal }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page: Awaited<ReturnType<Operations['listOAuthApps']>>) => page.next_cursor,
    }),
  };
}

/**
 * Creates the options of TanStack Query for each operation that writes, for `useMutation`.
 *
 * @param client - Client that sends the requests.
 * @example
 * const mutations = createMutations(client);
 * await mutations.updateOAuthApp().mutationFn({ id, body: { name: 'New' } }); // in React: useMutation(mutations.updateOAuthApp())
 */
export function createMutations(client: Operations) {
  return {
    /**
     * Returns the options of a mutation: Create an OAuth app. Its variables are `body`.
     */
    createOAuthApp: () => ({
      mutationKey: ['oauth-apps', 'createOAuthApp'] as const,
      mutationFn: (body: Parameters<Operations['createOAuthApp']>[0]) => client.createOAuthApp(body),
    }),
    /**
     * Returns the options of a mutation: Update an OAuth app. Its variables are `{ id, body }`.
     */
    updateOAuthApp: () => ({
      mutationKey: ['oauth-apps', 'updateOAuthApp'] as const,
      mutationFn: ({ id, body }: { id: Parameters<Operations['updateOAuthApp']>[0]; body: Parameters<Operations['updateOAuthApp']>[1] }) => client.updateOAuthApp(id, body),
    }),
    /**
     * Returns the options of a mutation: Delete an OAuth app. Its variables are `id`.
     */
    deleteOAuthApp: () => ({
      mutationKey: ['oauth-apps', 'deleteOAuthApp'] as const,
      mutationFn: (id: Parameters<Operations['deleteOAuthApp']>[0]) => client.deleteOAuthApp(id),
    }),
  };
}
