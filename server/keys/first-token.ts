import { randomUUID } from 'node:crypto';
import type { Store, TokenRecord } from '../store/store.ts';
import { allScopes, defaultAccount, hashToken, mintToken } from './tokens.ts';

async function addToken(store: Store, token: string, now: Date): Promise<void> {
  const createdAt = now.toISOString();
  await store.addToken({
    ...{ id: randomUUID(), accountId: defaultAccount, hash: hashToken(token), createdAt },
    scopes: allScopes,
  });
}

/**
 * Adds the operator's token, unless the store has it. Returns false when it was revoked, which is final.
 * @throws StoreUnavailable
 */
export async function ensureToken(store: Store, token: string, now: Date): Promise<boolean> {
  const find = () => store.findToken(hashToken(token));
  const known = await find();
  if (known !== undefined) return known.revokedAt === undefined;
  await addToken(store, token, now).catch(async (error: unknown) => {
    // Another server that starts at the same time may have added it.
    if ((await find()) === undefined) throw error;
  });
  return true;
}

/**
 * Mints a token if the store has no valid one. Returns it this one time.
 * @throws StoreUnavailable
 */
export async function mintFirstToken(store: Store, now: Date): Promise<string | undefined> {
  const isUsable = ({ revokedAt }: TokenRecord) => revokedAt === undefined;
  if ((await store.listTokens()).some(isUsable)) return undefined;
  const token = mintToken();
  await addToken(store, token, now);
  return token;
}
