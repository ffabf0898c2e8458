import { createHash, randomUUID } from 'node:crypto';
import type { OperationId } from '../generated/operations.ts';
import type { OAuthApp } from '../generated/types.ts';
import { readCursor, toCursor } from './cursor.ts';
import { isKnown, toETag, versionsOf } from './etag.ts';
import type { Handlers, OperationRequest } from './handlers.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from './metadata.ts';
import { keysOfHealth, placeOf, reveal, show, toTimestamp } from './oauth-app-view.ts';
import { refuse, refuseField, refuseScope } from './problem.ts';
import type { KeyRing } from './secrets.ts';
import type { AppRecord, AuditEntry, CreateOptions, Store } from './store/store.ts';
import type { Scope } from './tokens.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** The present moment. */
  readonly now: () => Date;
  /** How many apps an account may hold. */
  readonly maxAppsPerAccount: number;
}

const dayMilliseconds = 86_400_000;
const revealing: Scope = 'reveal';

/** An answer with an app in it is never stored by a cache. */
const noStore = { 'Cache-Control': 'no-store' };
const headersOf = ({ version }: AppRecord) => ({ ...noStore, ETag: toETag(version) });

/** The handlers of the five operations. */
export function oauthApps({ store, keyRing, now, maxAppsPerAccount }: HandlerDeps): Handlers {
  /** The creates under way, by account and idempotency key. */
  const inFlight = new Set<string>();

  const auditOf = (
    { caller, requestId }: Pick<OperationRequest<OperationId>, 'caller' | 'requestId'>,
    operation: OperationId,
    fields: readonly string[],
    appId?: string,
  ): AuditEntry => ({ at: now().toISOString(), ...caller, requestId, operation, appId, fields });

  const seal = (accountId: string, id: string, secret: string) => ({
    sealedSecret: keyRing.seal(secret, placeOf(accountId, id)),
    secretKeyId: keyRing.currentKeyId,
  });

  /** What has a create answer again what it answered before; undefined without a key. */
  const keep = (key: string | undefined, body: unknown, answer: OAuthApp): CreateOptions['idempotency'] =>
    key === undefined
      ? undefined
      : {
          key: createHash('sha256').update(key).digest('base64url'),
          fingerprint: keyRing.fingerprint(JSON.stringify(body)),
          answer: JSON.stringify(answer),
          expiredAt: toTimestamp(new Date(now().getTime() - dayMilliseconds)),
        };

  return {
    async listOAuthApps(request) {
      const { caller, query } = request;
      const { accountId } = caller;
      const isRevealed = query.truncate_secrets === false;
      if (isRevealed && !caller.scopes.includes(revealing)) return refuseScope(revealing);
      const parsed = query.metadata === undefined ? undefined : parseMetadataFilter(query.metadata);
      if (parsed && 'reasons' in parsed) return refuseField('metadata', ...parsed.reasons);
      const after = query.cursor === undefined ? 0 : readCursor(keyRing, accountId, query.cursor);
      if (after === undefined) return refuseField('cursor', 'must be the next_cursor of an earlier page');
      const health = query['health.status'];
      const { apps, next } = await store.listApps(accountId, {
        filter: {
          provider: query.provider,
          secretKeyId: health && keysOfHealth(health, keyRing),
          properties: parsed && propertyFingerprints(parsed.metadata),
        },
        after,
        limit: query.limit,
        ...(isRevealed && { audit: auditOf(request, 'listOAuthApps', ['client_secret']) }),
      });
      const data = apps.map((app) => (isRevealed ? reveal(app, keyRing) : show(app, keyRing)));
      const nextCursor = next === undefined ? {} : { next_cursor: toCursor(keyRing, accountId, next) };
      return { status: 200, body: { data, ...nextCursor }, headers: noStore };
    },

    async createOAuthApp(request) {
      const { caller, body, headers } = request;
      const { accountId } = caller;
      const metadata = body.metadata ?? {};
      const reasons = checkMetadata(metadata);
      if (reasons.length > 0) return refuseField('metadata', ...reasons);
      const key = headers['Idempotency-Key'];
      const flight = `${accountId}\n${key}`;
      if (key !== undefined && inFlight.has(flight))
        return refuse('RequestInFlight', { headers: { 'Retry-After': '1' } });

      const id = randomUUID();
      const createdAt = toTimestamp(now());
      const app: AppRecord = {
        id,
        accountId,
        provider: body.provider,
        name: body.name,
        clientId: body.client_id,
        ...seal(accountId, id, body.client_secret),
        metadata: JSON.stringify(metadata),
        createdAt,
        updatedAt: createdAt,
        version: 1,
      };
      const shown = show(app, keyRing);
      if (key !== undefined) inFlight.add(flight);
      const result = await store
        .createApp(app, {
          properties: propertyFingerprints(metadata),
          maxApps: maxAppsPerAccount,
          audit: auditOf(request, 'createOAuthApp', Object.keys(body), id),
          idempotency: keep(key, body, shown),
        })
        .finally(() => inFlight.delete(flight));
      if (result === 'created') return { status: 200, body: shown, headers: headersOf(app) };
      if (result === 'full') return refuse('AccountFull');
      if (!keyRing.matches(JSON.stringify(body), result.fingerprint)) {
        return refuseField('Idempotency-Key', 'must not be used again for another body');
      }
      return { status: 200, body: JSON.parse(result.answer) as OAuthApp, headers: headersOf(app) };
    },

    async getOAuthApp({ caller, path, headers }) {
      const app = await store.findApp(caller.accountId, path.id);
      if (app === undefined) return refuse('NotFound');
      if (isKnown(headers['If-None-Match'], app.version)) return { status: 304, headers: headersOf(app) };
      return { status: 200, body: show(app, keyRing), headers: headersOf(app) };
    },

    async updateOAuthApp(request) {
      const { caller, path, body, headers } = request;
      const { name, client_secret, metadata, ...rest } = body;
      rest satisfies Record<string, never>;
      const reasons = metadata ? checkMetadata(metadata) : [];
      if (reasons.length > 0) return refuseField('metadata', ...reasons);
      const versions = versionsOf(headers['If-Match']);
      const fields = Object.keys(body);
      if (fields.length === 0) {
        const app = await store.findApp(caller.accountId, path.id);
        if (app === undefined) return refuse('NotFound');
        if (versions && !versions.includes(app.version)) return refuse('PreconditionFailed');
        return { status: 200, body: show(app, keyRing), headers: headersOf(app) };
      }
      const change = {
        name,
        ...(client_secret !== undefined && seal(caller.accountId, path.id, client_secret)),
        ...(metadata && { metadata: JSON.stringify(metadata), properties: propertyFingerprints(metadata) }),
        updatedAt: toTimestamp(now()),
      };
      const audit = auditOf(request, 'updateOAuthApp', fields, path.id);
      const app = await store.updateApp(caller.accountId, path.id, change, { audit, versions });
      if (app === 'missing') return refuse('NotFound');
      if (app === 'changed') return refuse('PreconditionFailed');
      return { status: 200, body: show(app, keyRing), headers: headersOf(app) };
    },

    async deleteOAuthApp(request) {
      const { caller, path, headers } = request;
      const audit = auditOf(request, 'deleteOAuthApp', [], path.id);
      const versions = versionsOf(headers['If-Match']);
      const result = await store.deleteApp(caller.accountId, path.id, { audit, versions });
      if (result === 'missing') return refuse('NotFound');
      if (result === 'changed') return refuse('PreconditionFailed');
      return { status: 200, body: { id: path.id, deleted: true } };
    },
  };
}
