import { expect, test } from 'vitest';
import { type CallEvent, createOAuthAppsClient, type Patience } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';

const valid = example('CreateOAuthApp');
const busy = (retryAfter?: string) => () =>
  new Response(null, { status: 503, headers: retryAfter === undefined ? {} : { 'Retry-After': retryAfter } });

/** What the client says after the first try of a call, which then ends. */
async function firstEvent(answer: () => Response, patience: Partial<Patience> = {}): Promise<CallEvent> {
  const ending = new AbortController();
  const events: CallEvent[] = [];
  const onEvent = (event: CallEvent) => {
    events.push(event);
    ending.abort(new Error('seen'));
  };
  const fetch = async () => answer();
  const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't', fetch, patience, onEvent });
  await client.listOAuthApps({}, { signal: ending.signal }).catch(() => undefined);
  return events[0] as CallEvent;
}

test('the first pause is any time up to half a second', async () => {
  const events = await Promise.all(Array.from({ length: 1_000 }, () => firstEvent(busy())));
  const pauses = events.map(({ retryInMilliseconds = Number.NaN }) => retryInMilliseconds).sort((a, b) => a - b);
  const [least = 0, most = 0] = [pauses[0], pauses.at(-1)];
  console.log(`1000 first pauses from ${Math.round(least)} to ${Math.round(most)} ms`);
  expect(least).toBeLessThan(50);
  expect(most).toBeGreaterThan(450);
  expect(most).toBeLessThanOrEqual(500);
});

const atMost = (most: number) => expect.toSatisfy((pause: number) => pause <= most);

test.each([
  ['7', 7_000],
  ['60', 60_000],
  ['61', undefined],
  ['nonsense', atMost(500)],
])('Retry-After: %s is honoured', async (text, pause) => {
  expect((await firstEvent(busy(text), { perCall: 120_000 })).retryInMilliseconds).toEqual(pause);
});

test('Retry-After as a date is honoured', async () => {
  const date = new Date(Date.now() + 20_000).toUTCString();
  expect((await firstEvent(busy(date))).retryInMilliseconds).toBeGreaterThan(15_000);
});

test('a pause past the limit of the call is not begun', async () => {
  expect((await firstEvent(busy('31'))).retryInMilliseconds).toBeUndefined();
});

test('a key is the same in every try and another one in every call', async () => {
  const keys: (string | null)[] = [];
  const fetch = async ({ headers }: Request) => {
    keys.push(headers.get('Idempotency-Key'));
    return busy()();
  };
  const patience = { pause: 1 };
  const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't', fetch, patience });
  for (const _ of [1, 2]) await client.createOAuthApp(valid).catch(() => undefined);
  await client.createOAuthApp(valid, { headers: { 'Idempotency-Key': 'mine' } }).catch(() => undefined);
  const [first, second] = [keys[0], keys[3]];
  expect(keys).toEqual([first, first, first, second, second, second, 'mine', 'mine', 'mine']);
  expect(first).toMatch(/^[\da-f-]{31,47}$/);
  expect(first).not.toBe(second);
});

test('an event has no value of the call in it', async () => {
  const events: CallEvent[] = [];
  const onEvent = (event: CallEvent) => events.push(event);
  const fetch = async () => Response.json(example('OAuthApp'));
  const options = { baseUrl: 'https://api.example.com', token: 'canary', fetch, onEvent };
  await createOAuthAppsClient(options).updateOAuthApp('canary', { client_secret: 'canary', name: 'canary' });
  await createOAuthAppsClient(options).listOAuthApps({ metadata: { canary: 'canary' } });
  expect(events).toHaveLength(2);
  expect(JSON.stringify(events)).not.toContain('canary');
});

test('a hook that throws changes nothing', async () => {
  const onEvent = () => {
    throw new Error('the log is full');
  };
  const fetch = async () => Response.json(example('OAuthApp'));
  const client = createOAuthAppsClient({ baseUrl: 'https://api.example.com', token: 't', fetch, onEvent });
  expect(await client.getOAuthApp('x')).toEqual(example('OAuthApp'));
});
