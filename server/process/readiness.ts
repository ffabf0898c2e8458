import type { KeyRing } from '../keys/key-ring.ts';
import type { Store } from '../store/store.ts';

const probe = { accountId: 'readiness', rowId: 'probe', column: 'probe' };

function canSeal(keyRing: KeyRing): boolean {
  try {
    return keyRing.open(keyRing.seal('probe', probe), probe) === 'probe';
  } catch {
    return false;
  }
}

async function canRespond(store: Store): Promise<boolean> {
  return store.ping().then(
    () => true,
    () => false,
  );
}

/** Lists the reasons why the server is not ready, in words: the database, the keys, or a stop. Empty when it is ready. */
export async function listReadinessFailures(store: Store, keyRing: KeyRing, isStopping: boolean): Promise<string[]> {
  return [
    ...(isStopping ? ['stopping'] : []),
    ...((await canRespond(store)) ? [] : ['the database does not respond']),
    ...(canSeal(keyRing) ? [] : ['the keys do not work']),
  ];
}
