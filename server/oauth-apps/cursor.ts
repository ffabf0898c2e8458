import type { KeyRing, Place } from '../keys/key-ring.ts';

/** Cursors are sealed: they show nothing, cannot be made up, and are good for their account only. */
const placeOf = (accountId: string): Place => ({ accountId, rowId: 'list', column: 'cursor' });

/** The cursor for a place in the list of an account. */
export function toCursor(keyRing: KeyRing, accountId: string, position: number): string {
  return keyRing.seal(String(position), placeOf(accountId));
}

/** The place that a cursor stands for; undefined when it is none of this account's. */
export function readCursor(keyRing: KeyRing, accountId: string, cursor: string): number | undefined {
  try {
    return Number(keyRing.open(cursor, placeOf(accountId)));
  } catch {
    return undefined;
  }
}
