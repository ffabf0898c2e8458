// @databases none
import { expect, onTestFinished, test, vi } from 'vitest';
import { type ClientOptions, createOAuthAppsClient, type RequestEvent } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { soak } from '../helpers/soak.ts';

const base = { baseUrl: 'https://api.example.com', token: 't' };
const valid = example('CreateOAuthApp');
const busy = (retryAfter?: string) => () =>
  new Response(null, { status: 503, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });

/** Returns the event after the first attempt of a request, and aborts the request. */
async function firstEvent(respond: () => Response, options: Partial<ClientOptions> = {}): Promise<RequestEvent> {
  const controller = new AbortController();
  const events: RequestEvent[] = [];
  const onEvent = (event: RequestEvent) => {
    events.push(event);
    controller.abort(new Error('seen'));
  };
  const fetch = async () => respond();
  const client = createOAuthAppsClient({ ...base, fetch, onEvent, ...options });
  await client.listOAuthApps({}, { signal: controller.signal }).catch(() => undefined);
  return events[0] as RequestEvent;
}

test('the first delay is random up to 500 ms', async () => {
  const count = soak(200, 1_000);
  const events = await Promise.all(Array.from({ length: count }, () => firstEvent(busy())));
  const delays = events.map(({ retryDelayMs = Number.NaN }) => retryDelayMs).sort((a, b) => a - b);
  const [shortest = 0, longest = 0] = [delays[0], delays.at(-1)];
  console.log(`${count} first delays from ${Math.round(shortest)} to ${Math.round(longest)} ms`);
  expect(shortest).toBeLessThan(50);
  expect(longest).toBeGreaterThan(450);
  expect(longest).toBeLessThanOrEqual(500);
});

const atMost = (limit: number) => expect.toSatisfy((delay: number) => delay <= limit);

test.each([
  ['7', 7_000],
  ['60', 60_000],
  ['61', undefined],
  ['nonsense', atMost(500)],
])('Retry-After: %s is honoured', async (text, delay) => {
  expect((await firstEvent(busy(text), { totalTimeout: 120_000 })).retryDelayMs).toEqual(delay);
});

test('Retry-After as a date is honoured', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 1) });
  onTestFinished(() => void vi.useRealTimers());
  const date = new Date(Date.now() + 20_000).toUTCString();
  expect((await firstEvent(busy(date))).retryDelayMs).toBe(20_000);
});

test('an undefined option has its default', async () => {
  const retry = { limit: undefined, backoffBase: undefined, backoffLimit: undefined };
  const options = { timeout: undefined, totalTimeout: undefined, retry };
  expect((await firstEvent(busy(), options)).retryDelayMs).toEqual(atMost(500));
  expect((await firstEvent(busy('29'), options)).retryDelayMs).toBe(29_000);
  expect((await firstEvent(busy(), { retry: undefined })).retryDelayMs).toEqual(atMost(500));
});

test('a delay beyond the total timeout is not started', async () => {
  expect((await firstEvent(busy('31'))).retryDelayMs).toBeUndefined();
});

test('a key is the same for every attempt of one create', async () => {
  const keys: (string | null)[] = [];
  const fetch = async ({ headers }: Request) => {
    keys.push(headers.get('Idempotency-Key'));
    return busy()();
  };
  const client = createOAuthAppsClient({ ...base, fetch, retry: { backoffBase: 1 }, idempotencyKeys: true });
  for (const _ of [1, 2]) await client.createOAuthApp(valid).catch(() => undefined);
  await client.createOAuthApp(valid, { headers: { 'Idempotency-Key': 'mine' } }).catch(() => undefined);
  const [first, second] = [keys[0], keys[3]];
  expect(keys).toEqual([first, first, first, second, second, second, 'mine', 'mine', 'mine']);
  expect(first).toMatch(/^[\da-f-]{31,47}$/);
  expect(first).not.toBe(second);
});

test('an event holds no value of the request', async () => {
  const events: RequestEvent[] = [];
  const onEvent = (event: RequestEvent) => events.push(event);
  const fetch = async () => Response.json(example('OAuthApp'));
  const options = { ...base, token: 'canary', fetch, onEvent };
  await createOAuthAppsClient(options).updateOAuthApp('canary', { client_secret: 'canary', name: 'canary' });
  await createOAuthAppsClient(options).listOAuthApps({ metadata: { canary: 'canary' } });
  expect(events).toHaveLength(2);
  expect(JSON.stringify(events)).not.toContain('canary');
});

test('an error of onEvent does not fail the request', async () => {
  const onEvent = () => {
    throw new Error('the log is full');
  };
  const fetch = async () => Response.json(example('OAuthApp'));
  const client = createOAuthAppsClient({ ...base, fetch, onEvent });
  expect(await client.getOAuthApp('x')).toEqual(example('OAuthApp'));
});
