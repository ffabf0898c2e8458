// @databases none
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeyError, loadKeyRing, makeKeyLine, SealError } from '../../server/keys/key-ring.ts';

const makeLine = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
const binding = { accountId: 'acme', rowId: '1', column: 'client_secret' };
const now = new Date();

test('a sealed secret opens with its binding', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  for (const secret of ['x', 'é😀', 'x'.repeat(4096)])
    expect(ring.open(ring.seal(secret, binding), binding)).toBe(secret);
});

test('a secret is never sealed to the same bytes', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  const envelopes = Array.from({ length: 1000 }, () => ring.seal('same', binding));
  expect(new Set(envelopes).size).toBe(1000);
});

test('an envelope does not open with another binding', () => {
  const ring = loadKeyRing(makeKeyLine(now), now);
  const envelope = ring.seal('secret', binding);
  for (const change of [{ accountId: 'other' }, { rowId: '2' }, { column: 'name' }]) {
    expect(() => ring.open(envelope, { ...binding, ...change })).toThrow(SealError);
  }
});

test('an envelope with a changed character does not open', () => {
  const ring = loadKeyRing(makeLine('k1'), now);
  const envelope = ring.seal('secret', binding);
  for (const index of envelope.split('').keys()) {
    const changed = envelope[index] === 'A' ? 'B' : 'A';
    const tampered = envelope.slice(0, index) + changed + envelope.slice(index + 1);
    expect(() => ring.open(tampered, binding), tampered).toThrow(SealError);
    expect(() => ring.open(envelope.slice(0, index), binding)).toThrow(SealError);
  }
});

test('a retired key opens and the first key seals', () => {
  const [old, fresh] = [makeLine('old'), makeLine('new')];
  const envelope = loadKeyRing(old, now).seal('secret', binding);
  const ring = loadKeyRing(`# rotated today\n${fresh}\n${old}\n`, now);
  expect(ring.open(envelope, binding)).toBe('secret');
  expect(ring.seal('x', binding)).toMatch(/^v1\.new\./);
  expect(ring).toMatchObject({ currentKeyId: 'new', retiredKeyIds: ['old'] });
});

test('another key with the same id opens nothing', () => {
  const envelope = loadKeyRing(makeLine('k1'), now).seal('secret', binding);
  expect(() => loadKeyRing(makeLine('k1'), now).open(envelope, binding)).toThrow(SealError);
  expect(() => loadKeyRing(makeLine('k2'), now).open(envelope, binding)).toThrow(/not configured/);
});

describe('invalid keys are rejected without showing them', () => {
  const short = `k1:${randomBytes(31).toString('base64')}`;
  test.each([
    ['', 'there is no secret key'],
    ['# only a comment', 'there is no secret key'],
    ['k1', 'secret key 1 is not kid:base64key'],
    [short, 'secret key 1 is not kid:base64key'],
    [`${makeLine('k1')},${short}`, 'secret key 2 is not kid:base64key'],
    [`${makeLine('k1')},${makeLine('k1')}`, 'secret key 2 has the id of an earlier one'],
  ])('case %#', (text, message) => {
    const load = () => loadKeyRing(text, now);
    expect(load).toThrow(KeyError);
    expect(load).toThrow(message);
    for (const key of text.split(/[,:]/).filter((part) => part.length > 20)) expect(load).not.toThrow(key);
  });
});
