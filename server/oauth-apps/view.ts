import type { HealthStatus, Metadata, OAuthApp } from '../../generated/types.ts';
import type { KeyRing, Place } from '../keys/key-ring.ts';
import type { AppFilter, AppRecord } from '../store/store.ts';

/** How an app is shown, and what its health is. */

/** What stands for a secret, whatever its length. */
const mask = '**********';

const notes: Record<HealthStatus, string[]> = {
  ok: [],
  warn: ['The secret is sealed under a retired key. Rotate the keys.'],
  error: ['The secret is sealed under a key that is not configured. Configure that key, or set the secret again.'],
};

/** 2024-02-20T02:10:52Z: whole seconds, as published. */
export const toTimestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
/** 2023-12-15 01:29:29: the form that health alone has. */
const toHealthTime = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ');

/** Where the secret of an app lives. */
export const placeOf = (accountId: string, rowId: string): Place => ({ accountId, rowId, column: 'client_secret' });

function healthOf(keyId: string, { currentKeyId, retiredKeyIds }: KeyRing): HealthStatus {
  if (keyId === currentKeyId) return 'ok';
  return retiredKeyIds.includes(keyId) ? 'warn' : 'error';
}

/** The keys that give a health status: costs no decryption and can be asked of the store. */
export function keysOfHealth(status: HealthStatus, keyRing: KeyRing): AppFilter['secretKeyId'] {
  const { currentKeyId, retiredKeyIds } = keyRing;
  if (status === 'ok') return { in: [currentKeyId] };
  return status === 'warn' ? { in: retiredKeyIds } : { notIn: [currentKeyId, ...retiredKeyIds] };
}

/** The one view of apps to the world: it names the fields that it lets out. */
export function viewOf(keyRing: KeyRing) {
  const time = toHealthTime(keyRing.loadedAt);
  const view = (app: AppRecord, clientSecret: string): OAuthApp => {
    const status = healthOf(app.secretKeyId, keyRing);
    return {
      id: app.id,
      provider: app.provider,
      name: app.name,
      client_id: app.clientId,
      client_secret: clientSecret,
      metadata: JSON.parse(app.metadata) as Metadata,
      health: { status, notes: notes[status], time },
      created_at: app.createdAt,
      updated_at: app.updatedAt,
    };
  };
  return {
    /** With the secret masked. */
    show: (app: AppRecord): OAuthApp => view(app, mask),
    /** With the secret in full. Throws `SealError` when it does not open. */
    reveal: (app: AppRecord): OAuthApp => view(app, keyRing.open(app.sealedSecret, placeOf(app.accountId, app.id))),
  };
}
