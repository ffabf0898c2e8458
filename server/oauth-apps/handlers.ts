import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../generated/operations.ts';
import type { CreateOAuthApp } from '../../generated/types.ts';
import { nextTurn } from '../event-loop.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Scope } from '../keys/tokens.ts';
import type { Handlers, OperationRequest } from '../operation-types.ts';
import { reject, rejectField, rejectScope } from '../problem.ts';
import type { AppRecord, AuditEntry, ListOptions, Store } from '../store/store.ts';
import { readCursor, toCursor } from './cursor.ts';
import { isKnown, toETag, versionsOf } from './etag.ts';
import { idempotency } from './idempotency.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from './metadata.ts';
import { createView, filterByHealth, secretBinding, toTimestamp } from './view.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** Returns the present moment. */
  readonly now: () => Date;
  /** The number of apps that an account may hold. */
  readonly maxAppsPerAccount: number;
}

const revealing: Scope = 'reveal';
/** The number of apps in a slice of a list: the largest ones take some 15 milliseconds. */
const sliceApps = 50;

/** No cache stores a response with an app in it. */
const noStore = { 'Cache-Control': 'no-store' };
const headersOf = ({ version }: AppRecord) => ({ ...noStore, ETag: toETag(version) });

/** Creates the handlers of the five operations. */
export function oauthApps({ store, keyRing, now, maxAppsPerAccount }: HandlerDeps): Handlers {
  const creates = idempotency(keyRing, now);
  const { show, reveal } = createView(keyRing);

  const auditOf = (
    { caller, requestId }: Pick<OperationRequest, 'caller' | 'requestId'>,
    operation: OperationId,
    fields: readonly string[],
    appId?: string,
  ): AuditEntry => {
    const { accountId, tokenId } = caller;
    return { at: now().toISOString(), accountId, tokenId, requestId, operation, appId, fields };
  };

  const seal = (accountId: string, id: string, secret: string) => ({
    client_secret: keyRing.seal(secret, secretBinding(accountId, id)),
    secret_key_id: keyRing.currentKeyId,
  });

  const newApp = (
    account_id: string,
    { provider, name, client_id, client_secret, metadata }: CreateOAuthApp,
  ): AppRecord => {
    const [id, created_at] = [randomUUID(), toTimestamp(now())];
    return {
      ...{ id, account_id, provider, name, client_id },
      ...seal(account_id, id, client_secret),
      ...{ metadata: JSON.stringify(metadata ?? {}), created_at, updated_at: created_at, version: 1 },
    };
  };

  const cursorOf = (accountId: string, next: number | undefined) =>
    next === undefined ? {} : { next_cursor: toCursor(keyRing, accountId, next) };

  /** Lists apps in slices, so that a long list lets other requests run in between. */
  async function* listSlices(accountId: string, { limit = Number.POSITIVE_INFINITY, after, filter }: ListOptions) {
    let [position, left] = [after, limit];
    for (let isLast = false; !isLast; ) {
      const { apps, next } = await store.listApps(accountId, {
        filter,
        after: position,
        limit: Math.min(left, sliceApps),
      });
      left -= apps.length;
      position = next;
      isLast = next === undefined || left === 0;
      yield { data: apps.map(show), ...(isLast && cursorOf(accountId, next)) };
      if (!isLast) await nextTurn();
    }
  }

  return {
    async listOAuthApps(request) {
      const { caller, query } = request;
      const { accountId } = caller;
      const isRevealed = query.truncate_secrets === false;
      if (isRevealed && !caller.scopes.includes(revealing)) return rejectScope(revealing);
      const parsed = query.metadata === undefined ? undefined : parseMetadataFilter(query.metadata);
      if (parsed && 'reasons' in parsed) return rejectField('metadata', ...parsed.reasons);
      const after = query.cursor === undefined ? 0 : readCursor(keyRing, accountId, query.cursor);
      if (after === undefined) return rejectField('cursor', 'must be the next_cursor of an earlier page');
      const health = query['health.status'];
      const options = {
        filter: {
          provider: query.provider,
          secret_key_id: health && filterByHealth(health, keyRing),
          properties: parsed && propertyFingerprints(parsed.metadata),
        },
        after,
        limit: query.limit,
      };
      if (!isRevealed) return { status: 200, slices: listSlices(accountId, options), headers: noStore };
      const audit = auditOf(request, 'listOAuthApps', ['client_secret']);
      const { apps, next } = await store.revealApps(accountId, options, { audit, open: reveal });
      return { status: 200, body: { data: apps, ...cursorOf(accountId, next) }, headers: noStore };
    },

    async createOAuthApp(request) {
      const { caller, body, headers } = request;
      const reasons = checkMetadata(body.metadata ?? {});
      if (reasons.length > 0) return rejectField('metadata', ...reasons);
      const key = headers['Idempotency-Key'];
      const app = newApp(caller.accountId, body);
      const shown = show(app);
      const result = await creates.runOnce(caller.accountId, key, () =>
        store.createApp(app, {
          properties: propertyFingerprints(body.metadata ?? {}),
          maxApps: maxAppsPerAccount,
          audit: auditOf(request, 'createOAuthApp', Object.keys(body), app.id),
          idempotency: creates.store(key, body, shown),
        }),
      );
      if (result === 'in flight') return reject('RequestInFlight', { headers: { 'Retry-After': '1' } });
      if (result === 'full') return reject('AccountFull');
      const response = result === 'created' ? shown : creates.replay(result, body);
      if (response === undefined) return rejectField('Idempotency-Key', 'must not be used again for another body');
      return { status: 200, body: response, headers: headersOf(app) };
    },

    async getOAuthApp({ caller, path, headers }) {
      const app = caller.app ?? (await store.findApp(caller.accountId, path.id));
      if (app === undefined) return reject('NotFound');
      if (isKnown(headers['If-None-Match'], app.version)) return { status: 304, headers: headersOf(app) };
      return { status: 200, body: show(app), headers: headersOf(app) };
    },

    async updateOAuthApp(request) {
      const { caller, path, body, headers } = request;
      const { name, client_secret, metadata, ...rest } = body;
      rest satisfies Record<string, never>;
      const reasons = metadata ? checkMetadata(metadata) : [];
      if (reasons.length > 0) return rejectField('metadata', ...reasons);
      const versions = versionsOf(headers['If-Match']);
      const fields = Object.keys(body);
      if (fields.length === 0) {
        const app = await store.findApp(caller.accountId, path.id);
        if (app === undefined) return reject('NotFound');
        if (versions && !versions.includes(app.version)) return reject('PreconditionFailed');
        return { status: 200, body: show(app), headers: headersOf(app) };
      }
      const change = {
        name,
        ...(client_secret !== undefined && seal(caller.accountId, path.id, client_secret)),
        ...(metadata && { metadata: JSON.stringify(metadata), properties: propertyFingerprints(metadata) }),
        updated_at: toTimestamp(now()),
      };
      const audit = auditOf(request, 'updateOAuthApp', fields, path.id);
      const app = await store.updateApp(caller.accountId, path.id, change, { audit, versions });
      if (app === 'missing') return reject('NotFound');
      if (app === 'changed') return reject('PreconditionFailed');
      return { status: 200, body: show(app), headers: headersOf(app) };
    },

    async deleteOAuthApp(request) {
      const { caller, path, headers } = request;
      const audit = auditOf(request, 'deleteOAuthApp', [], path.id);
      const versions = versionsOf(headers['If-Match']);
      const result = await store.deleteApp(caller.accountId, path.id, { audit, versions });
      if (result === 'missing') return reject('NotFound');
      if (result === 'changed') return reject('PreconditionFailed');
      return { status: 200, body: { id: path.id, deleted: true } };
    },
  };
}
