/** Stores with one seeded fault each, and the case of the suite that finds it. */
import { setImmediate } from 'node:timers/promises';
import type { AppRecord, CreateOptions, CreateResult, Store } from '../../server/index.ts';
import { MemoryStore } from './memory-store.ts';
import { recordFaults } from './record-faults.ts';

type Method = {
  [Name in keyof Store]: Store[Name] extends (...values: never[]) => unknown ? Name : never;
}[keyof Store];

/** A fault: the case that finds it, and the method that is wrong. */
export interface Fault {
  readonly breaks: string;
  readonly method: Method;
  readonly make: () => MemoryStore;
}

/** Looks the quota up, waits, and creates. */
class LateQuota extends MemoryStore {
  override async createApp(app: AppRecord, options: CreateOptions): Promise<CreateResult> {
    const isFull = this.rows.length >= options.maxApps;
    await setImmediate();
    return isFull ? 'full' : super.createApp(app, { ...options, maxApps: Number.POSITIVE_INFINITY });
  }
}

/** Looks the key up, waits, and creates. */
class LateKey extends MemoryStore {
  override async createApp(app: AppRecord, options: CreateOptions): Promise<CreateResult> {
    const isKnown = this.responses.size > 0;
    await setImmediate();
    if (!isKnown) this.responses.clear();
    return super.createApp(app, options);
  }
}

class LateVersion extends MemoryStore {
  override updateApp: Store['updateApp'] = async (accountId, id, change, options) => {
    const row = this.findToWrite(accountId, id, options.versions);
    await setImmediate();
    return typeof row === 'string' ? row : super.updateApp(accountId, id, change, { audit: options.audit });
  };
}

class NoAccounts extends MemoryStore {
  override findApp: Store['findApp'] = async (_accountId, id) => {
    this.check();
    return this.rows.find(({ app }) => app.id === id)?.app;
  };
}

class NewestFirst extends MemoryStore {
  override listApps: Store['listApps'] = async (accountId, options) => {
    const page = await super.listApps(accountId, options);
    return { ...page, apps: page.apps.toReversed() };
  };
}

/** Counts the position from the start of the list, so that a delete moves the next page. */
class Offsets extends MemoryStore {
  override listApps: Store['listApps'] = async (accountId, { after = 0, limit = 1_000, ...options } = {}) => {
    const { apps } = await super.listApps(accountId, options);
    const end = after + limit;
    return { apps: apps.slice(after, end), ...(end < apps.length && { next: end }) };
  };
}

class AnyProperty extends MemoryStore {
  override listApps: Store['listApps'] = async (accountId, { filter = {}, ...options } = {}) =>
    super.listApps(accountId, { ...options, filter: { ...filter, properties: filter.properties?.slice(0, 1) ?? [] } });
}

class SameVersion extends MemoryStore {
  override updateApp: Store['updateApp'] = async (accountId, id, { properties, ...change }, { versions }) => {
    const row = this.findToWrite(accountId, id, versions);
    return typeof row === 'string' ? row : this.replace(row, change, properties);
  };
}

class KeptProperties extends MemoryStore {
  override updateApp: Store['updateApp'] = (accountId, id, change, options) =>
    super.updateApp(accountId, id, { ...change, properties: undefined }, options);
}

class InPlace extends MemoryStore {
  override updateApp: Store['updateApp'] = async (accountId, id, change, options) => {
    const before = await this.findApp(accountId, id);
    const updated = await super.updateApp(accountId, id, change, options);
    return typeof updated === 'string' || before === undefined ? updated : Object.assign(before, updated);
  };
}

class Reserialised extends MemoryStore {
  override createApp: Store['createApp'] = (app, options) =>
    super.createApp({ ...app, metadata: JSON.stringify(JSON.parse(app.metadata)) }, options);
}

class AuditedTooEarly extends MemoryStore {
  override revealApps: Store['revealApps'] = async (accountId, options, reveal) => {
    this.audit.push(reveal.audit);
    const { apps, ...page } = await this.listApps(accountId, options);
    return { ...page, apps: apps.map(reveal.open) };
  };
}

