// @databases none
/** Type tests. `tsc` runs them: it fails when an expected error does not occur. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  createOAuthAppsClient,
  type OAuthApp,
  type OAuthAppList,
  type Provider,
  providers,
} from '../../client/index.ts';
import type { Handlers, OperationResponse } from '../../server/operation-types.ts';
import { reject } from '../../server/problem.ts';

const client = createOAuthAppsClient({
  baseUrl: 'https://api.example.com',
  token: 't',
  fetch: async () => new Response(),
});
const valid = { provider: 'stripe', client_id: 'a', client_secret: 'b', name: 'c' } as const;

/** Has its argument type-checked, and does not run it. */
const check = (_code: () => unknown) => expect(true).toBe(true);

test('methods take and return the described types', () => {
  expectTypeOf(client.updateOAuthApp).returns.resolves.toEqualTypeOf<OAuthApp>();
  const conditional = { headers: { 'If-None-Match': '"1"' } };
  check(() => expectTypeOf(client.getOAuthApp('x')).resolves.toEqualTypeOf<OAuthApp>());
  check(() => expectTypeOf(client.getOAuthApp('x', conditional)).resolves.toEqualTypeOf<OAuthApp | undefined>());
  expectTypeOf(client.listOAuthApps).returns.resolves.toEqualTypeOf<OAuthAppList>();
  expectTypeOf(client.createOAuthApp).parameter(0).toHaveProperty('provider').toEqualTypeOf<Provider>();
  expectTypeOf<OAuthApp['health']>().toExtend<{ status: string; notes: string[]; time: string } | undefined>();
});

test('value lists have the described values as types', () => {
  expectTypeOf<(typeof providers)[number]>().toEqualTypeOf<Provider>();
  expect(providers).toContain('stripe');
});

describe('wrong requests do not compile', () => {
  test('a wrong provider', () => {
    // @ts-expect-error: not a provider
    check(() => client.createOAuthApp({ ...valid, provider: 'myspace' }));
    // @ts-expect-error: not a provider
    check(() => client.listOAuthApps({ provider: 'myspace' }));
  });
  test('a missing field', () => {
    // @ts-expect-error: name is missing
    check(() => client.createOAuthApp({ provider: 'stripe', client_id: 'a', client_secret: 'b' }));
  });
  test('an unknown field', () => {
    // @ts-expect-error: provider cannot be updated
    check(() => client.updateOAuthApp('id', { provider: 'stripe' }));
    // @ts-expect-error: get has no such parameter
    check(() => client.raw.GET('/v1/oauth-apps/{id}', { params: { path: { id: 'x' }, query: { page: 1 } } }));
  });
  test('a wrong path or method', () => {
    // @ts-expect-error: no such path
    check(() => client.raw.GET('/v1/oauth-app'));
    // @ts-expect-error: no such method there
    check(() => client.raw.PUT('/v1/oauth-apps'));
  });
  test('a field that the response does not have', () => {
    // @ts-expect-error: no such field
    check(async () => (await client.getOAuthApp('x')).secret);
  });
});

describe('wrong handlers do not compile', () => {
  test('an undocumented status', () => {
    // @ts-expect-error: 201 is not documented
    check((): OperationResponse<'createOAuthApp'> => ({ status: 201, body: {} as OAuthApp }));
    // @ts-expect-error: list documents no 404
    check((): OperationResponse<'listOAuthApps'> => reject('NotFound'));
    check((): OperationResponse<'getOAuthApp'> => reject('NotFound'));
  });
  test('a wrong body', () => {
    // @ts-expect-error: one bare object, no envelope
    check((): OperationResponse<'getOAuthApp'> => ({ status: 200, body: { data: [] } }));
  });
  test('a missing handler', () => {
    const { deleteOAuthApp: _, ...rest } = {} as Handlers;
    // @ts-expect-error: deleteOAuthApp is missing
    check((): Handlers => rest);
  });
});
