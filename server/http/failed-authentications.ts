import { isIPv6 } from 'node:net';
import { hashToken } from '../keys/tokens.ts';
import type { Log } from '../log.ts';

/** Counts requests with wrong tokens by address. */
export interface FailedAuthentications {
  /**
   * Returns the milliseconds until an address may send another token; 0 while it may. A token that this process has
   * accepted within the last hour is never held up, so that clients behind the same proxy as a guesser go on.
   */
  millisecondsBlocked(address: string, token: string): number;
  /** Records the outcome of an authentication. */
  record(address: string, token: string, isValid: boolean): void;
}

const minute = 60_000;
const hour = 60 * minute;
/** Bounds of the memory: addresses and tokens beyond them push out the oldest. */
const maxAddresses = 10_000;
const maxTokens = 10_000;

/** Returns the network that an address is counted by: the address itself, or the /64 of IPv6, which one machine has. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - groups.length - rest.length;
  return [...groups, ...Array<string>(zeros).fill('0'), ...rest].slice(0, 4).join(':');
}

/** Adds an entry to a map whose oldest entries go when it is full. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value as string);
}

/**
 * Creates the counter. A minute starts with the first wrong token in it.
 * @param limit Wrong tokens per minute and network.
 * @param now Returns milliseconds of a clock that never goes back.
 */
export function failedAuthentications(
  limit: number,
  log: Log,
  now: () => number = () => performance.now(),
): FailedAuthentications {
  const failures = new Map<string, { readonly since: number; count: number }>();
  const accepted = new Map<string, number>();
  return {
    millisecondsBlocked(address, token) {
      const counted = failures.get(networkOf(address));
      if (counted === undefined || counted.count < limit) return 0;
      const left = counted.since + minute - now();
      if (left <= 0) return 0;
      return now() - (accepted.get(hashToken(token)) ?? Number.NEGATIVE_INFINITY) < hour ? 0 : left;
    },
    record(address, token, isValid) {
      if (isValid) return remember(accepted, hashToken(token), now(), maxTokens);
      const network = networkOf(address);
      const known = failures.get(network);
      const counted = known === undefined || now() - known.since >= minute ? { since: now(), count: 0 } : known;
      counted.count += 1;
      if (counted !== known) remember(failures, network, counted, maxAddresses);
      if (counted.count === limit) log.warn(`${limit} requests with wrong tokens from ${network} within a minute.`);
    },
  };
}
