// @databases none
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { KeyError, keyIdOf, loadKeyRing, makeKeyLine, makeVersion, SealError } from '../../server/keys/key-ring.ts';

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

describe('an envelope with a version', () => {
  /** Seals under a version. */
  function seal() {
    const ring = loadKeyRing(makeLine('k1'), now);
    const versioned = { ...binding, version: makeVersion() };
    return { ring, versioned, envelope: ring.seal('secret', versioned) };
  }

  test('opens with its version alone', () => {
    const { ring, versioned, envelope } = seal();
    expect(ring.open(envelope, versioned)).toBe('secret');
    const older = () => ring.open(envelope, { ...binding, version: makeVersion() });
    expect(older).toThrow(new SealError('changed, of another row, or an older one put back'));
  });

  test('is of another form than one without', () => {
    const { ring, versioned, envelope } = seal();
    expect([envelope.slice(0, 6), ring.seal('secret', binding).slice(0, 6)]).toEqual(['v2.k1.', 'v1.k1.']);
    const reason = new SealError('of another form than its row says');
    expect(() => ring.open(envelope, binding)).toThrow(reason);
    expect(() => ring.open(ring.seal('secret', binding), versioned)).toThrow(reason);
    expect(() => ring.open(envelope.replace('v2', 'v1'), binding)).toThrow(SealError);
  });
});

test('versions are random and short', () => {
  const versions = Array.from({ length: 1000 }, makeVersion);
  expect(new Set(versions).size).toBe(1000);
  for (const version of versions) expect(version).toMatch(/^[\w-]{16}$/);
});

describe('what an earlier version of this program has stored', () => {
  const load = () => loadKeyRing('k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=', now);

  test.each([
    ['v1.k1.q3ruLKF-nfrPO5Ch.gtRPcgHDbUntNg.kklO1YYwSFaa85a-ipczzg', {}],
    ['v2.k1.imQaCuJYism1Xo7c.dBXnQsESPI4WKw.2MYIGvBSOKjctIb_1dxAwQ', { version: 'x' }],
  ])('opens: %s', (envelope, version) => {
    expect(load().open(envelope, { ...binding, ...version })).toBe('sk_live_é');
  });

  test('is compared as before', () => {
    const fingerprint = 'k1.5iIIHpW3TUVa16SbrlDquQ55Z9AoHS2xsgBmFnGCn6U';
    expect([load().fingerprint('text'), load().matches('text', fingerprint)]).toEqual([fingerprint, true]);
  });

  test('is compared with a key of its own', () => {
    const ring = load();
    ring.seal('secret', binding);
    expect(ring.fingerprint('text')).toBe('k1.5iIIHpW3TUVa16SbrlDquQ55Z9AoHS2xsgBmFnGCn6U');
  });
});

