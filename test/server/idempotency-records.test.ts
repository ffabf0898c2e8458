// @databases none
import { beforeEach, describe, expect, test } from 'vitest';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { reject, rejectField } from '../../server/problem.ts';
import { creates, responsesExpiredAt } from '../../server/resource/idempotency.ts';
import type { CreateResult, OwnedRecord, StoreResponse } from '../../server/store/store.ts';
import { example } from '../helpers/examples.ts';

const now = new Date('2026-03-02T12:00:00.500Z');
const [oldKey = '', newKey = '', otherKey = ''] = ['old', 'new', 'gone'].map((keyId) =>
  makeKeyLine(now).replace(/^\w+/, keyId),
);
const body = example('CreateOAuthApp');
const reported: string[] = [];
beforeEach(() => void reported.splice(0));

type Operation = 'createOAuthApp' | 'updateOAuthApp';
/** Makes the creates of a process with these keys. */
const withKeys = (keys = `${newKey},${oldKey}`, operation: Operation = 'createOAuthApp') =>
  creates({ keyRing: loadKeyRing(keys, now), now: () => now, operation, reportKey: (id) => reported.push(id) });

/** Sends a create. Returns its result and what the store was handed. */
async function send(
  run: ReturnType<typeof withKeys>,
  { key, sent = body, accountId = 'acme' }: { key?: string; sent?: object; accountId?: string },
  stored: () => CreateResult | Promise<CreateResult> = () => 'created',
) {
  const handed: { record: OwnedRecord; response: StoreResponse | undefined }[] = [];
  const request = {
    caller: { accountId, tokenId: 't', scopes: [] },
    body: sent as typeof body,
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
  };
  const result = await run(
    request,
    (own) => ({ ...own, name: (sent as { name?: string }).name }),
    async (record, response) => {
      handed.push({ record, response });
      return stored();
    },
  );
  return { result, ...(handed[0] as (typeof handed)[0]), count: handed.length };
}

const inFlight = reject('RequestInFlight', { headers: { 'Retry-After': '1' } });

test('stored responses expire after 24 hours', () => {
  expect(responsesExpiredAt(now)).toBe('2026-03-01T12:00:00Z');
});

describe('creates at the same time', () => {
  test('run once for a key of an account', async () => {
    const run = withKeys();
    const { promise, resolve } = Promise.withResolvers<CreateResult>();
    const first = send(run, { key: 'k' }, () => promise);
    expect(await send(run, { key: 'k' })).toEqual({ count: 0, result: inFlight });
    const others = [{ key: 'other' }, { key: 'k', accountId: 'other' }, {}, {}];
    for (const other of others) expect((await send(run, other)).count).toBe(1);
    resolve('created');
    expect((await first).count).toBe(1);
  });

  test('without a key all run', async () => {
    const run = withKeys();
    const { promise, resolve } = Promise.withResolvers<CreateResult>();
    const first = send(run, {}, () => promise);
    expect((await send(run, {})).count).toBe(1);
    expect((await send(run, { key: 'undefined' })).count).toBe(1);
    resolve('created');
    await first;
  });

  test('without a key leave those with one alone', async () => {
    const run = withKeys();
    const { promise, resolve } = Promise.withResolvers<CreateResult>();
    const first = send(run, { key: 'undefined' }, () => promise);
    expect((await send(run, {})).count).toBe(1);
    expect(await send(run, { key: 'undefined' })).toEqual({ count: 0, result: inFlight });
    resolve('created');
    await first;
  });

  test('are told apart by account and key', async () => {
    const run = withKeys();
    const { promise, resolve } = Promise.withResolvers<CreateResult>();
    const first = send(run, { accountId: 'ab', key: 'c' }, () => promise);
    expect((await send(run, { accountId: 'a', key: 'bc' })).count).toBe(1);
    resolve('created');
    await first;
  });

  test('leave the key free when one has ended or failed', async () => {
    const run = withKeys();
    const fail = () => Promise.reject(new Error('no database'));
    await expect(send(run, { key: 'k' }, fail)).rejects.toThrow('no database');
    for (const _ of [1, 2]) expect((await send(run, { key: 'k' })).count).toBe(1);
  });
});

