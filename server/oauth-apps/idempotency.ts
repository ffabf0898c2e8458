import { hash } from 'node:crypto';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { StoredResponse, StoreResponse } from '../store/store.ts';
import { toTimestamp } from './view.ts';

/** The lifetime of a stored response: 24 hours. */
const storedMilliseconds = 24 * 60 * 60 * 1_000;

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
     * is keyed, so that its secret cannot be guessed.
     */
    store(key: string | undefined, body: CreateOAuthApp, response: OAuthApp): StoreResponse | undefined {
      if (key === undefined) return undefined;
      return {
        key: hash('sha256', key, 'base64url'),
        fingerprint: keyRing.fingerprint(JSON.stringify(body)),
        response: JSON.stringify(response),
        expiredAt: toTimestamp(new Date(now().getTime() - storedMilliseconds)),
      };
    },

    /** Returns the stored response to a repeated request; undefined when the first request had another body. */
    replay({ fingerprint, response }: StoredResponse, body: CreateOAuthApp): OAuthApp | undefined {
      if (!keyRing.matches(JSON.stringify(body), fingerprint)) return undefined;
      return JSON.parse(response) as OAuthApp;
    },
  };
}
