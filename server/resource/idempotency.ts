import { hash } from 'node:crypto';
import type { OperationId } from '../../generated/operations.ts';
import { type KeyRing, keyIdOf } from '../keys/key-ring.ts';
import type { Caller, OperationRequest } from '../operation-types.ts';
import { isRejection, type Rejection, reject, rejectField } from '../problem.ts';
import type { CreateResult, OwnedRecord, StoredResponse, StoreResponse } from '../store/store.ts';
import { canonicalJson } from './metadata.ts';
import { newRecord, toTimestamp } from './record.ts';

/** The lifetime of a stored response: 24 hours. */
const storedMilliseconds = 24 * 60 * 60 * 1_000;

/** Returns the moment before which stored responses are removed. */
export const responsesExpiredAt = (now: Date): string => toTimestamp(new Date(now.getTime() - storedMilliseconds));

/** The part of a request that a create with an `Idempotency-Key` depends on. */
interface CreateRequest<Id extends OperationId> {
  readonly caller: Caller;
  readonly body: OperationRequest<Id>['body'] & object;
  readonly headers: { readonly 'Idempotency-Key'?: string };
}

export interface IdempotencyDeps<Id extends OperationId> {
  readonly keyRing: KeyRing;
  readonly now: () => Date;
  /** The operation that creates. One key is another with another operation. */
  readonly operation: Id;
  /** Called with the id of a key that the database has and the configuration has not. */
  readonly reportKey: (keyId: string) => void;
}

/** The rejections of a create that was stored or not. */
export type CreateRejection = Rejection<'AccountFull' | 'RequestInFlight' | 'Unavailable' | 'ValidationFailed'>;

/** Makes the creates of a resource, which are idempotent with an `Idempotency-Key`. */
export function creates<Id extends OperationId>({ keyRing, now, operation, reportKey }: IdempotencyDeps<Id>) {
  const inFlight = new Set<string>();
  // Earlier versions had one operation that creates, and its keys without its name.
  const nameOf = (key: string) => (operation === 'createOAuthApp' ? key : `${operation} ${key}`);

  /**
   * Returns the record that the store keeps under a key. It holds neither the key nor the body: the body's fingerprint is
   * keyed, so that its secrets cannot be guessed. Of the response it holds what follows neither from the body nor from
   * this program, so that nothing of a record outlives its deletion, and a later version responds as it describes.
   */
  const toStored = (key: string, body: object, { id, created_at, updated_at }: OwnedRecord): StoreResponse => ({
    key: hash('sha256', nameOf(key), 'base64url'),
    fingerprint: keyRing.fingerprint(canonicalJson(body)),
    response: JSON.stringify({ id, created_at, updated_at }),
    expiredAt: responsesExpiredAt(now()),
  });

  /** Returns the columns of the record that was created first, for the same JSON value whatever its spelling. */
  const replay = (stored: StoredResponse, body: object, own: OwnedRecord): OwnedRecord | CreateRejection => {
    // The second spelling is that of earlier versions of this program.
    const texts = [canonicalJson(body), JSON.stringify(body)];
    const matches = texts.map((text) => keyRing.matches(text, stored.fingerprint));
    if (matches.includes(undefined)) {
      reportKey(keyIdOf(stored.fingerprint) ?? '');
      return reject('Unavailable', { headers: { 'Retry-After': '1' } });
    }
    if (!matches.includes(true)) return rejectField('Idempotency-Key', 'must not be used again for another body');
    const { id, created_at, updated_at } = JSON.parse(stored.response) as OwnedRecord;
    return { ...own, id, created_at, updated_at };
  };

  /**
   * Creates a record, or returns the one that the first request with the same key created, as it was then.
   * @param make Makes the record of a body from the columns that every record has.
   * @param create Hands the record to the store, with the response to store under the key.
   */
  return async <Record extends OwnedRecord>(
    { caller, body, headers }: CreateRequest<Id>,
    make: (own: OwnedRecord) => Record,
    create: (record: Record, idempotency: StoreResponse | undefined) => Promise<CreateResult>,
  ): Promise<Record | CreateRejection> => {
    const key = headers['Idempotency-Key'];
    const name = `${caller.accountId}\n${key}`;
    if (key !== undefined && inFlight.has(name)) return reject('RequestInFlight', { headers: { 'Retry-After': '1' } });
    const own = newRecord(caller.accountId, now());
    const record = make(own);
    if (key !== undefined) inFlight.add(name);
    try {
      const result = await create(record, key === undefined ? undefined : toStored(key, body, own));
      if (result === 'created') return record;
      if (result === 'full') return reject('AccountFull');
      const first = replay(result, body, own);
      return isRejection(first) ? first : make(first);
    } finally {
      if (key !== undefined) inFlight.delete(name);
    }
  };
}
