import { randomUUID } from 'node:crypto';
import type { HealthStatus, Metadata, OAuthApp } from '../generated/types.ts';
import type { Handlers } from './handlers.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from './metadata.ts';
import { refuse, refuseField, refuseScope } from './problem.ts';
import type { KeyRing, Place } from './secrets.ts';
import type { AppFilter, AppRecord, Store } from './store/store.ts';
import type { Scope } from './tokens.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** The present moment. */
  readonly now: () => Date;
}

/** What stands for a secret, whatever its length. */
const mask = '**********';
const notes: Record<HealthStatus, string[]> = {
  ok: [],
  warn: ['The secret is sealed under a retired key. Rotate the keys.'],
  error: ['The secret is sealed under a key that is not configured. Configure that key, or set the secret again.'],
};

/** 2024-02-20T02:10:52Z: whole seconds, as published. */
const toTimestamp = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
/** 2023-12-15 01:29:29: the form that health alone has. */
const toHealthTime = (date: Date) => date.toISOString().slice(0, 19).replace('T', ' ');

const placeOf = (accountId: string, rowId: string): Place => ({ accountId, rowId, column: 'client_secret' });

function healthOf(keyId: string, { currentKeyId, retiredKeyIds }: KeyRing): HealthStatus {
  if (keyId === currentKeyId) return 'ok';
  return retiredKeyIds.includes(keyId) ? 'warn' : 'error';
}

/** The keys that give a health status: costs no decryption and can be asked of the store. */
function keysOfHealth(status: HealthStatus, { currentKeyId, retiredKeyIds }: KeyRing): AppFilter['secretKeyId'] {
  if (status === 'ok') return { in: [currentKeyId] };
  return status === 'warn' ? { in: retiredKeyIds } : { notIn: [currentKeyId, ...retiredKeyIds] };
}

/** The one view of an app to the world: it names the fields that it lets out. */
function show(app: AppRecord, keyRing: KeyRing, clientSecret = mask): OAuthApp {
  const status = healthOf(app.secretKeyId, keyRing);
  return {
    id: app.id,
    provider: app.provider,
    name: app.name,
    client_id: app.clientId,
    client_secret: clientSecret,
    metadata: JSON.parse(app.metadata) as Metadata,
    health: { status, notes: notes[status], time: toHealthTime(keyRing.loadedAt) },
    created_at: app.createdAt,
    updated_at: app.updatedAt,
  };
}

/** An answer with an app in it is never stored by a cache. */
const headers = { 'Cache-Control': 'no-store' };

/** The handlers of the five operations. */
export function oauthApps({ store, keyRing, now }: HandlerDeps): Handlers {
  const sealFor = (accountId: string, id: string, secret: string) => ({
    sealedSecret: keyRing.seal(secret, placeOf(accountId, id)),
    secretKeyId: keyRing.currentKeyId,
  });

  return {
    async listOAuthApps({ caller, query }) {
      const isRevealed = query.truncate_secrets === false;
      const scope: Scope = 'reveal';
      if (isRevealed && !caller.scopes.includes(scope)) return refuseScope(scope);
      const parsed = query.metadata === undefined ? undefined : parseMetadataFilter(query.metadata);
      if (parsed && 'reasons' in parsed) return refuseField('metadata', ...parsed.reasons);
      const health = query['health.status'];
      const apps = await store.listApps(caller.accountId, {
        provider: query.provider,
        secretKeyId: health && keysOfHealth(health, keyRing),
        properties: parsed && propertyFingerprints(parsed.metadata),
      });
      const reveal = (app: AppRecord) => keyRing.open(app.sealedSecret, placeOf(app.accountId, app.id));
      const data = apps.map((app) => show(app, keyRing, isRevealed ? reveal(app) : mask));
      return { status: 200, body: { data }, headers };
    },

    async createOAuthApp({ caller, body }) {
      const metadata = body.metadata ?? {};
      const reasons = checkMetadata(metadata);
      if (reasons.length > 0) return refuseField('metadata', ...reasons);
      const id = randomUUID();
      const createdAt = toTimestamp(now());
      const app: AppRecord = {
        id,
        accountId: caller.accountId,
        provider: body.provider,
        name: body.name,
        clientId: body.client_id,
        ...sealFor(caller.accountId, id, body.client_secret),
        metadata: JSON.stringify(metadata),
        createdAt,
        updatedAt: createdAt,
        version: 1,
      };
      await store.createApp(app, propertyFingerprints(metadata));
      return { status: 200, body: show(app, keyRing), headers };
    },

    async getOAuthApp({ caller, path }) {
      const app = await store.findApp(caller.accountId, path.id);
      if (app === undefined) return refuse('NotFound');
      return { status: 200, body: show(app, keyRing), headers };
    },

    async updateOAuthApp({ caller, path, body: { name, client_secret, metadata, ...rest } }) {
      rest satisfies Record<string, never>;
      const reasons = metadata ? checkMetadata(metadata) : [];
      if (reasons.length > 0) return refuseField('metadata', ...reasons);
      const isEmpty = name === undefined && client_secret === undefined && metadata === undefined;
      const app = isEmpty
        ? await store.findApp(caller.accountId, path.id)
        : await store.updateApp(caller.accountId, path.id, {
            name,
            ...(client_secret !== undefined && sealFor(caller.accountId, path.id, client_secret)),
            ...(metadata && { metadata: JSON.stringify(metadata), properties: propertyFingerprints(metadata) }),
            updatedAt: toTimestamp(now()),
          });
      if (app === undefined) return refuse('NotFound');
      return { status: 200, body: show(app, keyRing), headers };
    },

    async deleteOAuthApp({ caller, path }) {
      const isDeleted = await store.deleteApp(caller.accountId, path.id);
      return isDeleted ? { status: 200, body: { id: path.id, deleted: true } } : refuse('NotFound');
    },
  };
}
