/** Sends one request, with timers that the tests advance. */
import { afterEach, beforeEach, expect, vi } from 'vitest';
import type { RequestEvent } from '../../client/index.ts';
import { applyOptions, readSettings } from '../../client/options.ts';
import { sendWithRetries } from '../../client/retry.ts';
import type { RequestSettings } from '../../generated/requests.ts';

/** Declares that the tests of a file have timers of their own, and leave none behind. */
export function useOwnTimers(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2025, 11, 31, 23) });
    // The clock of a process that has run for an hour.
    vi.advanceTimersByTime(3_600_000);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
}

export const lost = new TypeError('terminated');
export const refused = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } });
export const busy = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });
export const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export type Step = Response | Error | (() => Promise<Response>);
export interface SendOptions extends RequestSettings {
  readonly method?: string;
  readonly send?: Record<string, string>;
  readonly body?: string;
  readonly idempotencyKeys?: boolean;
  readonly signal?: AbortSignal;
}

/** Sends a request to a server that takes these steps, the last one again and again. */
export async function send(
  steps: Step[],
  { method = 'GET', send, body, idempotencyKeys = true, signal, ...own }: SendOptions = {},
) {
  const events: RequestEvent[] = [];
  const requests: Request[] = [];
  const fetch = async (request: Request) => {
    const step = steps[Math.min(requests.push(request), steps.length) - 1];
    // A client that never stops would not let the test fail.
    if (requests.length > 20) return new Promise<Response>(() => {});
    if (step instanceof Error) throw step;
    return typeof step === 'function' ? step() : (step?.clone() as Response);
  };
  const base = readSettings({ baseUrl: 'https://example.com', token: 't', retry: { backoffBase: 0 }, fetch });
  const settings = applyOptions({ onEvent: (event) => events.push(event), ...own }, base);
  const request = new Request('https://example.com/a', { method, headers: send, body });
  const sending = { request, settings, signal, path: '/{id}', idempotencyKeys };
  const start = Date.now();
  let [end, timers] = [start, 0];
  const result = sendWithRetries(sending)
    .catch((error: Error) => error)
    .finally(() => {
      end = Date.now();
      timers = vi.getTimerCount();
    });
  await vi.advanceTimersByTimeAsync(130_000);
  const ended = await Promise.race([result, vi.advanceTimersByTimeAsync(0).then(() => 'no end')]);
  return { result: ended, attempts: requests.length, events, requests, milliseconds: end - start, timers };
}
