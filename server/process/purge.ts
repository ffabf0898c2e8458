import type { Log } from '../log.ts';
import { responsesExpiredAt } from '../resource/idempotency.ts';
import { type Store, StoreUnavailable } from '../store/store.ts';

const minute = 60_000;

/** Removes the stored responses of all accounts that have expired. A store that cannot respond is asked again next time. */
export async function purgeResponses(store: Pick<Store, 'purgeResponses'>, log: Log, now: Date): Promise<void> {
  await store.purgeResponses(responsesExpiredAt(now)).catch((error: unknown) => {
    if (error instanceof StoreUnavailable) log.unavailable(undefined, error.code);
    else log.fault(undefined, error);
  });
}

/** Purges now and every minute. Returns the function that ends this. */
export function startPurging(store: Pick<Store, 'purgeResponses'>, log: Log): () => void {
  const purge = () => void purgeResponses(store, log, new Date());
  const timer = setInterval(purge, minute).unref();
  purge();
  return () => clearInterval(timer);
}
