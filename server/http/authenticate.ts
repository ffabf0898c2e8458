import type { RequestHandler } from 'express';
import type { Caller } from '../operation-types.ts';
import { refuseToken } from '../problem.ts';
import type { Store } from '../store/store.ts';
import { hashToken, isMistyped, type Scope } from '../keys/tokens.ts';
import { sentValues } from './raw-headers.ts';

/** RFC 6750, section 2.1. The scheme's name is case-insensitive. */
const credentials = /^bearer +([\w.~+/-]+=*)$/i;

/** An attempt with a bearer token, however broken. */
const attempt = /^bearer(?:\s|$)/i;

async function findCaller(store: Store, token: string): Promise<Caller | undefined> {
  if (isMistyped(token)) return undefined;
  // The look-up is by hash: how long it takes says nothing about the token.
  const record = await store.findToken(hashToken(token));
  if (record === undefined || record.revokedAt !== undefined) return undefined;
  return { accountId: record.accountId, tokenId: record.id, scopes: record.scopes as readonly Scope[] };
}

/** Lets only requests with a valid bearer token through. Everything mounted after it is closed by default. */
export function authenticate(store: Store): RequestHandler {
  return async (req, res, next) => {
    const sent = sentValues(req, 'authorization');
    const [, token] = (sent.length === 1 && credentials.exec(sent[0] ?? '')) || [];
    const caller = token === undefined ? undefined : await findCaller(store, token);
    if (caller === undefined) {
      next(refuseToken(sent.some((value) => attempt.test(value))));
      return;
    }
    res.locals.caller = caller;
    next();
  };
}
