import { randomUUID } from 'node:crypto';
import type { Store, TokenRecord } from './store/store.ts';
import { allScopes, defaultAccount, hashToken, mintToken } from './tokens.ts';

/**
 * Sees to it that somebody can call the API: keeps the hash of `apiToken` where one is given, or mints a token where
 * the store has none. Gives a minted token back, for this one time.
 */
export async function ensureToken(store: Store, apiToken: string | undefined, now: Date): Promise<string | undefined> {
  const isUsable = ({ revokedAt }: TokenRecord) => revokedAt === undefined;
  if (apiToken === undefined && (await store.listTokens()).some(isUsable)) return undefined;
  const token = apiToken ?? mintToken();
  const hash = hashToken(token);
  if ((await store.findToken(hash)) === undefined) {
    const createdAt = now.toISOString();
    await store.addToken({ id: randomUUID(), accountId: defaultAccount, hash, scopes: allScopes, createdAt });
  }
  return apiToken === undefined ? token : undefined;
}
