/**
 * A store of another project, in memory. It uses what the package exports and nothing else, so that it shows what a store
 * needs. `test/contract/own-store.test.ts` runs it from the packed package.
 */
import type {
  AppChange,
  AppFilter,
  AppPage,
  AppRecord,
  AuditEntry,
  AuditedOperations,
  ColumnFilter,
  CreateOptions,
  CreateResult,
  ListOptions,
  Records,
  RecordTable,
  ResealedSecret,
  RevealOptions,
  SealedSecret,
  SecretPage,
  SecretPosition,
  Store,
  StoredResponse,
  StoreLoad,
  Unwritten,
  WriteOptions,
} from '../../server/index.ts';
import { MemoryInstallation } from './memory-installation.ts';

interface Row {
  readonly position: number;
  readonly app: AppRecord;
  readonly properties: readonly string[];
}

interface Kept extends StoredResponse {
  readonly createdAt: string;
}

/** Returns an object without the members that are undefined. */
const defined = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;

const toSecret = ({ app }: Row): SealedSecret => ({
  ...{ table: 'oauth_apps', column: 'client_secret', account_id: app.account_id, id: app.id },
  ...{ envelope: app.client_secret, key_id: app.secret_key_id, version: app.secret_version },
});

/** Whether a value meets the condition on its column. */
const meets = (value: string, filter: ColumnFilter = value) => {
  if (typeof filter === 'string') return value === filter;
  return 'in' in filter ? filter.in.includes(value) : !filter.notIn.includes(value);
};

const matches = ({ app, properties }: Row, filter: AppFilter): boolean =>
  meets(app.provider, filter.provider) &&
  meets(app.secret_key_id, filter.secret_key_id) &&
  (filter.properties ?? []).every((property) => properties.includes(property));

/** Keeps everything in this process. A write has no `await`, so that nothing comes between its steps. */
export class MemoryStore extends MemoryInstallation implements Store {
  readonly notices: readonly string[] = [];
  protected rows: Row[] = [];
  protected responses = new Map<string, Kept>();
  private position = 0;

  protected find(accountId: string, id: string): Row | undefined {
    return this.rows.find(({ app }) => app.account_id === accountId && app.id === id);
  }

  protected replace(row: Row, change: Partial<AppRecord>, properties = row.properties): AppRecord {
    const app = { ...row.app, ...defined(change) };
    this.rows = this.rows.map((one) => (one === row ? { ...row, app, properties } : one));
    return app;
  }

  async ping(): Promise<void> {
    this.check();
  }

  async createApp(app: AppRecord, options: CreateOptions): Promise<CreateResult> {
    this.check();
    const { properties, maxApps, audit, idempotency } = options;
    const name = JSON.stringify([app.account_id, idempotency?.key]);
    const known = this.responses.get(name);
    if (idempotency && known && known.createdAt >= idempotency.expiredAt) {
      return { fingerprint: known.fingerprint, response: known.response };
    }
    if (this.rows.filter((row) => row.app.account_id === app.account_id).length >= maxApps) return 'full';
    if (this.find(app.account_id, app.id)) throw new Error('the id is taken');
    if (idempotency) {
      const { fingerprint, response } = idempotency;
      this.responses.set(name, { fingerprint, response, createdAt: app.created_at });
    }
    this.position += 1;
    this.rows = [...this.rows, { position: this.position, app: { ...app }, properties }];
    this.audit.push(audit);
    return 'created';
  }

  /** The records of the only table, by the methods for apps. */
  records<Table extends RecordTable>(_table: Table): Records<Table> {
    const apps: Records<'oauth_apps'> = {
      create: (app, { max, properties = [], ...options }) =>
        this.createApp(app, { ...options, properties, maxApps: max }),
      find: (accountId, id) => this.findApp(accountId, id),
      list: async (accountId, options) => {
        const { apps: records, ...page } = await this.listApps(accountId, options);
        return { records, ...page };
      },
      reveal: async (accountId, options, reveal) => {
        const { apps: records, ...page } = await this.revealApps(accountId, options, reveal);
        return { records, ...page };
      },
      update: (accountId, id, { properties, ...change }, options) =>
        this.updateApp(accountId, id, { ...change, properties }, options),
      delete: (accountId, id, options) => this.deleteApp(accountId, id, options),
    };
    return apps as object as Records<Table>;
  }

  async findApp(accountId: string, id: string): Promise<AppRecord | undefined> {
    this.check();
    return this.find(accountId, id)?.app;
  }

  async listApps(accountId: string, options: ListOptions = {}): Promise<AppPage> {
    this.check();
    const { filter = {}, after = 0, limit = Number.POSITIVE_INFINITY } = options;
    const found = this.rows.filter(
      (row) => row.app.account_id === accountId && row.position > after && matches(row, filter),
    );
    const page = found.slice(0, limit);
    const next = page.length < found.length ? page.at(-1)?.position : undefined;
    return { apps: page.map(({ app }) => app), ...(next !== undefined && { next }) };
  }

