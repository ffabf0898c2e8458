import { setTimeout } from 'node:timers/promises';
import type { Exchange, ReceivedResponse } from './exchange.ts';
import { RateLimited } from './run-errors.ts';

/** Retries after 429, as often and as late as a server asks for, within bounds. */

/** Seconds that a request waits at most, all its retries together. */
const maxWaitSeconds = 90;
const maxRetries = 5;

/** How a request is retried. */
export interface RetryOptions {
  /** Called with every 429 response that is followed by a retry. */
  readonly onRateLimited?: (exchange: Exchange) => void;
  /** Signal that ends the waiting before a retry. */
  readonly signal?: AbortSignal;
}

/** Returns the seconds that the Retry-After of a response asks for, or else twice as many with each retry. */
function retryAfterOf({ headers }: ReceivedResponse, retries: number): number {
  const value = headers.get('retry-after') ?? '';
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1_000;
  return Number.isFinite(seconds) ? Math.max(seconds, 0) : 2 ** retries;
}

/**
 * Sends a request until its response is not 429. An aborted run takes the last response.
 *
 * @throws {RateLimited} where each of six attempts got 429, or the server asks to wait for more than 90 seconds
 */
export async function sendWithRetries(send: () => Promise<Exchange>, { onRateLimited, signal }: RetryOptions = {}) {
  let waited = 0;
  for (let retries = 0; ; retries += 1) {
    const exchange = await send();
    if (exchange.response.status !== 429 || signal?.aborted) return exchange;
    const seconds = retryAfterOf(exchange.response, retries);
    waited += seconds;
    if (retries === maxRetries) throw new RateLimited(exchange.request, `got 429 in each of ${retries + 1} attempts`);
    if (waited > maxWaitSeconds) throw new RateLimited(exchange.request, `got 429, to wait for ${seconds} s`);
    onRateLimited?.(exchange);
    await setTimeout(seconds * 1_000, undefined, { signal }).catch(() => {});
  }
}
