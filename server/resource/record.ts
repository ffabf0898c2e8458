/** Parts of the handlers of every resource: new records, audit entries and writes that did not happen. */
import { randomUUID } from 'node:crypto';
import type { OperationId } from '../../generated/operations.ts';
import type { Caller } from '../operation-types.ts';
import { type Rejection, reject } from '../problem.ts';
import type { AuditEntry, OwnedRecord, Unwritten } from '../store/store.ts';

/** No cache stores a response with a record in it. */
export const noStore = { 'Cache-Control': 'no-store' };

/** Formats a date as `2024-02-20T02:10:52Z`: whole seconds, as published. */
export const toTimestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** Returns the columns that every new record has. */
export function newRecord(account_id: string, now: Date): OwnedRecord {
  const created_at = toTimestamp(now);
  return { id: randomUUID(), account_id, created_at, updated_at: created_at, version: 1 };
}

/** Makes the function that returns the audit entry of a request. It names the fields, and holds no values. */
export const auditing =
  (now: () => Date) =>
  (
    { caller, requestId }: { readonly caller: Caller; readonly requestId: string },
    operation: OperationId,
    fields: readonly string[],
    concerned: Pick<AuditEntry, 'appId' | 'subjects'> = {},
  ): AuditEntry => {
    const { accountId, tokenId } = caller;
    return { at: now().toISOString(), accountId, tokenId, requestId, operation, ...concerned, fields };
  };

/** Rejects a write to a record that is not there, or that is at none of the versions of `If-Match`. */
export const rejectUnwritten = (reason: Unwritten): Rejection<'NotFound' | 'PreconditionFailed'> =>
  reject(reason === 'missing' ? 'NotFound' : 'PreconditionFailed');
