import type { IncomingMessage } from 'node:http';
import { hashToken, isMistyped, type Scope } from '../keys/tokens.ts';
import type { Caller } from '../operation-types.ts';
import { type Rejection, rejectToken } from '../problem.ts';
import type { Store } from '../store/store.ts';
import { listSentValues } from './raw-headers.ts';

/** A bearer token (RFC 6750, section 2.1). The name of the scheme is case-insensitive. */
const credentials = /^bearer +([\w.~+/-]+=*)$/i;

/** Any use of the bearer scheme, malformed ones included. */
const bearerScheme = /^bearer(?:\s|$)/i;

async function findCaller(store: Store, token: string): Promise<Caller | undefined> {
  if (isMistyped(token)) return undefined;
  // The store looks tokens up by their hash, so the time that this takes says nothing about a token.
  const record = await store.findToken(hashToken(token));
  if (record === undefined || record.revokedAt !== undefined) return undefined;
  return { accountId: record.accountId, tokenId: record.id, scopes: record.scopes as readonly Scope[] };
}

/**
 * Returns the caller that a request's bearer token belongs to. Rejects a request without exactly one valid token.
 * @throws StoreUnavailable
 */
export async function authenticate(store: Store, req: IncomingMessage): Promise<Caller | Rejection<'Unauthorized'>> {
  const sent = listSentValues(req, 'authorization');
  const [, token] = (sent.length === 1 && credentials.exec(sent[0] ?? '')) || [];
  const caller = token === undefined ? undefined : await findCaller(store, token);
  return caller ?? rejectToken(sent.some((value) => bearerScheme.test(value)));
}