describe('a create', () => {
  test('returns the record that the store has', async () => {
    const { result, record } = await send(withKeys(), { key: 'k' });
    expect(result).toBe(record);
    expect(record).toMatchObject({ account_id: 'acme', created_at: '2026-03-02T12:00:00Z', version: 1 });
  });

  test('of a full account is rejected', async () => {
    const { result } = await send(withKeys(), { key: 'k' }, () => 'full');
    expect(result).toEqual(reject('AccountFull'));
  });

  test('without a key stores no response', async () => {
    expect((await send(withKeys(), {})).response).toBeUndefined();
  });

  test('stores neither key nor what follows from the body', async () => {
    const { response, record } = await send(withKeys(), { key: 'my-key' });
    const { id, created_at, updated_at } = record;
    expect(JSON.parse(response?.response ?? '')).toEqual({ id, created_at, updated_at });
    expect(response?.expiredAt).toBe('2026-03-01T12:00:00Z');
    expect(response?.key).toMatch(/^[\w-]{43}$/);
    expect(response?.fingerprint).toMatch(/^new\.[\w-]{43}$/);
    for (const text of ['my-key', body.client_secret, body.name]) expect(JSON.stringify(response)).not.toContain(text);
  });

  test('is found by key and operation alone', async () => {
    const keyOf = async (key: string, operation?: Operation) =>
      (await send(withKeys(undefined, operation), { key })).response?.key;
    const [one, again, other] = [await keyOf('one'), await keyOf('one'), await keyOf('other')];
    expect([again === one, other === one]).toEqual([true, false]);
    // Earlier versions stored the SHA-256 of the key alone.
    expect(await keyOf('abc')).toBe('ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0');
    const elsewhere = [await keyOf('one', 'updateOAuthApp'), await keyOf('other', 'updateOAuthApp')];
    expect(new Set([one, other, ...elsewhere]).size).toBe(4);
  });
});

describe('a repeated create', () => {
  /** Sends a create with a key, and another one to which the store responds with what is stored. */
  async function repeat(sent: object, { keys = '', run = withKeys(), fingerprint = '' } = {}) {
    const first = await send(withKeys(keys === '' ? undefined : keys), { key: 'k' });
    const stored = { response: '', fingerprint: '', ...first.response, ...(fingerprint && { fingerprint }) };
    return { first: first.record, ...(await send(run, { key: 'k', sent }, () => stored)) };
  }

  test('gets the first record with what follows from the body', async () => {
    const { first, result, record } = await repeat(body);
    expect(result).toEqual(first);
    expect(record.id).not.toBe(first.id);
  });

  test('may spell its JSON in another order', async () => {
    const reversed = Object.fromEntries(Object.entries(body).reverse());
    expect(JSON.stringify(reversed)).not.toBe(JSON.stringify(body));
    const { first, result } = await repeat(reversed);
    expect(result).toEqual(first);
  });

  test('is known by the spelling of earlier versions', async () => {
    const fingerprint = loadKeyRing(newKey, now).fingerprint(JSON.stringify(body));
    const { first, result } = await repeat(body, { fingerprint });
    expect(result).toEqual(first);
  });

  test('is known under a retired key', async () => {
    const { first, result } = await repeat(body, { keys: oldKey });
    expect(result).toEqual(first);
  });

  test.each([{ name: 'other' }, { client_secret: 'other' }, { metadata: { a: 1 } }])(
    'with %j gets no response',
    async (change) => {
      const { result } = await repeat({ ...body, ...change });
      expect(result).toEqual(rejectField('Idempotency-Key', 'must not be used again for another body'));
      expect(reported).toEqual([]);
    },
  );

  test('under a key that is not configured is told with its id', async () => {
    const unavailable = reject('Unavailable', { headers: { 'Retry-After': '1' } });
    expect((await repeat(body, { keys: otherKey })).result).toEqual(unavailable);
    expect((await repeat(body, { fingerprint: 'damaged' })).result).toEqual(unavailable);
    expect(reported).toEqual(['gone', '']);
  });
});
