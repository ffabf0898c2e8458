import type { Caller } from '../operation-types.ts';
import { type Rejection, reject } from '../problem.ts';
import type { CountRequest } from '../store/store.ts';

/**
 * Counts a request of a caller's token. Rejects one over the limit, with the seconds until the next may be sent.
 * @param countRequest Left out: there is no limit.
 * @throws StoreUnavailable
 */
export async function limitRate(
  countRequest: CountRequest | undefined,
  { tokenId }: Caller,
): Promise<Rejection<'TooManyRequests'> | undefined> {
  const milliseconds = (await countRequest?.(tokenId)) ?? 0;
  return milliseconds === 0 ? undefined : rejectRate(milliseconds);
}

/** Rejects a request that came too early, with the seconds until the next may be sent. */
export function rejectRate(milliseconds: number): Rejection<'TooManyRequests'> {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000));
  return reject('TooManyRequests', { headers: { 'Retry-After': String(seconds) } });
}
