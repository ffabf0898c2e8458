// @databases none
import { describe, expect, test, vi } from 'vitest';
import { ConnectionError, TimeoutError } from '../../client/index.ts';
import { chooseDelay, isStrong } from '../../client/retry.ts';
import { readRetryAfter } from '../../client/retry-after.ts';
import { busy, lost, refused, type SendOptions, type Step, send, useOwnTimers, wait } from './sent-attempts.ts';

useOwnTimers();

const ok = () => new Response('{}', { status: 200 });
const key = { 'Idempotency-Key': 'k' };
const match = (etag: string) => ({ 'If-Match': etag });
const later = { 'Retry-After': '1' };

describe('a request is sent again', () => {
  test.each<[string, Step, SendOptions]>([
    ...[408, 429, 502, 503, 504].map((status): [string, Step, SendOptions] => [`after ${status}`, busy(status), {}]),
    ['as a read that was lost', lost, {}],
    ['as a HEAD that was lost', lost, { method: 'HEAD' }],
    ['as a HEAD after 503', busy(503), { method: 'HEAD' }],
    ['as a create that never arrived', refused, { method: 'POST' }],
    ['as a create with a key that was lost', lost, { method: 'POST', send: key }],
    ['as a create with a key after 502', busy(502), { method: 'POST', send: key }],
    ['as a create with a key that is in flight', busy(409, later), { method: 'POST', send: key }],
    ['as an update with an entity tag that was lost', lost, { method: 'PATCH', send: match('"v1"') }],
    ['as a delete with an entity tag after 504', busy(504), { method: 'DELETE', send: match('"v1"') }],
    ['as an update after 429 with a delay', busy(429, later), { method: 'PATCH' }],
    ['as a delete after 503 with a delay', busy(503, later), { method: 'DELETE' }],
    ['as a method that is listed', busy(503), { retry: { methods: ['get', 'delete'] } }],
  ])('%s', async (_name, step, options) => {
    const { result, attempts } = await send([step, ok()], options);
    expect([attempts, result]).toEqual([2, expect.objectContaining({ status: 200 })]);
  });
});

describe('a request is sent once', () => {
  test.each<[string, Step, SendOptions]>([
    ...[200, 201, 304, 400, 401, 404, 412, 422, 500, 501, 505].map((status): [string, Step, SendOptions] => [
      `after ${status}`,
      busy(status),
      {},
    ]),
    ['as a read after 409 with a delay', busy(409, later), {}],
    ['as a create that was lost', lost, { method: 'POST' }],
    ['as a create after 503 with a delay', busy(503, later), { method: 'POST' }],
    ['as a create with a key that is unknown there', lost, { method: 'POST', send: key, idempotencyKeys: false }],
    ['as a create with a key after 409 without a delay', busy(409), { method: 'POST', send: key }],
    ['as a create with a key after 500 with a delay', busy(500, later), { method: 'POST', send: key }],
    ['as an update that was lost', lost, { method: 'PATCH' }],
    ['as an update after 503 without a delay', busy(503), { method: 'PATCH' }],
    ['as an update after 502 with a delay', busy(502, later), { method: 'PATCH' }],
    ['as an update after 409 with a delay', busy(409, later), { method: 'PATCH', send: match('"v1"') }],
    ['as an update with a weak entity tag that was lost', lost, { method: 'PATCH', send: match('W/"v1"') }],
    ['as an update of any version that was lost', lost, { method: 'PATCH', send: match('*') }],
    ['as a delete of two versions that was lost', lost, { method: 'DELETE', send: match('"v1", "v2"') }],
    ['as a method that is not listed', refused, { retry: { methods: ['delete'] } }],
    ['without retries', busy(503), { retry: { limit: 0 } }],
  ])('%s', async (_name, step, options) => {
    const { attempts, events } = await send([step, ok()], options);
    expect(attempts).toBe(1);
    expect(events[0]).not.toHaveProperty('retryDelayMs');
  });
});

describe('a request has not arrived when', () => {
  test.each<[string, object]>([
    ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'ConnectionRefused'].map(
      (code): [string, object] => [`the code is ${code}`, { code }],
    ),
    ['the connection was not made', { syscall: 'connect' }],
    ['a cause of the cause says so', { cause: { cause: { code: 'ENOTFOUND' } } }],
  ])('%s', async (_name, facts) => {
    const { result } = await send([Object.assign(new Error('x'), facts)], { method: 'POST' });
    expect(result).toMatchObject({ mayHaveArrived: false, attempts: 3 });
  });

  test.each<[string, object]>([
    ['the code is another', { code: 'ECONNRESET' }],
    ['the code only holds one', { code: 'XECONNREFUSED' }],
    ['the code only begins with one', { code: 'ECONNREFUSED2' }],
    ['a read has failed', { syscall: 'read' }],
    ['the cause is null', { cause: null }],
  ])('but may have when %s', async (_name, facts) => {
    const { result } = await send([Object.assign(new Error('x'), facts)], { method: 'POST' });
    expect(result).toMatchObject({ name: 'ConnectionError', mayHaveArrived: true, attempts: 1 });
  });
});

