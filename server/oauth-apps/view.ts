/** The view of an app: the fields that a response shows, and its health. */
import type { HealthStatus, Metadata, OAuthApp } from '../../generated/types.ts';
import type { Binding, KeyRing } from '../keys/key-ring.ts';
import type { AppFilter, AppRecord } from '../store/store.ts';

/** The mask of every secret, whatever its length. */
const mask = '**********';

const notes: Record<HealthStatus, string[]> = {
  ok: [],
  warn: ['The secret is sealed under a retired key. Rotate the keys.'],
  error: ['The secret is sealed under a key that is not configured. Configure that key, or set the secret again.'],
};

/** Formats a date as `2024-02-20T02:10:52Z`: whole seconds, as published. */
export const toTimestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
/** Formats a date as `2023-12-15 01:29:29`, the form that only health has. */
const toHealthTime = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ');

/** Returns the binding of the secret of an app. */
export const secretBinding = (accountId: string, id: string): Binding => ({
  accountId,
  rowId: id,
  column: 'client_secret',
});

function healthStatus(keyId: string, { currentKeyId, retiredKeyIds }: KeyRing): HealthStatus {
  if (keyId === currentKeyId) return 'ok';
  return retiredKeyIds.includes(keyId) ? 'warn' : 'error';
}

/** Returns the store's filter for a health status. It compares key ids, so that no secret is opened. */
export function filterByHealth(status: HealthStatus, keyRing: KeyRing): AppFilter['secret_key_id'] {
  const { currentKeyId, retiredKeyIds } = keyRing;
  if (status === 'ok') return { in: [currentKeyId] };
  return status === 'warn' ? { in: retiredKeyIds } : { notIn: [currentKeyId, ...retiredKeyIds] };
}

/** Makes the functions that show an app. They name each field that they let out. */
export function createView(keyRing: KeyRing) {
  const time = toHealthTime(keyRing.loadedAt);
  const view = (app: AppRecord, client_secret: string): OAuthApp => {
    const status = healthStatus(app.secret_key_id, keyRing);
    return {
      id: app.id,
      provider: app.provider,
      name: app.name,
      client_id: app.client_id,
      client_secret,
      metadata: JSON.parse(app.metadata) as Metadata,
      health: { status, notes: notes[status], time },
      created_at: app.created_at,
      updated_at: app.updated_at,
    };
  };
  return {
    /** Shows an app with its secret masked. */
    show: (app: AppRecord): OAuthApp => view(app, mask),
    /** Shows an app with its secret in full. @throws SealError when the secret does not open. */
    reveal: (app: AppRecord): OAuthApp =>
      view(app, keyRing.open(app.client_secret, secretBinding(app.account_id, app.id))),
  };
}