describe('a fingerprint', () => {
  const old = makeLine('old');
  const load = () => loadKeyRing(`${makeLine('new')},${old}`, now);

  test('matches its text alone', () => {
    const ring = load();
    const fingerprint = ring.fingerprint('text');
    expect(fingerprint).toMatch(/^new\.[\w-]{43}$/);
    expect(fingerprint).toBe(ring.fingerprint('text'));
    expect(['text', 'Text', ''].map((text) => ring.matches(text, fingerprint))).toEqual([true, false, false]);
  });

  test('of a retired key still matches', () => {
    const fingerprint = loadKeyRing(old, now).fingerprint('text');
    expect(['text', 'other'].map((text) => load().matches(text, fingerprint))).toEqual([true, false]);
  });

  test('of a key that is not configured says nothing', () => {
    const fingerprint = loadKeyRing(makeLine('gone'), now).fingerprint('text');
    expect(['', 'text', fingerprint].map((one) => load().matches('text', one))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each(['new', 'new.', 'new.AAAA'])('that is cut off to %s matches nothing', (fingerprint) => {
    const ring = load();
    expect([ring.matches('text', fingerprint), ring.matches('', fingerprint)]).toEqual([false, false]);
  });
});

test('the key id is read from envelopes and fingerprints alone', () => {
  const ring = loadKeyRing(makeLine('k-1_A'), now);
  const [sealed, versioned] = ['', 'x'].map((version) => ring.seal('secret', { ...binding, version }));
  for (const text of [sealed, versioned, ring.seal('', binding), ring.fingerprint('text')])
    expect(keyIdOf(text ?? '')).toBe('k-1_A');
  const digest = 'a'.repeat(43);
  const longest = 'k'.repeat(32);
  expect([keyIdOf(`${longest}.${digest}`), keyIdOf(`k${longest}.${digest}`)]).toEqual([longest, undefined]);
  for (const text of ['', 'k', `k.${digest}a`, `k.${digest.slice(1)}`, `.${digest}`, `k!.${digest}`, `!k.${digest}`])
    expect(keyIdOf(text), text).toBeUndefined();
  for (const text of [`${sealed}a`, sealed?.slice(0, -1), `a${sealed}`, sealed?.replace('v1', 'v3')])
    expect(keyIdOf(text ?? ''), text).toBeUndefined();
});

test('a key line names the day', () => {
  const line = makeKeyLine(new Date('2026-03-02T23:59:59Z'));
  expect(line).toMatch(/^k20260302[0-9a-f]{4}:[A-Za-z0-9+/]{43}=$/);
  expect(loadKeyRing(line, now).currentKeyId).toBe(line.split(':')[0]);
});

test('keys that are about to seal are told from retired ones', () => {
  const keys = ['first', 'coming', 'old'].map(makeLine).join();
  const ring = loadKeyRing(keys, now, (keyId) => keyId !== 'old');
  expect(ring).toMatchObject({ currentKeyId: 'first', comingKeyIds: ['coming'], retiredKeyIds: ['old'] });
  expect(loadKeyRing(keys, now)).toMatchObject({ comingKeyIds: [], retiredKeyIds: ['coming', 'old'], loadedAt: now });
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
  expect(() => ring.open(`${envelope}A`, binding)).toThrow(SealError);
  expect(() => ring.open('', binding)).toThrow(new SealError('not an envelope'));
  expect(() => ring.open('', binding)).toThrow(expect.objectContaining({ name: 'SealError' }));
});

test('another spelling of the same bytes does not open', () => {
  const ring = loadKeyRing(makeLine('k1'), now);
  // 16 bytes end in a character of which 4 bits are unused, 7 bytes in one with 2.
  const envelope = ring.seal('7 bytes', binding);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const [form, keyId, iv, ...parts] = envelope.split('.');
  for (const [index, part] of parts.entries()) {
    const spelling = `${part.slice(0, -1)}${alphabet[alphabet.indexOf(part.at(-1) ?? '') + 1]}`;
    expect(Buffer.from(spelling, 'base64url')).toEqual(Buffer.from(part, 'base64url'));
    const tampered = [form, keyId, iv, ...parts.with(index, spelling)].join('.');
    expect(() => ring.open(tampered, binding)).toThrow(new SealError('not an envelope'));
  }
});

test('a retired key opens and the first key seals', () => {
  const [old, fresh] = [makeLine('old'), makeLine('new')];
  const envelope = loadKeyRing(old, now).seal('secret', binding);
  const ring = loadKeyRing(`# rotated today\n  ${fresh} \n\n${old}\n`, now);
  expect(ring.open(envelope, binding)).toBe('secret');
  expect(ring.seal('x', binding)).toMatch(/^v1\.new\./);
  expect(ring).toMatchObject({ currentKeyId: 'new', retiredKeyIds: ['old'] });
});

test('another key with the same id opens nothing', () => {
  const envelope = loadKeyRing(makeLine('k1'), now).seal('secret', binding);
  const reason = new SealError('changed, of another row, or an older one put back');
  expect(() => loadKeyRing(makeLine('k1'), now).open(envelope, binding)).toThrow(reason);
  expect(() => loadKeyRing(makeLine('k2'), now).open(envelope, binding)).toThrow(/not configured/);
});

describe('invalid keys are rejected without showing them', () => {
  const short = `k1:${randomBytes(31).toString('base64')}`;
  test.each([
    ['', 'there is no secret key'],
    ['# only a comment', 'there is no secret key'],
    ['k1', 'secret key 1 is not kid:base64key'],
    [short, 'secret key 1 is not kid:base64key'],
    [`k1:${randomBytes(33).toString('base64')}`, 'secret key 1 is not kid:base64key with a key of 32 bytes'],
    [`a ${makeLine('k1')}`, 'secret key 1 is not kid:base64key'],
    [`${makeLine('k1')}a`, 'secret key 1 is not kid:base64key'],
    [makeLine('k'.repeat(33)), 'secret key 1 is not kid:base64key'],
    [makeLine(''), 'secret key 1 is not kid:base64key'],
    [`# old\n${makeLine('k1')},${short}`, 'secret key 2 is not kid:base64key'],
    [`${makeLine('k1')},${makeLine('k1')}`, 'secret key 2 has the id of an earlier one'],
  ])('case %#', (text, message) => {
    const load = () => loadKeyRing(text, now);
    expect(load).toThrow(KeyError);
    expect(load).toThrow(expect.objectContaining({ name: 'KeyError' }));
    expect(load).toThrow(message);
    expect(load).toThrow(/^(?!.*undefined)/);
    for (const key of text.split(/[,:]/).filter((part) => part.length > 20)) expect(load).not.toThrow(key);
  });
});
