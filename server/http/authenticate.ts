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

async function findCaller(store: Store, token: string, appId?: string): Promise<Caller | undefined> {
  if (isMistyped(token)) return undefined;
  // The store looks tokens up by their hash, so the time that this takes says nothing about a token.
  const record = await store.findToken(hashToken(token), appId);
  if (record === undefined || record.revokedAt !== undefined) return undefined;
  const { accountId, id: tokenId, scopes, app } = record;
  return { accountId, tokenId, scopes: scopes as readonly Scope[], app };
}

/**
 * Returns the caller that a request's bearer token belongs to. Rejects a request without exactly one valid token.
 * @param appId The app that the request reads, which the store may find together with the token.
 * @throws StoreUnavailable
 */
export async function authenticate(
  store: Store,
  req: IncomingMessage,
  appId?: string,
): Promise<Caller | Rejection<'Unauthorized'>> {
  const sent = listSentValues(req, 'authorization');
  const [, token] = (sent.length === 1 && credentials.exec(sent[0] ?? '')) || [];
  const caller = token === undefined ? undefined : await findCaller(store, token, appId);
  return caller ?? rejectToken(sent.some((value) => bearerScheme.test(value)));
}
