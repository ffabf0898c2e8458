// @databases none
import { describe, expect, test } from 'vitest';
import { loadKeyRing, makeKeyLine } from '../../server/keys/key-ring.ts';
import { isFirstPage, type List, readCursor, toCursor } from '../../server/resource/cursor.ts';

const now = new Date();
const keyRing = loadKeyRing(makeKeyLine(now), now);
const list: List = { operation: 'listOAuthApps', accountId: 'acme', epoch: 'epoch-1' };

test('the first page has no cursor or start', () => {
  expect([undefined, 'start', '', 'Start', 'next'].map(isFirstPage)).toEqual([true, true, false, false, false]);
});

test.each([0, 1, 42, Number.MAX_SAFE_INTEGER])('a cursor keeps the position %d', (position) => {
  const cursor = toCursor(keyRing, list, position);
  expect(readCursor(keyRing, list, cursor)).toBe(position);
  expect(cursor).not.toContain(String(position + 1_000_000));
});

describe('a cursor belongs to its list alone', () => {
  test.each([{ operation: 'getOAuthApp' }, { accountId: 'other' }, { epoch: 'epoch-2' }, { epoch: '' }] as const)(
    'and not to one with %j',
    (change) => {
      const cursor = toCursor(keyRing, list, 7);
      expect(readCursor(keyRing, { ...list, ...change }, cursor)).toBeUndefined();
      const foreign = toCursor(keyRing, { ...list, ...change }, 7);
      expect(readCursor(keyRing, list, foreign)).toBeUndefined();
    },
  );
});

test('a sealed secret is no cursor', () => {
  const binding = { accountId: list.accountId, rowId: list.operation, version: list.epoch };
  const sealed = (column: string) => keyRing.seal('7', { ...binding, column });
  expect(readCursor(keyRing, list, sealed('client_secret'))).toBeUndefined();
  expect(readCursor(keyRing, list, sealed('cursor'))).toBe(7);
});

test.each(['', '7', 'start', 'v2.k.a.b.c'])('%j is the cursor of no list', (text) => {
  expect(readCursor(keyRing, list, text)).toBeUndefined();
});