class DeletedWithoutAudit extends MemoryStore {
  override deleteApp: Store['deleteApp'] = async (accountId, id, options) => {
    const result = await super.deleteApp(accountId, id, options);
    if (result === 'deleted') this.audit.pop();
    return result;
  };
}

class SharedKeys extends MemoryStore {
  override createApp: Store['createApp'] = async (app, options) => {
    const [known] = this.responses.values();
    const { idempotency } = options;
    const isKnown = known !== undefined && idempotency !== undefined && known.createdAt >= idempotency.expiredAt;
    return isKnown ? { fingerprint: known.fingerprint, response: known.response } : super.createApp(app, options);
  };
}

class KeptForEver extends MemoryStore {
  override createApp: Store['createApp'] = (app, { idempotency, ...options }) =>
    super.createApp(app, idempotency ? { ...options, idempotency: { ...idempotency, expiredAt: '' } } : options);
}

class RevokedAgain extends MemoryStore {
  override revokeToken: Store['revokeToken'] = async (id, revokedAt, audit) =>
    (await super.revokeToken(id, revokedAt, audit)) || this.tokens.some((token) => token.id === id);
}

class CrowdedSlot extends MemoryStore {
  override takeSlot: Store['takeSlot'] = async (token, audit) => {
    if (await this.findToken(token.hash)) return super.takeSlot(token, audit);
    await this.addToken(token, { ...audit, operation: 'token create', subjects: [token.id] });
    return { outcome: 'added', ended: [] };
  };
}

class FoundInAnyAccount extends MemoryStore {
  override findToken: Store['findToken'] = async (hash, appId) => {
    const token = await super.findToken(hash);
    const app = this.rows.find((row) => row.app.id === appId)?.app;
    return token && { ...token, ...(app && { app }) };
  };
}

class ResealedAnyway extends MemoryStore {
  override resealBatch: Store['resealBatch'] = async (keyId, page, reseal) => {
    const rows = this.listUnderOtherKeys(keyId);
    const result = await super.resealBatch(keyId, page, reseal);
    await setImmediate();
    for (const { app } of rows.slice(0, result.resealed === 0 ? 1 : 0)) {
      const row = this.find(app.account_id, app.id);
      if (row) this.replace(row, { client_secret: app.client_secret });
    }
    return result;
  };
}

class Overwritten extends MemoryStore {
  override addFacts: Store['addFacts'] = async (facts) => {
    this.check();
    for (const [name, value] of facts) this.facts.set(name, value);
  };
}

class ThinnedAnyway extends MemoryStore {
  override thinAudit: Store['thinAudit'] = async (before, _expected, audit) => {
    this.check();
    this.audit = [...this.audit.filter(({ at }) => at >= before), audit];
    return 'thinned';
  };
}

class PrefixOfKey extends MemoryStore {
  override countResponsesUnderOtherKeys: Store['countResponsesUnderOtherKeys'] = async (keyId) => {
    this.check();
    return [...this.responses.values()].filter(({ fingerprint }) => !fingerprint.startsWith(keyId)).length;
  };
}

class CountedTogether extends MemoryStore {
  override countRequests: Store['countRequests'] = async (requestsPerMinute) => {
    const count = await super.countRequests(requestsPerMinute);
    return () => count('all');
  };
}

class PlainError extends MemoryStore {
  override ping: Store['ping'] = async () => {
    if (this.isDisconnected) throw new Error('ECONNREFUSED');
  };
}

class Forgetful extends MemoryStore {
  override reopen(): this {
    const opened = super.reopen();
    opened.responses = new Map();
    return opened;
  }
}

