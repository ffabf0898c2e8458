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

/** Sees to it that a token of the operator's own choice is known. False when it was revoked: that is for good. */
export async function keepToken(store: Store, token: string, now: Date): Promise<boolean> {
  const find = () => store.findToken(hashToken(token));
  const known = await find();
  if (known !== undefined) return known.revokedAt === undefined;
  await addToken(store, token, now).catch(async (error: unknown) => {
    // Another server that starts at the same moment may have been faster.
    if ((await find()) === undefined) throw error;
  });
  return true;
}

/** Mints a token where the store has none that can be used, and gives it back for this one time. */
export async function mintFirstToken(store: Store, now: Date): Promise<string | undefined> {
  const isUsable = ({ revokedAt }: TokenRecord) => revokedAt === undefined;
  if ((await store.listTokens()).some(isUsable)) return undefined;
  const token = mintToken();
  await addToken(store, token, now);
  return token;
}
