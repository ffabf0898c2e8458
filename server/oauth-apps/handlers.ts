import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../generated/operations.ts';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import { readCursor, toCursor } from './cursor.ts';
import { isKnown, toETag, versionsOf } from './etag.ts';
import type { Handlers, OperationRequest } from '../operation-types.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from './metadata.ts';
import { keysOfHealth, placeOf, toTimestamp, viewOf } from './view.ts';
import { refuse, refuseField, refuseScope } from '../problem.ts';
import { trackRepeats } from './idempotency.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { AppPage, AppRecord, AuditEntry, ListOptions, Store } from '../store/store.ts';
import type { Scope } from '../keys/tokens.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** The present moment. */
  readonly now: () => Date;
  /** How many apps an account may hold. */
  readonly maxAppsPerAccount: number;
}

const revealing: Scope = 'reveal';

/** An answer with an app in it is never stored by a cache. */
const noStore = { 'Cache-Control': 'no-store' };
const headersOf = ({ version }: AppRecord) => ({ ...noStore, ETag: toETag(version) });

/** The handlers of the five operations. */
export function oauthApps({ store, keyRing, now, maxAppsPerAccount }: HandlerDeps): Handlers {
  const repeats = trackRepeats(keyRing, now);
  const { show, reveal } = viewOf(keyRing);

  const auditOf = (
    { caller, requestId }: Pick<OperationRequest<OperationId>, 'caller' | 'requestId'>,
    operation: OperationId,
    fields: readonly string[],
    appId?: string,
  ): AuditEntry => {
    const { accountId, tokenId } = caller;
    return { at: now().toISOString(), accountId, tokenId, requestId, operation, appId, fields };
  };

  const seal = (accountId: string, id: string, secret: string) => ({
    sealedSecret: keyRing.seal(secret, placeOf(accountId, id)),
    secretKeyId: keyRing.currentKeyId,
  });

  const newApp = (accountId: string, body: CreateOAuthApp): AppRecord => {
    const id = randomUUID();
    const createdAt = toTimestamp(now());
    return {
      id,
      accountId,
      provider: body.provider,
      name: body.name,
      clientId: body.client_id,
      ...seal(accountId, id, body.client_secret),
      metadata: JSON.stringify(body.metadata ?? {}),
      createdAt,
      updatedAt: createdAt,
      version: 1,
    };
  };

  const showApps = async (accountId: string, options: ListOptions): Promise<AppPage<OAuthApp>> => {
    const page = await store.listApps(accountId, options);
    return { ...page, apps: page.apps.map(show) };
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
      const asked = {
        filter: {
          provider: query.provider,
          secretKeyId: health && keysOfHealth(health, keyRing),
          properties: parsed && propertyFingerprints(parsed.metadata),
        },
        after,
        limit: query.limit,
      };
      const { apps, next } = isRevealed
        ? await store.revealApps(accountId, asked, {
            audit: auditOf(request, 'listOAuthApps', ['client_secret']),
            open: reveal,
          })
        : await showApps(accountId, asked);
      const nextCursor = next === undefined ? {} : { next_cursor: toCursor(keyRing, accountId, next) };
      return { status: 200, body: { data: apps, ...nextCursor }, headers: noStore };
    },

    async createOAuthApp(request) {
      const { caller, body, headers } = request;
      const reasons = checkMetadata(body.metadata ?? {});
      if (reasons.length > 0) return refuseField('metadata', ...reasons);
      const key = headers['Idempotency-Key'];
      const app = newApp(caller.accountId, body);
      const shown = show(app);
      const result = await repeats.unlessUnderWay(caller.accountId, key, () =>
        store.createApp(app, {
          properties: propertyFingerprints(body.metadata ?? {}),
          maxApps: maxAppsPerAccount,
          audit: auditOf(request, 'createOAuthApp', Object.keys(body), app.id),
          idempotency: repeats.keep(key, body, shown),
        }),
      );
      if (result === 'under way') return refuse('RequestInFlight', { headers: { 'Retry-After': '1' } });
      if (result === 'full') return refuse('AccountFull');
      const answer = result === 'created' ? shown : repeats.recall(result, body);
      if (answer === undefined) return refuseField('Idempotency-Key', 'must not be used again for another body');
      return { status: 200, body: answer, headers: headersOf(app) };
    },

    async getOAuthApp({ caller, path, headers }) {
      const app = await store.findApp(caller.accountId, path.id);
      if (app === undefined) return refuse('NotFound');
      if (isKnown(headers['If-None-Match'], app.version)) return { status: 304, headers: headersOf(app) };
      return { status: 200, body: show(app), headers: headersOf(app) };
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
        return { status: 200, body: show(app), headers: headersOf(app) };
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
      return { status: 200, body: show(app), headers: headersOf(app) };
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
