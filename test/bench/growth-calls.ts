import { randomUUID } from 'node:crypto';
import { hashToken } from '../../server/keys/tokens.ts';
import type { AuditEntry, Store } from '../../server/store/store.ts';
import type { HttpClient } from '../helpers/http-client.ts';
import { type Amount, accountOf, filterOf, idOf, metadataOf, tokenOf } from './growth-data.ts';

const pageSize = 100;
const moment = '2026-01-02T00:00:00Z';

/** A filled database: as the store, and behind a server. */
export interface Side extends Amount {
  readonly store: Store;
  readonly client: HttpClient;
  readonly random: (below: number) => number;
}

/** A call that is measured, on an app or an account at random. */
export interface Call {
  readonly name: string;
  readonly times: number;
  readonly run: (side: Side) => Promise<unknown>;
}

const anyAccount = (side: Side) => accountOf(side.random(side.apps), side);

function create({ store }: Side, accountId: string): Promise<unknown> {
  const audit: AuditEntry = {
    ...{ at: moment, accountId, tokenId: 'token', requestId: 'request' },
    ...{ operation: 'createOAuthApp', fields: ['name'] },
  };
  const app = {
    ...{
      id: randomUUID(),
      account_id: accountId,
      provider: 'stripe',
      name: 'New',
      client_id: 'client',
      metadata: '{}',
    },
    ...{ client_secret: 'v1.k.iv.text.tag', secret_key_id: 'k', created_at: moment, updated_at: moment, version: 1 },
  };
  return store.createApp(app, { properties: filterOf(0), maxApps: 1e6, audit });
}

/** What the store does for a request. */
export const storeCalls: readonly Call[] = [
  { name: 'find a token', times: 4_000, run: (side) => side.store.findToken(hashToken(tokenOf(anyAccount(side)))) },
  {
    name: 'get',
    times: 4_000,
    run(side) {
      const index = side.random(side.apps);
      return side.store.findApp(accountOf(index, side), idOf(index));
    },
  },
  {
    name: `page of ${pageSize}`,
    times: 1_500,
    run: (side) => side.store.listApps(anyAccount(side), { limit: pageSize }),
  },
  {
    name: 'metadata filter',
    times: 1_500,
    run: (side) => side.store.listApps(anyAccount(side), { filter: { properties: filterOf(side.random(30)) } }),
  },
  { name: 'create', times: 500, run: (side) => create(side, anyAccount(side)) },
];

async function expectOk({ client }: Side, target: string, account: string): Promise<void> {
  const { status } = await client.send(`GET /v1/oauth-apps${target}`, { token: tokenOf(account) });
  if (status !== 200) throw new Error(`${target}: ${status}`);
}

/** What a caller sends. */
export const requests: readonly Call[] = [
  {
    name: 'get',
    times: 2_000,
    run(side) {
      const index = side.random(side.apps);
      return expectOk(side, `/${idOf(index)}`, accountOf(index, side));
    },
  },
  { name: `page of ${pageSize}`, times: 800, run: (side) => expectOk(side, `?limit=${pageSize}`, anyAccount(side)) },
  {
    name: 'metadata filter',
    times: 800,
    run(side) {
      const filter = encodeURIComponent(JSON.stringify(metadataOf(side.random(30))));
      return expectOk(side, `?metadata=${filter}`, anyAccount(side));
    },
  },
];
