import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeyError, loadKeyRing, makeKeyLine, SealError } from '../../server/keys/key-ring.ts';

const line = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
const place = { accountId: 'acme', rowId: '1', column: 'client_secret' };
const now = new Date();

test('a sealed secret opens in its place', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  for (const secret of ['x', 'é😀', 'x'.repeat(4096)]) expect(ring.open(ring.seal(secret, place), place)).toBe(secret);
});

test('the same secret is never sealed to the same bytes', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  const envelopes = Array.from({ length: 1000 }, () => ring.seal('same', place));
  expect(new Set(envelopes).size).toBe(1000);
});

test('an envelope opens in no other place', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  const envelope = ring.seal('secret', place);
  for (const change of [{ accountId: 'other' }, { rowId: '2' }, { column: 'name' }]) {
    expect(() => ring.open(envelope, { ...place, ...change })).toThrow(SealError);
  }
});

test('every changed character of an envelope is refused', () => {
  const ring = loadKeyRing(line('k1'), now);
  const envelope = ring.seal('secret', place);
  for (const index of envelope.split('').keys()) {
    const changed = envelope[index] === 'A' ? 'B' : 'A';
    const tampered = envelope.slice(0, index) + changed + envelope.slice(index + 1);
    expect(() => ring.open(tampered, place), tampered).toThrow(SealError);
    expect(() => ring.open(envelope.slice(0, index), place)).toThrow(SealError);
  }
});

test('a retired key opens and the first key seals', () => {
  const [old, fresh] = [line('old'), line('new')];
  const envelope = loadKeyRing(old, now).seal('secret', place);
  const ring = loadKeyRing(`# rotated today\n${fresh}\n${old}\n`, now);
  expect(ring.open(envelope, place)).toBe('secret');
  expect(ring.seal('x', place)).toMatch(/^v1\.new\./);
  expect(ring).toMatchObject({ currentKeyId: 'new', retiredKeyIds: ['old'] });
});

test('another key of the same id opens nothing', () => {
  const envelope = loadKeyRing(line('k1'), now).seal('secret', place);
  expect(() => loadKeyRing(line('k1'), now).open(envelope, place)).toThrow(SealError);
  expect(() => loadKeyRing(line('k2'), now).open(envelope, place)).toThrow(/not configured/);
});

describe('keys that cannot be used are refused without being shown', () => {
  const short = `k1:${randomBytes(31).toString('base64')}`;
  test.each([
    ['', 'there is no secret key'],
    ['# only a comment', 'there is no secret key'],
    ['k1', 'secret key 1 is not kid:base64key'],
    [short, 'secret key 1 is not kid:base64key'],
    [`${line('k1')},${short}`, 'secret key 2 is not kid:base64key'],
    [`${line('k1')},${line('k1')}`, 'secret key 2 has the id of an earlier one'],
  ])('case %#', (text, message) => {
    const load = () => loadKeyRing(text, now);
    expect(load).toThrow(KeyError);
    expect(load).toThrow(message);
    for (const key of text.split(/[,:]/).filter((part) => part.length > 20)) expect(load).not.toThrow(key);
  });
});
