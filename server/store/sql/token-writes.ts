/** The writes of the store that change tokens. */
import type { AuditEntry, SlotResult, TokenRecord } from '../store.ts';
import { toAuditRow, toTokenRow } from './rows.ts';
import type { Write } from './writes.ts';

function* audit(entry: AuditEntry | undefined): Write<void> {
  if (entry !== undefined) yield ['insertAudit', toAuditRow(entry)];
}

function* addToken(token: TokenRecord, entry?: AuditEntry): Write<void> {
  yield ['insertToken', toTokenRow(token)];
  yield* audit(entry);
}

function* addFirstToken(token: TokenRecord, entry: AuditEntry): Write<boolean> {
  const [known] = yield ['anyToken', {}];
  if (known !== undefined) return false;
  yield* addToken(token, entry);
  return true;
}

function* revokeToken(id: string, revoked_at: string, entry?: AuditEntry): Write<boolean> {
  const [revoked] = yield ['revokeToken', { id, revoked_at }];
  if (revoked === undefined) return false;
  yield* audit(entry && { ...entry, accountId: String(revoked.account_id) });
  return true;
}

/** Makes a token the only usable one of its slot. See `Store.takeSlot`. */
function* takeSlot(token: TokenRecord & { readonly slot: string }, entry: AuditEntry): Write<SlotResult> {
  const { id, hash, slot, accountId } = token;
  const [known] = yield ['tokenByHash', { hash }];
  if (known !== undefined && known.revoked_at !== null) return { outcome: 'revoked', ended: [] };
  const [added] = known === undefined ? yield ['insertTokenOnce', toTokenRow(token)] : [];
  if (added !== undefined)
    yield* audit({ ...entry, accountId, operation: 'token create', fields: token.scopes, subjects: [id] });
  // A token of an earlier version of this program, or one that a command made.
  else yield ['adoptToken', { hash, slot, account_id: accountId, scopes: token.scopes.join(' ') }];
  const ended = yield ['endSlot', { slot, hash, revoked_at: entry.at }];
  for (const one of ended)
    yield* audit({
      ...entry,
      accountId: String(one.account_id),
      operation: 'token revoke',
      subjects: [String(one.id)],
    });
  return { outcome: added === undefined ? 'known' : 'added', ended: ended.map((one) => String(one.id)) };
}

function* recordUse(id: string, day: string): Write<void> {
  yield ['recordUse', { id, day }];
}

export const tokenWrites = { addToken, addFirstToken, revokeToken, takeSlot, recordUse };
