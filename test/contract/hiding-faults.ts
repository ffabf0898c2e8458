import type { ServerFault } from './server-fault.ts';

/** Seeded faults that make others unobservable: a client of both sees the first one alone. */

const metadataFilters = [
  'metadata types are ignored',
  'nested metadata matches partially',
  'null matches a missing property',
  'one of two properties is enough',
  'the metadata filter is ignored',
];

/** Faults behind which others cannot be seen, and why. */
const hidingFaults: Readonly<Record<string, RegExp>> = {
  // No case may change anything.
  'the same body creates one app': /./,
  // Pages and lists of other accounts lack apps.
  'the newest app is not listed': /./,
  // Without a second page there is no cursor.
  'limit is ignored': /^the last page|^pages (repeat|skip)|row number|^altered cursors/,
  // A page has as many apps as were asked for, and a number has no characters that another one could share.
  'the cursor is a row number': /^limit is ignored|^altered cursors/,
  // A get that finds every id finds those of deleted apps.
  'get finds an unknown id': /^deleted apps/,
  // The token of another account is taken for the one of this account.
  'any token is accepted': /^a token with a suffix is accepted|^another account|of another account|shared by accounts/,
  // A key that has no effect is not validated either.
  'the key is ignored': /^keys with spaces are accepted|^a repeated request creates a second app/,
  // Updates are not judged after a server error.
  'update fails': /^update |^a rejected update|^another account can update/,
  // The name is part of that ETag, and each update changes it.
  'update resets the name': /^the ETag ignores metadata/,
  // Apps of others are not of the filter.
  'another account sees the list': /filter is ignored$/,
  // It is ignored in every body.
  'client_id becomes the id': /^client_id in an update is ignored/,
  // Nothing is deleted, for no account.
  'delete does nothing':
    /^another account can delete|^delete deletes every app|^a second delete|^deleted apps are listed/,
  // The connection ends before the other status.
  'malformed JSON closes the connection': /^malformed JSON is 422/,
  // The outer one of two changed filters lists without the inner one.
  ...Object.fromEntries(
    metadataFilters.map((name) => [name, new RegExp([...metadataFilters, 'combined filters'].join('|'))]),
  ),
  // The ETag that If-Match would be compared with is not shown.
  'ETag is weak': /^weak ETags match If-Match|^the ETag never changes/,
  // Any two responses show different ones.
  'every read has another ETag': /^update has the ETag of before/,
  // It is a strong one.
  'the ETag never changes': /^ETag is weak/,
};

/** Faults of the shape of a response, of the body as it was sent, and of entity tags as they are shown. */
const outermostFaults = [
  'list is a bare array',
  'get wraps the app',
  'empty updates are rejected',
  'HEAD has another ETag',
  'weak ETags match If-Match',
];

/** Returns whether a fault comes before others at requests, and after them at responses. */
export const isOutermost = (name: string) => outermostFaults.includes(name);

/** Returns whether a client cannot see a fault because of another one. */
export const isHiddenBy = (name: string, others: readonly ServerFault[]) =>
  others.some((other) => other.name !== name && hidingFaults[other.name]?.test(name));
