import { randomUUID } from 'node:crypto';
import { hashToken } from '../../server/keys/tokens.ts';
import type { AuditEntry, Envelope, Store } from '../../server/store/store.ts';
import { plainApp } from '../helpers/app-records.ts';
import type { HttpClient } from '../helpers/http-client.ts';
import { type Amount, getAccount, makeFilter, makeId, makeMetadata, makeToken } from './growth-data.ts';

const pageSize = 100;
const timestamp = '2026-01-02T00:00:00Z';

/** A filled database, its store and a client of its server. */
export interface Side extends Amount {
  readonly store: Store;
  readonly client: HttpClient;
  readonly random: (below: number) => number;
}

/** A measured call of the store or of the API, on a random app or account. */
export interface Call {
  readonly name: string;
  readonly times: number;
  readonly run: (side: Side) => Promise<unknown>;
}

const pickAccount = (side: Side) => getAccount(side.random(side.apps), side);

function create({ store }: Side, accountId: string): Promise<unknown> {
  const audit: AuditEntry = {
    ...{ at: timestamp, accountId, tokenId: 'token', requestId: 'request' },
    ...{ operation: 'createOAuthApp', fields: ['name'] },
  };
  const app = {
    ...plainApp,
    ...{
      id: randomUUID(),
      account_id: accountId,
      provider: 'stripe',
      name: 'New',
      client_id: 'client',
      metadata: '{}',
    },
    ...{
      client_secret: 'v1.k.iv.text.tag' as Envelope,
      secret_key_id: 'k',
      secret_version: 'v',
      created_at: timestamp,
      updated_at: timestamp,
      version: 1,
    },
  };
  return store.createApp(app, { properties: makeFilter(0), maxApps: 1e6, audit });
}

/** The measured calls of the store. */
export const storeCalls: readonly Call[] = [
  { name: 'find a token', times: 4_000, run: (side) => side.store.findToken(hashToken(makeToken(pickAccount(side)))) },
  {
    name: 'get',
    times: 4_000,
    run(side) {
      const index = side.random(side.apps);
      return side.store.findApp(getAccount(index, side), makeId(index));
    },
  },
  {
    name: `page of ${pageSize}`,
    times: 1_500,
    run: (side) => side.store.listApps(pickAccount(side), { limit: pageSize }),
  },
  {
    name: 'metadata filter',
    times: 1_500,
    run: (side) => side.store.listApps(pickAccount(side), { filter: { properties: makeFilter(side.random(30)) } }),
  },
  { name: 'create', times: 500, run: (side) => create(side, pickAccount(side)) },
];

async function expectOk({ client }: Side, target: string, account: string): Promise<void> {
  const { status } = await client.send(`GET /v1/oauth-apps${target}`, { token: makeToken(account) });
  if (status !== 200) throw new Error(`${target}: ${status}`);
}

/** The measured requests. */
export const requests: readonly Call[] = [
  {
    name: 'get',
    times: 2_000,
    run(side) {
      const index = side.random(side.apps);
      return expectOk(side, `/${makeId(index)}`, getAccount(index, side));
    },
  },
  { name: `page of ${pageSize}`, times: 800, run: (side) => expectOk(side, `?limit=${pageSize}`, pickAccount(side)) },
  {
    name: 'metadata filter',
    times: 800,
    run(side) {
      const filter = encodeURIComponent(JSON.stringify(makeMetadata(side.random(30))));
      return expectOk(side, `?metadata=${filter}`, pickAccount(side));
    },
  },
];
