/** The view of an app: the fields that a response shows, and its health. */
import type { HealthStatus, Metadata, OAuthApp } from '../../generated/types.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { isReadable, openSecret, type SecretState, type StateOf, secretColumn } from '../resource/secrets.ts';
import type { AppFilter, AppRecord } from '../store/store.ts';

/** The secret of an app. */
export const clientSecret = secretColumn('oauth_apps', 'client_secret');

/** The mask of every secret, whatever its length. */
const mask = '**********';

const healthOf: Record<SecretState, { readonly status: HealthStatus; readonly notes: readonly string[] }> = {
  ok: { status: 'ok', notes: [] },
  'retired key': { status: 'warn', notes: ['The secret is sealed under a retired key. Rotate the keys.'] },
  'unknown key': {
    status: 'error',
    notes: ['The secret is sealed under a key that is not configured. Configure that key, or set the secret again.'],
  },
  damaged: {
    status: 'error',
    notes: ['The secret was changed outside of this API and does not open. Set the secret again.'],
  },
};

/** Formats a timestamp as `2023-12-15 01:29:29`, the form that only health has. */
const toHealthTime = (timestamp: string) => timestamp.slice(0, 19).replace('T', ' ');

/** Returns the store's filter for a health status. It compares key ids, so that no secret is opened. */
export function filterByHealth(status: HealthStatus, keyRing: KeyRing): AppFilter['secret_key_id'] {
  const { currentKeyId, comingKeyIds, retiredKeyIds } = keyRing;
  if (status === 'ok') return { in: [currentKeyId, ...comingKeyIds] };
  return status === 'warn' ? { in: retiredKeyIds } : { notIn: [currentKeyId, ...comingKeyIds, ...retiredKeyIds] };
}

/** Makes the functions that show an app. They name each field that they let out. */
export function createView(keyRing: KeyRing, stateOfSecret: StateOf) {
  const stateOf = (app: AppRecord) => stateOfSecret(clientSecret.of(app));
  const loadedAt = keyRing.loadedAt.toISOString();
  const view = (app: AppRecord, state: SecretState, client_secret: string): OAuthApp => {
    const { status, notes } = healthOf[state];
    // Every server shows the same of a version that is well, because it has one entity tag.
    const time = toHealthTime(state === 'ok' ? app.created_at : loadedAt);
    return {
      id: app.id,
      provider: app.provider,
      name: app.name,
      client_id: app.client_id,
      client_secret,
      metadata: JSON.parse(app.metadata) as Metadata,
      health: { status, notes: [...notes], time },
      created_at: app.created_at,
      updated_at: app.updated_at,
    } satisfies { [Field in keyof Required<OAuthApp>]: unknown };
  };
  return {
    /** Shows an app with its secret masked. */
    show: (app: AppRecord): OAuthApp => view(app, stateOf(app), mask),
    /** Shows an app whose secret was just sealed, so that it need not be opened. */
    showNew: (app: AppRecord): OAuthApp => view(app, 'ok', mask),
    /** Shows an app with its secret in full, or masked where it does not open. */
    reveal(app: AppRecord): OAuthApp {
      const state = stateOf(app);
      return view(app, state, isReadable(state) ? openSecret(keyRing, clientSecret.of(app)) : mask);
    },
    /** Returns the part of an entity tag that changes with the health; undefined while the app is well. */
    healthTag(app: AppRecord): string | undefined {
      const state = stateOf(app);
      return state === 'ok' ? undefined : `${healthOf[state].status}.${Date.parse(loadedAt).toString(36)}`;
    },
    /** Whether an app shows its secret in full. */
    isRevealed: ({ client_secret }: OAuthApp): boolean => client_secret !== mask,
  };
}
