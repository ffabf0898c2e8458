import type { ServerResponse } from 'node:http';
import { type Rejection, reject } from '../problem.ts';

/** The limits of the work of one account. */
export interface TurnOptions {
  /** The cost of all requests of an account that are in work at a time. */
  readonly capacity: number;
  /** Milliseconds that a request waits for its turn at most. */
  readonly timeout: number;
  /** The number of requests of an account that wait at most. */
  readonly maxWaiting: number;
}

/** Waits for the turn of a request of an account. The turn ends when the response has been sent or the client has gone. */
export type TakeTurn = (
  accountId: string,
  cost: number,
  res: ServerResponse,
) => Promise<Rejection<'Unavailable'> | undefined> | undefined;

interface Waiting {
  readonly cost: number;
  start(): void;
}

interface Account {
  inWork: number;
  readonly waiting: Set<Waiting>;
}

const tooBusy = () => reject('Unavailable', { headers: { 'Retry-After': '1' } });

/**
 * Bounds the requests of each account that are in work at a time: a request over the bound waits for an earlier one of
 * the same account, and for no other account.
 */
export function accountTurns({ capacity, timeout, maxWaiting }: TurnOptions): TakeTurn {
  const accounts = new Map<string, Account>();

  const begin = (accountId: string, account: Account, cost: number, res: ServerResponse) => {
    account.inWork += cost;
    res.once('close', () => {
      account.inWork -= cost;
      for (const next of account.waiting) {
        if (account.inWork > 0 && account.inWork + next.cost > capacity) return;
        account.waiting.delete(next);
        next.start();
      }
      if (account.inWork === 0) accounts.delete(accountId);
    });
  };

  return (accountId, cost, res) => {
    const account = accounts.get(accountId) ?? { inWork: 0, waiting: new Set() };
    accounts.set(accountId, account);
    const isFree = account.waiting.size === 0 && (account.inWork === 0 || account.inWork + cost <= capacity);
    if (isFree) {
      begin(accountId, account, cost, res);
      return undefined;
    }
    if (account.waiting.size >= maxWaiting) return Promise.resolve(tooBusy());
    const { promise, resolve } = Promise.withResolvers<Rejection<'Unavailable'> | undefined>();
    const leave = (rejection?: Rejection<'Unavailable'>) => {
      clearTimeout(timer);
      res.off('close', giveUp);
      account.waiting.delete(waiting);
      resolve(rejection);
    };
    const giveUp = () => leave(tooBusy());
    const waiting: Waiting = {
      cost,
      start() {
        begin(accountId, account, cost, res);
        leave();
      },
    };
    const timer = setTimeout(giveUp, timeout);
    res.once('close', giveUp);
    account.waiting.add(waiting);
    return promise;
  };
}