export const faults: Readonly<Record<string, Fault>> = {
  'the quota is looked up before the create': {
    ...{ breaks: 'creates at once never exceed the quota', method: 'createApp', make: () => new LateQuota() },
  },
  'the idempotency key is looked up before the create': {
    ...{ breaks: 'creates at once under one key make one app', method: 'createApp', make: () => new LateKey() },
  },
  'the version is looked up before the update': {
    breaks: 'one of several updates at the same version succeeds',
    ...{ method: 'updateApp', make: () => new LateVersion() },
  },
  'an app is found by its id alone': {
    ...{ breaks: 'an account never sees the apps of another', method: 'findApp', make: () => new NoAccounts() },
  },
  'the newest app is listed first': {
    ...{ breaks: 'apps are listed in the order of creation', method: 'listApps', make: () => new NewestFirst() },
  },
  'a position counts from the start of the list': {
    ...{ breaks: 'a page goes on where the last one ended', method: 'listApps', make: () => new Offsets() },
  },
  'a filter looks at one property': {
    ...{ breaks: 'filters by provider, key and properties combine', method: 'listApps', make: () => new AnyProperty() },
  },
  'an update keeps the version': {
    breaks: 'an update replaces its fields and increments the version',
    ...{ method: 'updateApp', make: () => new SameVersion() },
  },
  'an update keeps the properties': {
    breaks: 'an update replaces its fields and increments the version',
    ...{ method: 'updateApp', make: () => new KeptProperties() },
  },
  'an update changes records that were read': {
    ...{ breaks: 'a record that was read stays as it was', method: 'updateApp', make: () => new InPlace() },
  },
  'metadata are serialised anew': {
    ...{ breaks: 'a stored app equals the created one', method: 'findApp', make: () => new Reserialised() },
  },
  'a reveal is recorded before the secrets open': {
    ...{ breaks: 'a reveal that fails leaves no audit entry', method: 'listAudit', make: () => new AuditedTooEarly() },
  },
  'a delete is not recorded': {
    ...{ breaks: 'every write has its own audit entry', method: 'listAudit', make: () => new DeletedWithoutAudit() },
  },
  'accounts share their idempotency keys': {
    ...{ breaks: 'the keys of accounts are separate', method: 'createApp', make: () => new SharedKeys() },
  },
  'a stored response never expires': {
    ...{ breaks: 'a response from before its expiry is replaced', method: 'createApp', make: () => new KeptForEver() },
  },
  'a token is revoked again': {
    ...{ breaks: 'a token is revoked once', method: 'revokeToken', make: () => new RevokedAgain() },
  },
  'a slot keeps its former token': {
    ...{ breaks: 'a slot has one usable token', method: 'takeSlot', make: () => new CrowdedSlot() },
  },
  'a token brings apps of any account': {
    ...{
      breaks: 'a token brings apps of its own account alone',
      method: 'findToken',
      make: () => new FoundInAnyAccount(),
    },
  },
  'a newer secret is overwritten': {
    ...{
      breaks: 'a secret that changes meanwhile is not re-sealed',
      method: 'findApp',
      make: () => new ResealedAnyway(),
    },
  },
  'a fact is overwritten': {
    breaks: 'a fact that is there stays as it is',
    ...{ method: 'readFacts', make: () => new Overwritten() },
  },
  'the audit is thinned whatever the number': {
    breaks: 'the audit is thinned when the number is right',
    ...{ method: 'thinAudit', make: () => new ThinnedAnyway() },
  },
  'a key id is compared by its start': {
    breaks: 'responses are counted by key and removed by age',
    ...{ method: 'countResponsesUnderOtherKeys', make: () => new PrefixOfKey() },
  },
  'requests are counted for all tokens together': {
    breaks: 'requests over the limit of a token wait',
    ...{ method: 'countRequests', make: () => new CountedTogether() },
  },
  'an error of the connection is passed on': {
    ...{ breaks: 'a store that cannot respond rejects every call', method: 'ping', make: () => new PlainError() },
  },
  'stored responses end with the process': {
    ...{ breaks: 'all records survive a restart', method: 'createApp', make: () => new Forgetful() },
  },
  ...recordFaults,
};
