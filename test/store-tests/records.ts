/** Records that the cases hand to the store, and reads that they compare with. */
import type {
  AppChange,
  AppRecord,
  AuditEntry,
  CreateOptions,
  Envelope,
  ListOptions,
  Store,
  TokenRecord,
} from '../../server/store/store.ts';
import { changeOf as changeFields, plainApp } from '../helpers/app-records.ts';

/** A case: it makes records in an empty store and throws at the first broken promise. */
export type StoreTest = (opened: OpenedStore) => Promise<void>;

/** An empty store, and what the caller of the suite can do with it. */
export interface OpenedStore {
  readonly store: Store;
  /** Closes the store and opens its records again. */
  readonly reopen: () => Promise<Store>;
  /** Makes the store unable to respond. */
  readonly disconnect: () => Promise<void>;
}

let made = 0;

/** Returns a new app of the account `acme`. */
export const makeApp = (change: Partial<AppRecord> = {}): AppRecord => ({
  ...plainApp,
  ...{ id: `app-${++made}`, account_id: 'acme', name: 'Name é😀', client_secret: envelopeOf('first') },
  metadata: '{"b":1,"a":[1.5,null]}',
  ...change,
});

/** Returns an envelope. Stores cannot open one, so its content does not matter. */
export const envelopeOf = (name: string): Envelope => `v1.k.iv.${name}.tag` as Envelope;

export const audit: AuditEntry = {
  at: '2026-01-01T00:00:00.000Z',
  accountId: 'acme',
  tokenId: 't1',
  requestId: 'r1',
  operation: 'createOAuthApp',
  fields: ['name', 'client_secret'],
};

export const makeOptions = (change: Partial<CreateOptions> = {}): CreateOptions => ({
  properties: [],
  maxApps: 100,
  audit,
  ...change,
});

/** Returns the change of the given fields; all others stay. */
export const changeOf = (fields: Partial<AppChange> = {}): AppChange =>
  changeFields({ updated_at: '2026-01-02T00:00:00Z', ...fields });

export const makeToken = (change: Partial<TokenRecord> = {}): TokenRecord => ({
  id: 't1',
  accountId: 'acme',
  hash: 'h1',
  scopes: ['read', 'write'],
  createdAt: '2026-01-01T00:00:00Z',
  ...change,
});

/** Creates apps one after the other and returns them. */
export async function createApps(store: Store, changes: readonly Partial<AppRecord>[]): Promise<AppRecord[]> {
  const apps = changes.map(makeApp);
  for (const app of apps) {
    await store.createApp(app, makeOptions({ audit: { ...audit, accountId: app.account_id } }));
  }
  return apps;
}

export async function listIds(store: Store, options?: ListOptions, accountId = 'acme'): Promise<string[]> {
  return (await store.listApps(accountId, options)).apps.map(({ id }) => id);
}

export async function readAudit(store: Store, filter: Parameters<Store['listAudit']>[0] = {}): Promise<AuditEntry[]> {
  const entries = [];
  for await (const entry of store.listAudit(filter)) entries.push(entry);
  return entries;
}
