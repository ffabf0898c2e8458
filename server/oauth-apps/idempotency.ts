import { hash } from 'node:crypto';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import { type KeyRing, keyIdOf } from '../keys/key-ring.ts';
import type { StoredResponse, StoreResponse } from '../store/store.ts';
import { canonicalJson } from './metadata.ts';
import { toTimestamp } from './view.ts';

/** The lifetime of a stored response: 24 hours. */
const storedMilliseconds = 24 * 60 * 60 * 1_000;

/** Returns the moment before which stored responses are removed. */
export const responsesExpiredAt = (now: Date): string => toTimestamp(new Date(now.getTime() - storedMilliseconds));

/** Makes creates with an `Idempotency-Key` idempotent. */
export function idempotency(keyRing: KeyRing, now: () => Date) {
  const inFlight = new Set<string>();
  return {
    /** Runs `create`, unless this process already runs one of the same account with the same key. */
    async runOnce<Result>(
      accountId: string,
      key: string | undefined,
      create: () => Promise<Result>,
    ): Promise<Result | 'in flight'> {
      if (key === undefined) return create();
      const name = `${accountId}\n${key}`;
      if (inFlight.has(name)) return 'in flight';
      inFlight.add(name);
      return create().finally(() => inFlight.delete(name));
    },

    /**
     * Returns the record that the store keeps under a key. It holds neither the key nor the body: the body's fingerprint
     * is keyed, so that its secret cannot be guessed. Of the response it holds what does not follow from the body, so
     * that nothing of an OAuth app outlives its deletion.
     */
    store(
      key: string | undefined,
      body: CreateOAuthApp,
      { id, health, created_at, updated_at }: OAuthApp,
    ): StoreResponse | undefined {
      if (key === undefined) return undefined;
      return {
        key: hash('sha256', key, 'base64url'),
        fingerprint: keyRing.fingerprint(canonicalJson(body)),
        response: JSON.stringify({ id, health, created_at, updated_at }),
        expiredAt: responsesExpiredAt(now()),
      };
    },

    /**
     * Returns the first response again, for the same JSON value whatever its spelling.
     * @param shown The response as it would be for a new app, which has all that follows from the body.
     */
    replay(
      { fingerprint, response }: StoredResponse,
      body: CreateOAuthApp,
      shown: OAuthApp,
    ): OAuthApp | 'another body' | { readonly unknownKeyId: string } {
      // The second spelling is that of earlier versions of this program.
      const matches = [canonicalJson(body), JSON.stringify(body)].map((text) => keyRing.matches(text, fingerprint));
      if (matches.includes(undefined)) return { unknownKeyId: keyIdOf(fingerprint) ?? '' };
      return matches.includes(true) ? { ...shown, ...(JSON.parse(response) as OAuthApp) } : 'another body';
    },
  };
}
