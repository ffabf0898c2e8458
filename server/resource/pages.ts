import { nextTurn } from '../event-loop.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { ListOf } from '../operation-types.ts';
import { type Rejection, rejectField } from '../problem.ts';
import type { RecordPage } from '../store/store.ts';
import { isFirstPage, readCursor, toCursor } from './cursor.ts';

/** The number of records in a slice of a list: the largest ones take some 15 milliseconds. */
const sliceRecords = 50;

/** All that the pages of a list need. */
export interface PageDeps<Record, Shown, Options> {
  readonly keyRing: KeyRing;
  /** The epoch of the installation, which each restore changes. */
  readonly epoch: string;
  /** The operation that lists, to which its cursors are bound. */
  readonly operation: ListOf<Shown>;
  /** Reads a page of the records of an account. */
  list(accountId: string, options: Options): Promise<RecordPage<Record>>;
  /** Shows a record with its secrets masked. */
  show(record: Record): Shown;
}

/** Makes the pages of a list. Their cursors are valid for this list, this account and this epoch only. */
export function pages<Record, Shown, Options extends { readonly after?: number; readonly limit?: number }>(
  deps: PageDeps<Record, Shown, Options>,
) {
  const { keyRing, epoch, operation, list, show } = deps;
  const cursorOf = (accountId: string, next: number | undefined) =>
    next === undefined ? {} : { next_cursor: toCursor(keyRing, { operation, accountId, epoch }, next) };
  return {
    /** Returns the position that a page starts behind. Rejects a cursor that is not one of this list. */
    read(accountId: string, cursor: string | undefined): number | Rejection<'ValidationFailed'> {
      if (isFirstPage(cursor)) return 0;
      const position = readCursor(keyRing, { operation, accountId, epoch }, cursor);
      return position ?? rejectField('cursor', 'must be the next_cursor of an earlier page');
    },
    /** Lists records in slices, so that a long list lets other requests run in between. */
    async *slices(accountId: string, options: Options) {
      let { after, limit: left = Number.POSITIVE_INFINITY } = options;
      for (let isLast = false; !isLast; ) {
        const { records, next } = await list(accountId, { ...options, after, limit: Math.min(left, sliceRecords) });
        left -= records.length;
        after = next;
        isLast = next === undefined || left === 0;
        yield { data: records.map(show), ...(isLast && cursorOf(accountId, next)) };
        if (!isLast) await nextTurn();
      }
    },
    /** Cuts a list into slices. The last one has the cursor. */
    async *cut(accountId: string, { records: shown, next }: RecordPage<Shown>) {
      const cursor = cursorOf(accountId, next);
      for (let start = 0; start === 0 || start < shown.length; start += sliceRecords) {
        if (start > 0) await nextTurn();
        yield { data: shown.slice(start, start + sliceRecords), ...(start + sliceRecords >= shown.length && cursor) };
      }
    },
  };
}
