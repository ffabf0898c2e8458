import { hash } from 'node:crypto';
import type { CreateOAuthApp, OAuthApp } from '../../generated/types.ts';
import { toTimestamp } from './view.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { CreateOptions, KeptAnswer } from '../store/store.ts';

/** How long an answer is kept for a repeated call. */
const keptMilliseconds = 24 * 60 * 60 * 1000;

/** Creates that carry an `Idempotency-Key`: which are under way, and what is kept of the answered ones. */
export function trackRepeats(keyRing: KeyRing, now: () => Date) {
  const underWay = new Set<string>();
  return {
    /** Does the work, unless the same account's work with the same key is under way in this process. */
    async unlessUnderWay<Result>(
      accountId: string,
      key: string | undefined,
      work: () => Promise<Result>,
    ): Promise<Result | 'under way'> {
      if (key === undefined) return work();
      const name = `${accountId}\n${key}`;
      if (underWay.has(name)) return 'under way';
      underWay.add(name);
      return work().finally(() => underWay.delete(name));
    },

    /** What the store keeps under a key: neither the key nor the body, whose secret nobody could then guess at. */
    keep(key: string | undefined, body: CreateOAuthApp, answer: OAuthApp): CreateOptions['idempotency'] {
      if (key === undefined) return undefined;
      return {
        key: hash('sha256', key, 'base64url'),
        fingerprint: keyRing.fingerprint(JSON.stringify(body)),
        answer: JSON.stringify(answer),
        expiredAt: toTimestamp(new Date(now().getTime() - keptMilliseconds)),
      };
    },

    /** The first answer, if it was the answer to this body. */
    recall(kept: KeptAnswer, body: CreateOAuthApp): OAuthApp | undefined {
      if (!keyRing.matches(JSON.stringify(body), kept.fingerprint)) return undefined;
      return JSON.parse(kept.answer) as OAuthApp;
    },
  };
}
