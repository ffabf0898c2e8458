import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AuditEntry, SlotResult, Store, TokenRecord } from '../store/store.ts';
import { allScopes, defaultAccount, hashToken, mintToken, placeholderToken, tokenPrefix } from './tokens.ts';

/** The slot of the token in `API_TOKEN`. */
export const apiTokenSlot = 'API_TOKEN';

const makeRecord = (token: string, now: Date): TokenRecord => ({
  ...{ id: randomUUID(), accountId: defaultAccount, hash: hashToken(token), scopes: allScopes },
  ...{ createdAt: now.toISOString(), prefix: tokenPrefix(token) },
});

/** Returns the audit entry of what a server does by itself. */
const auditOf = (
  now: Date,
  operation: string,
  subjects: readonly string[],
  fields: readonly string[] = [],
): AuditEntry => ({
  ...{ at: now.toISOString(), accountId: defaultAccount, tokenId: `server:${hostname()}`, requestId: '-' },
  ...{ operation, fields, subjects },
});

/**
 * Makes a token the operator's: the only usable one of `API_TOKEN`. A former one ends; one that was revoked stays so.
 * @throws StoreUnavailable
 */
export function ensureToken(store: Store, token: string, now: Date): Promise<SlotResult> {
  const record = { ...makeRecord(token, now), name: apiTokenSlot, slot: apiTokenSlot };
  return store.takeSlot(record, auditOf(now, 'token create', [record.id]));
}

/** Returns the usable token that an earlier start was given in `API_TOKEN`. @throws StoreUnavailable */
export async function findSlotToken(store: Store): Promise<TokenRecord | undefined> {
  const tokens = await store.listTokens(defaultAccount);
  return tokens.find(({ slot, revokedAt }) => slot === apiTokenSlot && revokedAt === undefined);
}

/** Revokes the published placeholder, which is no secret. Returns whether it was usable. @throws StoreUnavailable */
export async function endPlaceholder(store: Store, now: Date): Promise<boolean> {
  const token = await store.findToken(hashToken(placeholderToken));
  if (token === undefined || token.revokedAt !== undefined) return false;
  return store.revokeToken(token.id, now.toISOString(), auditOf(now, 'token revoke', [token.id]));
}

/**
 * Mints a token for a database that never had one. Returns it this one time.
 * @throws StoreUnavailable
 */
export async function mintFirstToken(store: Store, now: Date): Promise<string | undefined> {
  const token = mintToken();
  const record = { ...makeRecord(token, now), name: 'first start' };
  return (await store.addFirstToken(record, auditOf(now, 'token create', [record.id], allScopes))) ? token : undefined;
}
