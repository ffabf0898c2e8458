// @databases none
import { QueryClient } from '@tanstack/query-core';
import { expect, expectTypeOf, test } from 'vitest';
import { createOAuthAppsClient, type OAuthApp } from '../../client/index.ts';
import { createOAuthAppsBackend } from '../../client/msw.ts';
import { createMutations, createQueries } from '../../client/react-query.ts';
import { example } from '../helpers/examples.ts';

const { fetch } = createOAuthAppsBackend();
const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't', fetch });
const [queries, mutations] = [createQueries(client), createMutations(client)];
const query = new QueryClient();

test('queries and mutations of TanStack Query have their data', async () => {
  const { id } = await mutations.createOAuthApp().mutationFn(example('CreateOAuthApp'));
  const app = await query.fetchQuery(queries.getOAuthApp(id));
  expectTypeOf(app).toEqualTypeOf<OAuthApp>();
  expect(app.id).toBe(id);
  await mutations.updateOAuthApp().mutationFn({ id, body: { name: 'New' } });
  await query.invalidateQueries({ queryKey: queries.key });
  expect((await query.fetchQuery({ ...queries.getOAuthApp(id), staleTime: 0 })).name).toBe('New');
  expect(query.getQueryCache().find({ queryKey: queries.getOAuthApp(id).queryKey })?.state.data).toMatchObject({ id });
  expect(await mutations.deleteOAuthApp().mutationFn(id)).toEqual({ id, deleted: true });
});

test('an infinite query has every page', async () => {
  for (const name of ['one', 'two', 'three']) await client.createOAuthApp({ ...example('CreateOAuthApp'), name });
  const { pages } = await query.fetchInfiniteQuery({ ...queries.listOAuthAppsPages({ limit: 2 }), pages: 9 });
  expect(pages.map(({ data }) => data.map(({ name }) => name))).toEqual([['one', 'two'], ['three']]);
});

test('keys tell queries apart', () => {
  const keys = [queries.listOAuthApps(), queries.listOAuthApps({ provider: 'stripe' }), queries.getOAuthApp('x')];
  expect(keys.map(({ queryKey }) => JSON.stringify(queryKey))).toEqual([
    '["oauth-apps","listOAuthApps",null]',
    '["oauth-apps","listOAuthApps",{"provider":"stripe"}]',
    '["oauth-apps","getOAuthApp","x"]',
  ]);
});
