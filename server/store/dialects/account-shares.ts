import { StoreUnavailable } from '../store.ts';

interface Account {
  held: number;
  readonly waiting: Set<() => void>;
}

/** Bounds the connections that statements of one account hold at a time. The others of that account wait, in order. */
export function accountShares(share: number) {
  const accounts = new Map<string, Account>();

  const leave = (accountId: string, account: Account) => {
    account.held -= 1;
    const [next] = account.waiting;
    next?.();
    if (account.held === 0) accounts.delete(accountId);
  };

  return {
    /**
     * Waits until the account may take another connection, for `milliseconds` at most. Returns the function that gives it
     * back.
     * @throws StoreUnavailable
     */
    async take(accountId: string, milliseconds: number): Promise<() => void> {
      const account = accounts.get(accountId) ?? { held: 0, waiting: new Set() };
      accounts.set(accountId, account);
      const begin = () => {
        account.held += 1;
        return () => leave(accountId, account);
      };
      if (account.held < share) return begin();
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const start = () => {
        clearTimeout(timer);
        account.waiting.delete(start);
        resolve(begin());
      };
      const giveUp = () => {
        account.waiting.delete(start);
        reject(new StoreUnavailable('TIMEOUT'));
      };
      const timer = milliseconds === Number.POSITIVE_INFINITY ? undefined : setTimeout(giveUp, milliseconds);
      account.waiting.add(start);
      return promise;
    },
  };
}
