import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../generated/operations.ts';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import { nextTurn } from '../event-loop.ts';
import { type KeyRing, makeVersion } from '../keys/key-ring.ts';
import type { Scope } from '../keys/tokens.ts';
import type { Handlers, OperationRequest } from '../operation-types.ts';
import { reject, rejectField, rejectScope } from '../problem.ts';
import type { AppChange, AppRecord, AuditEntry, ListOptions, Store } from '../store/store.ts';
import { isFirstPage, type List, readCursor, toCursor } from './cursor.ts';
import { isKnown, toETag, versionsOf } from './etag.ts';
import { idempotency } from './idempotency.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from './metadata.ts';
import { type ReportSecret, secretBinding, secretStates } from './secrets.ts';
import { createView, filterByHealth, toTimestamp } from './view.ts';

export interface HandlerDeps {
  readonly store: Store;
  readonly keyRing: KeyRing;
  /** Returns the present moment. */
  readonly now: () => Date;
  /** The number of apps that an account may hold. */
  readonly maxAppsPerAccount: number;
  /** The epoch of the installation, which each restore changes. @default '' */
  readonly epoch?: string;
  /** Called for every secret that does not open. @default () => {} */
  readonly reportSecret?: ReportSecret;
  /** Called with the id of a key that the database has and the configuration has not. @default () => {} */
  readonly reportKey?: (keyId: string) => void;
}

/** The columns of a secret that an update leaves as it is. */
const unsealed = { client_secret: undefined, secret_key_id: undefined, secret_version: undefined };

const revealing: Scope = 'reveal';
const reading: Scope = 'read';
/** The number of apps in a slice of a list: the largest ones take some 15 milliseconds. */
const sliceApps = 50;

/** No cache stores a response with an app in it. */
const noStore = { 'Cache-Control': 'no-store' };

