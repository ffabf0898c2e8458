/** The part of a store in memory that knows no apps: tokens, audit, facts and counters. */
import {
  type AuditEntry,
  type CountRequest,
  type FoundToken,
  type SlotResult,
  StoreUnavailable,
  type TokenRecord,
} from '../../server/index.ts';

const minute = 60_000;

export class MemoryInstallation {
  protected tokens: TokenRecord[] = [];
  protected audit: AuditEntry[] = [];
  protected facts = new Map<string, string>();
  protected isDisconnected = false;

  /** Makes every call fail, as a database that cannot be reached. */
  disconnect(): void {
    this.isDisconnected = true;
  }

  /** Opens the same records again. */
  reopen(): this {
    const opened = Object.assign(Object.create(Object.getPrototypeOf(this)), this);
    opened.isDisconnected = false;
    return opened;
  }

  /** Rejects the call when the store cannot respond. */
  protected check(): void {
    if (this.isDisconnected) throw new StoreUnavailable('DISCONNECTED');
  }

  async addToken(token: TokenRecord, audit?: AuditEntry): Promise<void> {
    this.check();
    if (this.tokens.some(({ hash }) => hash === token.hash)) throw new Error('the token is known');
    this.tokens.push(token);
    if (audit) this.audit.push(audit);
  }

  async addFirstToken(token: TokenRecord, audit: AuditEntry): Promise<boolean> {
    this.check();
    if (this.tokens.length > 0) return false;
    await this.addToken(token, audit);
    return true;
  }

  async takeSlot(token: TokenRecord & { readonly slot: string }, audit: AuditEntry): Promise<SlotResult> {
    this.check();
    const known = this.tokens.find(({ hash }) => hash === token.hash);
    if (known?.revokedAt !== undefined) return { outcome: 'revoked', ended: [] };
    const ended = this.tokens.filter(
      ({ hash, slot, revokedAt }) => slot === token.slot && hash !== token.hash && revokedAt === undefined,
    );
    this.tokens = known
      ? this.tokens.map((one) => (one === known ? { ...one, slot: token.slot } : one))
      : [...this.tokens, token];
    const { id, accountId, scopes } = token;
    if (!known) this.audit.push({ ...audit, accountId, operation: 'token create', fields: scopes, subjects: [id] });
    for (const one of ended) {
      const entry = { ...audit, operation: 'token revoke', subjects: [one.id] };
      await this.revokeToken(one.id, audit.at, entry);
    }
    return { outcome: known ? 'known' : 'added', ended: ended.map((one) => one.id) };
  }

  async findToken(hash: string): Promise<FoundToken | undefined> {
    this.check();
    return this.tokens.find((token) => token.hash === hash);
  }

  async listTokens(accountId?: string): Promise<TokenRecord[]> {
    this.check();
    const found = this.tokens.filter((token) => accountId === undefined || token.accountId === accountId);
    return found.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async revokeToken(id: string, revokedAt: string, audit?: AuditEntry): Promise<boolean> {
    this.check();
    const token = this.tokens.find((one) => one.id === id && one.revokedAt === undefined);
    if (token === undefined) return false;
    this.tokens = this.tokens.map((one) => (one === token ? { ...one, revokedAt } : one));
    if (audit) this.audit.push({ ...audit, accountId: token.accountId });
    return true;
  }

  async recordUse(id: string, day: string): Promise<void> {
    this.check();
    this.tokens = this.tokens.map((one) => (one.id === id ? { ...one, lastUsedOn: day } : one));
  }

  async *listAudit(filter: { accountId?: string; since?: string; before?: string }): AsyncGenerator<AuditEntry> {
    this.check();
    const { accountId, since = '', before = '9999' } = filter;
    yield* this.audit.filter(
      (entry) => (accountId === undefined || entry.accountId === accountId) && entry.at >= since && entry.at < before,
    );
  }

  async addAudit(audit: AuditEntry): Promise<void> {
    this.check();
    this.audit.push(audit);
  }

  async thinAudit(before: string, expected: number, audit: AuditEntry): Promise<'thinned' | 'changed'> {
    this.check();
    const rest = this.audit.filter(({ at }) => at >= before);
    if (this.audit.length - rest.length !== expected) return 'changed';
    this.audit = [...rest, audit];
    return 'thinned';
  }

  async readFacts(prefix: string): Promise<ReadonlyMap<string, string>> {
    this.check();
    return new Map([...this.facts].filter(([name]) => name.startsWith(prefix)));
  }

  async addFacts(facts: ReadonlyMap<string, string>): Promise<void> {
    this.check();
    for (const [name, value] of facts) if (!this.facts.has(name)) this.facts.set(name, value);
  }

  async countRequests(requestsPerMinute: number): Promise<CountRequest> {
    const counted = new Map<string, { since: number; count: number }>();
    return async (tokenId) => {
      const now = Date.now();
      const known = counted.get(tokenId);
      const present = known && now - known.since < minute ? known : { since: now, count: 0 };
      counted.set(tokenId, { ...present, count: present.count + 1 });
      return present.count < requestsPerMinute ? 0 : Math.max(1, present.since + minute - now);
    };
  }
}