describe('the outcome after several attempts', () => {
  test('is the last response', async () => {
    const { result, attempts } = await send([busy(503), lost, busy(502)]);
    expect([attempts, result]).toEqual([3, expect.objectContaining({ status: 502 })]);
  });

  test('may have arrived when an earlier attempt may', async () => {
    const { result } = await send([lost, refused]);
    expect(result).toBeInstanceOf(ConnectionError);
    expect(result).toMatchObject({ mayHaveArrived: true, attempts: 3, cause: refused });
    expect(result).not.toBeInstanceOf(TimeoutError);
  });

  test.each([404, 412])('is unclear after a lost update and %d', async (status) => {
    const { result } = await send([lost, busy(status)], { method: 'PATCH', send: match('"v1"') });
    expect(result).toBeInstanceOf(ConnectionError);
    const message = `${status} after a lost response: the request may have arrived`;
    expect(result).toMatchObject({ attempts: 2, mayHaveArrived: true, message });
  });

  test.each<[string, Step[], SendOptions, number]>([
    ['409', [lost, busy(409)], { method: 'PATCH', send: match('"v1"') }, 409],
    ['412 at once', [busy(412)], { method: 'PATCH', send: match('"v1"') }, 412],
    ['412 where nothing arrived', [refused, busy(412)], { method: 'PATCH', send: match('"v1"') }, 412],
    ['404 without a condition', [lost, busy(404)], {}, 404],
  ])('is clear after %s', async (_name, steps, options, status) => {
    expect((await send(steps, options)).result).toMatchObject({ status });
  });
});

describe('a delay', () => {
  const retry = { limit: 9, methods: undefined, backoffBase: 500, backoffLimit: 8_000 };

  test('doubles up to its limit', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect([1, 2, 3, 5, 6].map((attempt) => chooseDelay(attempt, undefined, retry))).toEqual([
      250, 500, 1_000, 4_000, 4_000,
    ]);
    expect(chooseDelay(9_999, undefined, { ...retry, backoffLimit: 2 ** 60 })).toBe(0.5 * 500 * 2 ** 31);
  });

  test('is at least Retry-After', () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect([chooseDelay(1, 7_000, retry), chooseDelay(1, 100, retry)]).toEqual([7_000, 250]);
  });

  test.each([
    ['7', 7_000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:00:20 GMT', 20_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['', undefined],
    ['soon', undefined],
    ['7s', undefined],
    ['s7', undefined],
  ])('Retry-After: %s is %s ms', (text, milliseconds) => {
    expect(readRetryAfter(busy(503, { 'Retry-After': text }))).toBe(milliseconds);
  });

  test('Retry-After is absent without a response or header', () => {
    expect([readRetryAfter(undefined), readRetryAfter(busy(503))]).toEqual([undefined, undefined]);
  });

  test('ends before the total timeout', async () => {
    const slow = (seconds: number) => async () => {
      await wait(20_000);
      return busy(503, { 'Retry-After': String(seconds) });
    };
    const options = { timeout: 25_000, totalTimeout: 30_000 };
    expect((await send([slow(9), ok()], options)).events[0]).toMatchObject({ retryDelayMs: 9_000, durationMs: 20_000 });
    for (const seconds of [10, 15]) {
      const { result, attempts } = await send([slow(seconds), ok()], options);
      expect([attempts, result]).toEqual([1, expect.objectContaining({ status: 503 })]);
    }
  });

  test.each([
    [60, 2],
    [61, 1],
  ])('of %d s is waited for at most: %d attempts', async (seconds, expected) => {
    const steps = [busy(503, { 'Retry-After': String(seconds) }), ok()];
    expect((await send(steps, { totalTimeout: 120_000 })).attempts).toBe(expected);
  });
});

describe('events', () => {
  test('tell of every attempt', async () => {
    const slow = async () => {
      await wait(5);
      return busy(503, { 'Retry-After': '2', 'X-Request-Id': 'r' });
    };
    const { events } = await send([slow, lost, ok()]);
    const shared = { method: 'GET', path: '/{id}' };
    expect(events).toEqual([
      { ...shared, attempt: 1, status: 503, requestId: 'r', durationMs: 5, retryDelayMs: 2_000 },
      { ...shared, attempt: 2, status: undefined, requestId: undefined, durationMs: 0, retryDelayMs: 0 },
      { ...shared, attempt: 3, status: 200, requestId: undefined, durationMs: 0 },
    ]);
  });

  test('that fail do not fail the request', async () => {
    const onEvent = async () => {
      throw new Error('the log is full');
    };
    expect((await send([ok()], { onEvent })).result).toMatchObject({ status: 200 });
    expect((await send([ok()], { onEvent: undefined })).result).toMatchObject({ status: 200 });
  });
});

describe('a response', () => {
  test('has status, text, headers and body', async () => {
    const response = new Response('body', { status: 201, statusText: 'Made', headers: { 'X-A': 'a' } });
    const { result } = await send([response]);
    expect(result).toMatchObject({ status: 201, statusText: 'Made' });
    expect((result as Response).headers.get('x-a')).toBe('a');
    expect(await (result as Response).text()).toBe('body');
  });

  test('without a body stays so', async () => {
    const { result } = await send([async () => new Response(null, { status: 204 })]);
    expect(result).toMatchObject({ status: 204, body: null });
  });

  test('that a browser hides is passed on', async () => {
    const opaque = Object.defineProperty(Response.error(), 'type', { value: 'opaqueredirect' });
    expect((await send([async () => opaque])).result).toBe(opaque);
  });
});

test('only one strong entity tag is strong', () => {
  const strong = ['"v1"', '""', 'W/"v1"', '"v1", "v2"', 'v1', '"v1"x', '', null, undefined].filter(isStrong);
  expect(strong).toEqual(['"v1"', '""']);
});