/** Creates the handlers of the five operations. */
export function oauthApps(deps: HandlerDeps): Handlers {
  const { store, keyRing, now, maxAppsPerAccount, reportSecret = () => {}, reportKey = () => {}, epoch = '' } = deps;
  const creates = idempotency(keyRing, now);
  const { show, showNew, reveal, isRevealed, healthTag } = createView(keyRing, secretStates(keyRing, reportSecret));
  const headersOf = (app: AppRecord) => ({ ...noStore, ETag: toETag(app.version, healthTag(app)) });

  const auditOf = (
    { caller, requestId }: Pick<OperationRequest, 'caller' | 'requestId'>,
    operation: OperationId,
    fields: readonly string[],
    appId?: string,
  ): AuditEntry => {
    const { accountId, tokenId } = caller;
    return { at: now().toISOString(), accountId, tokenId, requestId, operation, appId, fields };
  };

  const seal = (accountId: string, id: string, secret: string) => {
    const secret_version = makeVersion();
    const binding = { account_id: accountId, id, column: 'client_secret', version: secret_version };
    const client_secret = keyRing.seal(secret, secretBinding(binding));
    return { client_secret, secret_key_id: keyRing.currentKeyId, secret_version };
  };

  const newApp = (
    account_id: string,
    { provider, name, client_id, client_secret, metadata, ...rest }: CreateOAuthApp,
  ): AppRecord => {
    rest satisfies Record<string, never>;
    const [id, created_at] = [randomUUID(), toTimestamp(now())];
    return {
      ...seal(account_id, id, client_secret),
      id,
      account_id,
      provider,
      name,
      client_id,
      metadata: JSON.stringify(metadata ?? {}),
      created_at,
      updated_at: created_at,
      version: 1,
    };
  };

  /** Returns the list that the cursors of an account belong to. */
  const listOf = (accountId: string): List => ({ operation: 'listOAuthApps', accountId, epoch });
  const cursorOf = (accountId: string, next: number | undefined) =>
    next === undefined ? {} : { next_cursor: toCursor(keyRing, listOf(accountId), next) };

  /** Lists apps in slices, so that a long list lets other requests run in between. */
  async function* listSlices(accountId: string, { limit = Number.POSITIVE_INFINITY, after, ...rest }: ListOptions) {
    let [position, left] = [after, limit];
    for (let isLast = false; !isLast; ) {
      const slice = { ...rest, after: position, limit: Math.min(left, sliceApps) };
      const { apps, next } = await store.listApps(accountId, slice);
      left -= apps.length;
      position = next;
      isLast = next === undefined || left === 0;
      yield { data: apps.map(show), ...(isLast && cursorOf(accountId, next)) };
      if (!isLast) await nextTurn();
    }
  }

  /** Cuts a list of apps into slices. The last one has the cursor. */
  async function* cutSlices(apps: readonly OAuthApp[], cursor: { readonly next_cursor?: string }) {
    for (let start = 0; start === 0 || start < apps.length; start += sliceApps) {
      if (start > 0) await nextTurn();
      yield { data: apps.slice(start, start + sliceApps), ...(start + sliceApps >= apps.length && cursor) };
    }
  }

  return {
    async listOAuthApps(request) {
      const { caller, query } = request;
      const { accountId } = caller;
      const isReveal = query.truncate_secrets === false;
      if (isReveal && !caller.scopes.includes(revealing)) return rejectScope(revealing);
      const parsed = query.metadata === undefined ? undefined : parseMetadataFilter(query.metadata);
      if (parsed && 'reasons' in parsed) return rejectField('metadata', ...parsed.reasons);
      const after = isFirstPage(query.cursor) ? 0 : readCursor(keyRing, listOf(accountId), query.cursor);
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
      if (!isReveal)
        return { status: 200, slices: listSlices(accountId, { ...options, mark: caller.mark }), headers: noStore };
      const audit = auditOf(request, 'listOAuthApps', ['client_secret']);
      const listSubjects = (apps: readonly OAuthApp[]) => apps.filter(isRevealed).map(({ id }) => id);
      const { apps, next } = await store.revealApps(accountId, options, { audit, listSubjects, open: reveal });
      return { status: 200, slices: cutSlices(apps, cursorOf(accountId, next)), headers: noStore };
    },

    async createOAuthApp(request) {
      const { caller, body, headers } = request;
      const reasons = checkMetadata(body.metadata ?? {});
      if (reasons.length > 0) return rejectField('metadata', ...reasons);
      const key = headers['Idempotency-Key'];
      const app = newApp(caller.accountId, body);
      const shown = showNew(app);
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
      const response = result === 'created' ? shown : creates.replay(result, body, shown);
      if (response === 'another body') return rejectField('Idempotency-Key', 'must not be used again for another body');
      if ('unknownKeyId' in response) {
        reportKey(response.unknownKeyId);
        return reject('Unavailable', { headers: { 'Retry-After': '1' } });
      }
      return { status: 200, body: response, headers: { ...noStore, ETag: toETag(app.version) } };
    },

    async getOAuthApp({ caller, path, headers }) {
      const app = caller.app ?? (await store.findApp(caller.accountId, path.id));
      if (app === undefined) return reject('NotFound');
      const shown = headersOf(app);
      if (isKnown(headers['If-None-Match'], shown.ETag)) return { status: 304, headers: shown };
      return { status: 200, body: show(app), headers: shown };
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
        // It changes nothing and shows the app, so it is a read.
        if (!caller.scopes.includes(reading)) return rejectScope(reading);
        const app = await store.findApp(caller.accountId, path.id);
        if (app === undefined) return reject('NotFound');
        if (versions && !versions.includes(app.version)) return reject('PreconditionFailed');
        return { status: 200, body: show(app), headers: headersOf(app) };
      }
      const change: AppChange = {
        name,
        ...(client_secret === undefined ? unsealed : seal(caller.accountId, path.id, client_secret)),
        metadata: metadata && JSON.stringify(metadata),
        properties: metadata && propertyFingerprints(metadata),
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
