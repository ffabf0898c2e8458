import type { OperationId } from '../../generated/operations.ts';
import { description } from '../description.ts';
import type { Binding, KeyRing } from '../keys/key-ring.ts';

/** The list that a cursor belongs to. */
export interface List {
  readonly operation: OperationId;
  readonly accountId: string;
  /** The epoch of the installation: a restored database has another one, and other positions. */
  readonly epoch: string;
}

/** Cursors are sealed: opaque, tamper-proof and valid for their list only. */
const bindingOf = ({ operation, accountId, epoch }: List): Binding => ({
  ...{ accountId, rowId: operation, column: 'cursor' },
  version: epoch,
});

const firstPage = description.components.examples.FirstPage?.value;

/** Whether a cursor stands for the first page: there is none, or it is `start`. */
export const isFirstPage = (cursor: string | undefined): cursor is undefined =>
  cursor === undefined || cursor === firstPage;

/** Returns the cursor for a position in a list. */
export function toCursor(keyRing: KeyRing, list: List, position: number): string {
  return keyRing.seal(String(position), bindingOf(list));
}

/** Returns the position of a cursor; undefined when the cursor is not one of this list. */
export function readCursor(keyRing: KeyRing, list: List, cursor: string): number | undefined {
  try {
    return Number(keyRing.open(cursor, bindingOf(list)));
  } catch {}
  return undefined;
}
