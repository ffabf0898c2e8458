import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import type { Scope } from '../keys/tokens.ts';
import type { HandlersOf } from '../operation-types.ts';
import { isRejection, reject, rejectField, rejectScope } from '../problem.ts';
import { isKnown, toETag, versionsOf } from '../resource/etag.ts';
import type { HandlerDeps } from '../resource/handler-deps.ts';
import { creates } from '../resource/idempotency.ts';
import { checkMetadata, parseMetadataFilter, propertyFingerprints } from '../resource/metadata.ts';
import { pages } from '../resource/pages.ts';
import { auditing, noStore, rejectUnwritten, toTimestamp } from '../resource/record.ts';
import { secretStates } from '../resource/secrets.ts';
import type { AppChange, AppRecord, ListOptions, OwnedRecord } from '../store/store.ts';
import { clientSecret, createView, filterByHealth } from './view.ts';

const revealing: Scope = 'reveal';
const reading: Scope = 'read';

/** Creates the handlers of the five operations. */
export function oauthApps(deps: HandlerDeps): HandlersOf<'OAuth apps'> {
  const { store, keyRing, now, maxAppsPerAccount, reportSecret = () => {}, reportKey = () => {}, epoch = '' } = deps;
  const { show, showNew, reveal, isRevealed, healthTag } = createView(keyRing, secretStates(keyRing, reportSecret));
  const headersOf = (app: AppRecord) => ({ ...noStore, ETag: toETag(app.version, healthTag(app)) });
  const auditOf = auditing(now);
  const create = creates({ keyRing, now, reportKey, operation: 'createOAuthApp' });
  const list = pages({
    ...{ keyRing, epoch, operation: 'listOAuthApps' as const, show },
    async list(accountId, options: ListOptions) {
      const { apps, ...rest } = await store.listApps(accountId, options);
      return { records: apps, ...rest };
    },
  });

  const newApp = (
    own: OwnedRecord,
    { provider, name, client_id, client_secret, metadata, ...rest }: CreateOAuthApp,
  ): AppRecord => {
    rest satisfies Record<string, never>;
    const sealed = clientSecret.seal(keyRing, own.account_id, own.id, client_secret);
    return { ...own, ...sealed, provider, name, client_id, metadata: JSON.stringify(metadata ?? {}) };
  };

  return {
    async listOAuthApps(request) {
      const { caller, query } = request;
      const { accountId } = caller;
      const isReveal = query.truncate_secrets === false;
      if (isReveal && !caller.scopes.includes(revealing)) return rejectScope(revealing);
      const parsed = query.metadata === undefined ? undefined : parseMetadataFilter(query.metadata);
      if (parsed && 'reasons' in parsed) return rejectField('metadata', ...parsed.reasons);
      const after = list.read(accountId, query.cursor);
      if (isRejection(after)) return after;
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
        return { status: 200, slices: list.slices(accountId, { ...options, mark: caller.mark }), headers: noStore };
      const audit = auditOf(request, 'listOAuthApps', ['client_secret']);
      const listSubjects = (apps: readonly OAuthApp[]) => apps.filter(isRevealed).map(({ id }) => id);
      const { apps, next } = await store.revealApps(accountId, options, { audit, listSubjects, open: reveal });
      return { status: 200, slices: list.cut(accountId, { records: apps, next }), headers: noStore };
    },

    async createOAuthApp(request) {
      const { body } = request;
      const reasons = checkMetadata(body.metadata ?? {});
      if (reasons.length > 0) return rejectField('metadata', ...reasons);
      const app = await create(
        request,
        (own) => newApp(own, body),
        (app, idempotency) =>
          store.createApp(app, {
            properties: propertyFingerprints(body.metadata ?? {}),
            maxApps: maxAppsPerAccount,
            audit: auditOf(request, 'createOAuthApp', Object.keys(body), { appId: app.id }),
            idempotency,
          }),
      );
      if (isRejection(app)) return app;
      return { status: 200, body: showNew(app), headers: { ...noStore, ETag: toETag(app.version) } };
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
        ...clientSecret.change(keyRing, caller.accountId, path.id, client_secret),
        metadata: metadata && JSON.stringify(metadata),
        properties: metadata && propertyFingerprints(metadata),
        updated_at: toTimestamp(now()),
      };
      const audit = auditOf(request, 'updateOAuthApp', fields, { appId: path.id });
      const app = await store.updateApp(caller.accountId, path.id, change, { audit, versions });
      if (app === 'missing' || app === 'changed') return rejectUnwritten(app);
      return { status: 200, body: show(app), headers: headersOf(app) };
    },

    async deleteOAuthApp(request) {
      const { caller, path, headers } = request;
      const audit = auditOf(request, 'deleteOAuthApp', [], { appId: path.id });
      const versions = versionsOf(headers['If-Match']);
      const result = await store.deleteApp(caller.accountId, path.id, { audit, versions });
      if (result !== 'deleted') return rejectUnwritten(result);
      return { status: 200, body: { id: path.id, deleted: true } };
    },
  };
}
