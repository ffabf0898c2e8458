import type { IncomingMessage } from 'node:http';
import { hashToken, isMistyped, type Scope } from '../keys/tokens.ts';
import type { Log } from '../log.ts';
import type { Caller } from '../operation-types.ts';
import { type Rejection, rejectToken } from '../problem.ts';
import type { Store, TokenRecord } from '../store/store.ts';
import { failedAuthentications } from './failed-authentications.ts';
import { rejectRate } from './rate-limit.ts';
import { listSentValues } from './raw-headers.ts';

/** A bearer token (RFC 6750, section 2.1). The name of the scheme is case-insensitive. */
const credentials = /^bearer +([\w.~+/-]+=*)$/i;

/** Any use of the bearer scheme, malformed ones included. */
const bearerScheme = /^bearer(?:\s|$)/i;

export interface AuthenticationDeps {
  readonly store: Store;
  readonly log: Log;
  readonly now: () => Date;
  /** Requests with a wrong token per minute and address. Left out: there is no limit. */
  readonly failedAuthLimit?: number;
}

/**
 * Returns the caller that a request's bearer token belongs to. Rejects a request without exactly one valid token, and
 * those of an address that sent too many wrong ones.
 * @param appId The app that the request reads, which the store may find together with the token.
 * @throws StoreUnavailable
 */
export type Authenticate = (
  req: IncomingMessage,
  appId?: string,
) => Promise<Caller | Rejection<'Unauthorized' | 'TooManyRequests'>>;

const isUsable = ({ revokedAt, expiresAt }: TokenRecord, now: Date): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > now.toISOString());

/** Makes the function that records the day of a token's last use: at its first use of the day, behind the response. */
function recordUses(store: Store) {
  const recorded = new Map<string, string>();
  return ({ id, lastUsedOn }: TokenRecord, now: Date) => {
    const day = now.toISOString().slice(0, 10);
    if (lastUsedOn === day || recorded.get(id) === day) return;
    recorded.set(id, day);
    // A day that cannot be recorded now is recorded by the next request.
    store.recordUse(id, day).catch(() => recorded.delete(id));
  };
}

/**
 * Returns the caller of a request; undefined for one that it does not know.
 * @example
 * const authenticate: FindCaller = ({ headers }) =>
 *   headers['x-session'] === 'known' ? { accountId: 'acme', tokenId: 'session-1', scopes: ['read'] } : undefined;
 * const api = await createApp({ store, keyRing, log, authenticate });
 */
export type FindCaller = (req: IncomingMessage) => Caller | undefined | Promise<Caller | undefined>;

const sendsToken = (req: IncomingMessage) =>
  listSentValues(req, 'authorization').some((value) => bearerScheme.test(value));

/** Makes the function that authenticates requests by one of the program that embeds the app. */
export const ownAuthentication =
  (findCaller: FindCaller): Authenticate =>
  async (req) =>
    (await findCaller(req)) ?? rejectToken(sendsToken(req));

/** Makes the function that authenticates requests. */
export function authentication({ store, log, now, failedAuthLimit }: AuthenticationDeps): Authenticate {
  const failures = failedAuthLimit === undefined ? undefined : failedAuthentications(failedAuthLimit, log);
  const recordUse = recordUses(store);

  const findCaller = async (token: string, appId?: string): Promise<Caller | undefined> => {
    // The store looks tokens up by their hash, so the time that this takes says nothing about a token.
    const record = isMistyped(token) ? undefined : await store.findToken(hashToken(token), appId);
    const moment = now();
    if (record === undefined || !isUsable(record, moment)) return undefined;
    recordUse(record, moment);
    const { accountId, id: tokenId, scopes, app, mark } = record;
    return { accountId, tokenId, scopes: scopes as readonly Scope[], app, mark };
  };

  return async (req, appId) => {
    const sent = listSentValues(req, 'authorization');
    const [, token] = (sent.length === 1 && credentials.exec(sent[0] ?? '')) || [];
    const address = req.socket.remoteAddress ?? '';
    const waiting = token === undefined ? undefined : failures?.millisecondsBlocked(address, token);
    if (waiting) return rejectRate(waiting);
    const caller = token === undefined ? undefined : await findCaller(token, appId);
    if (token !== undefined) failures?.record(address, token, caller !== undefined);
    return caller ?? rejectToken(sendsToken(req));
  };
}
