import { description } from '../description.ts';
import type { Binding, KeyRing } from '../keys/key-ring.ts';

/** Cursors are sealed: opaque, tamper-proof and valid for their account only. */
const bindingOf = (accountId: string, epoch: string): Binding => ({
  ...{ accountId, rowId: 'list', column: 'cursor' },
  version: epoch,
});

const firstPage = description.components.examples.FirstPage?.value;

/** Whether a cursor stands for the first page: there is none, or it is `start`. */
export const isFirstPage = (cursor: string | undefined): cursor is undefined =>
  cursor === undefined || cursor === firstPage;

/**
 * Returns the cursor for a position in the list of an account.
 * @param epoch The epoch of the installation: a restored database has another one, and other positions.
 */
export function toCursor(keyRing: KeyRing, accountId: string, epoch: string, position: number): string {
  return keyRing.seal(String(position), bindingOf(accountId, epoch));
}

/** Returns the position of a cursor; undefined when the cursor is not one of this account. */
export function readCursor(keyRing: KeyRing, accountId: string, epoch: string, cursor: string): number | undefined {
  try {
    return Number(keyRing.open(cursor, bindingOf(accountId, epoch)));
  } catch {
    return undefined;
  }
}
