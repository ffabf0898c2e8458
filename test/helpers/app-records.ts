/** Records of apps for tests of the store. A new column has its value here alone. */
import type { AppChange, AppRecord, Envelope } from '../../server/store/store.ts';

/** The columns of an app, for tests that are about none of them. */
export const plainApp = {
  ...{ provider: 'stripe', name: 'New', client_id: 'c', client_secret: 's' as Envelope, metadata: '{}' },
  ...{ secret_key_id: 'k', secret_version: 'v', version: 1 },
  ...{ created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
} satisfies Omit<AppRecord, 'id' | 'account_id'>;

const noChange = {
  ...{ name: undefined, client_secret: undefined, secret_key_id: undefined, secret_version: undefined },
  ...{ metadata: undefined, properties: undefined },
} satisfies Omit<AppChange, 'updated_at'>;

/** Returns the change of the given fields; all others stay. */
export const changeOf = (fields: Partial<AppChange> & Pick<AppChange, 'updated_at'>): AppChange => ({
  ...noChange,
  ...fields,
});
