import { KeyError, type KeyRing } from '../keys/key-ring.ts';
import type { SealedSecret, SecretPosition, Store } from '../store/store.ts';
import { checkSecret, isReadable, type SecretState } from './secrets.ts';

/** The oldest and the newest secrets that a start tries, so many of each. */
const sampleSize = 20;
const batchSize = 500;

/** A secret that does not open. */
export interface Unopened {
  readonly secret: SealedSecret;
  readonly state: SecretState;
}

/** Tries every secret in the database. Calls `found` with those that do not open. Returns the number of secrets by state. */
export async function checkAllSecrets(
  store: Store,
  keyRing: KeyRing,
  found: (unopened: Unopened) => void | Promise<void>,
): Promise<ReadonlyMap<SecretState, number>> {
  const counts = new Map<SecretState, number>();
  for (let after: SecretPosition | undefined, isLast = false; !isLast; ) {
    const page = await store.listSecrets({ after, limit: batchSize });
    for (const secret of page.secrets) {
      const state = checkSecret(keyRing, secret);
      counts.set(state, (counts.get(state) ?? 0) + 1);
      if (!isReadable(state)) await found({ secret, state });
    }
    after = page.next;
    isLast = after === undefined;
  }
  return counts;
}

/**
 * Tries a sample of the secrets, and all of them where none of the sample opens. Returns those of the sample that do not
 * open.
 * @throws KeyError when there are secrets and none opens
 * @throws StoreUnavailable
 */
export async function checkKeys(store: Store, keyRing: KeyRing): Promise<Unopened[]> {
  const { secrets: oldest } = await store.listSecrets({ limit: sampleSize });
  const sample = [...oldest, ...(await store.newestSecrets(sampleSize))];
  const unopened = sample
    .map((secret) => ({ secret, state: checkSecret(keyRing, secret) }))
    .filter(({ state }) => !isReadable(state));
  if (sample.length === 0 || unopened.length < sample.length) return unopened;
  const counts = await checkAllSecrets(store, keyRing, () => {});
  if (![...counts.keys()].some(isReadable)) {
    const names = [...(await store.countByKey()).keys()].join(', ');
    throw new KeyError(`they open no secret in the database, whose secrets are under the key ${names}`);
  }
  return unopened;
}