  async revealApps<App>(accountId: string, options: ListOptions, reveal: RevealOptions<App>): Promise<AppPage<App>> {
    const { apps: sealed, ...page } = await this.listApps(accountId, options);
    const apps = sealed.map(reveal.open);
    this.audit.push(defined({ ...reveal.audit, subjects: reveal.listSubjects?.(apps) }));
    return { ...page, apps };
  }

  /** Returns the row that a write is for, or why there is none. */
  protected findToWrite(accountId: string, id: string, versions: readonly number[] | undefined): Row | Unwritten {
    const row = this.find(accountId, id);
    if (row === undefined) return 'missing';
    return versions === undefined || versions.includes(row.app.version) ? row : 'changed';
  }

  async updateApp(
    accountId: string,
    id: string,
    { properties, ...change }: AppChange,
    { audit, versions }: WriteOptions,
  ): Promise<AppRecord | Unwritten> {
    this.check();
    const row = this.findToWrite(accountId, id, versions);
    if (typeof row === 'string') return row;
    this.audit.push(audit);
    return this.replace(row, { ...change, version: row.app.version + 1 }, properties);
  }

  async deleteApp(accountId: string, id: string, { audit, versions }: WriteOptions): Promise<'deleted' | Unwritten> {
    this.check();
    const row = this.findToWrite(accountId, id, versions);
    if (typeof row === 'string') return row;
    this.rows = this.rows.filter((one) => one !== row);
    this.audit.push(audit);
    return 'deleted';
  }

  async listPutBack({ updates, deletes, restore }: AuditedOperations): Promise<{ account_id: string; id: string }[]> {
    this.check();
    const restored = this.audit.findLastIndex(({ operation }) => operation === restore);
    const putBack = this.rows.filter(({ app }) => {
      const isOfApp = ({ accountId, appId }: AuditEntry) => accountId === app.account_id && appId === app.id;
      const updated = this.audit.filter((entry) => isOfApp(entry) && updates.includes(entry.operation)).length;
      const isDeleted = (entry: AuditEntry) => isOfApp(entry) && deletes.includes(entry.operation);
      return app.version <= updated || this.audit.findLastIndex(isDeleted) > restored;
    });
    return putBack.map(({ app: { account_id, id } }) => ({ account_id, id }));
  }

  async countSealedUnderOtherKeys(keyId: string): Promise<number> {
    this.check();
    return this.listUnderOtherKeys(keyId).length;
  }

  protected listUnderOtherKeys(keyId: string): Row[] {
    return this.rows.filter(({ app }) => app.secret_key_id !== keyId || app.secret_version === '');
  }

  async countByKey(): Promise<ReadonlyMap<string, number>> {
    this.check();
    const groups = Map.groupBy(this.rows, ({ app }) => app.secret_key_id);
    return new Map([...groups].map(([keyId, rows]) => [keyId, rows.length]));
  }

  async listSecrets(page: SecretPage): Promise<{ secrets: SealedSecret[]; next?: SecretPosition }> {
    this.check();
    const { rows, next } = this.readPage(this.rows, page);
    return { secrets: rows.map(toSecret), ...(next && { next }) };
  }

  private readPage(all: readonly Row[], { after, limit }: SecretPage) {
    const found = all.filter(({ position }) => position > (after?.position ?? 0));
    const rows = found.slice(0, limit);
    const next = rows.length < found.length ? { source: 0, position: rows.at(-1)?.position ?? 0 } : undefined;
    return { rows, next };
  }

  async newestSecrets(limit: number): Promise<SealedSecret[]> {
    this.check();
    return this.rows.slice(-limit).map(toSecret);
  }

  async correctKeyId(secret: SealedSecret, keyId: string): Promise<void> {
    this.check();
    const row = this.find(secret.account_id, secret.id);
    if (row?.app.client_secret === secret.envelope) this.replace(row, { secret_key_id: keyId });
  }

  async resealBatch(
    keyId: string,
    page: SecretPage,
    reseal: (secret: SealedSecret) => ResealedSecret | undefined,
  ): Promise<{ resealed: number; next?: SecretPosition }> {
    this.check();
    const { rows, next } = this.readPage(this.listUnderOtherKeys(keyId), page);
    let resealed = 0;
    for (const row of rows) {
      const secret = reseal(toSecret(row));
      const { client_secret } = this.find(row.app.account_id, row.app.id)?.app ?? {};
      if (secret === undefined || client_secret !== row.app.client_secret) continue;
      this.replace(row, { client_secret: secret.envelope, secret_key_id: keyId, secret_version: secret.version });
      resealed += 1;
    }
    return { resealed, ...(next && { next }) };
  }

  async purgeResponses(before: string): Promise<number> {
    this.check();
    const old = [...this.responses].filter(([, { createdAt }]) => createdAt < before);
    for (const [name] of old) this.responses.delete(name);
    return old.length;
  }

  async countResponsesUnderOtherKeys(keyId: string): Promise<number> {
    this.check();
    return [...this.responses.values()].filter(({ fingerprint }) => !fingerprint.startsWith(`${keyId}.`)).length;
  }

  load(): StoreLoad {
    return { writes: 0 };
  }

  async close(): Promise<void> {
    this.isDisconnected = true;
  }
}
