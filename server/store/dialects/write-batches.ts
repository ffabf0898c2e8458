import { type Asked, batchQueue, batchSlots } from './batch-queue.ts';

/** The writes of one account, in their order. */
export interface AccountWrites<Entry> {
  readonly account: string;
  readonly entries: readonly Entry[];
}

export interface RunOptions {
  /** Whether the transaction has the writes of one account alone. */
  readonly isAlone: boolean;
  /** The time that it may take. */
  readonly milliseconds: number;
}

/** Runs the writes of several accounts in one transaction. Resolves with the results of each account's writes. */
export type RunWrites<Entry> = (
  accounts: readonly AccountWrites<Entry>[],
  options: RunOptions,
) => Promise<readonly (readonly unknown[])[]>;

/** The SQLSTATEs of a transaction that failed by one of its writes, or by a lock that one of them waited for. */
const byOneWrite = /^(?:OA001|2[23]|40|54|55P03|P0)/;
const lockTimeout = '55P03';
const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? '';

/** The number of shared transactions at a time: more do not commit faster, and each takes a connection. */
const maxRunning = 2;
/** The number of writes in a transaction at most, and of those the writes of one account. */
const [maxWrites, maxOfAccount] = [64, 32];
/** Shorter than the deadline of a request, so that the outcome of a write is known before it. */
const timeout = 3_500;
/** The time that a statement keeps for being cancelled, so that its outcome is known at the deadline. */
const cancelTime = 500;
/** A write with less time left is not sent any more: it would take the others of its transaction with it. */
const shortest = 100;
/** The time for which an account that had to wait for a lock shares no transaction with others. */
const aloneMilliseconds = 5_000;

/**
 * Runs writes in batches: those that arrive one after the other, and those that arrive while as many transactions run
 * as may. An account is in one of them at a time, so that its writes never wait for each other's locks. When one write
 * fails, the accounts are tried one by one, and the writes of an account too, so that it undoes no other.
 */
export function writeBatches<Entry extends { readonly account: string }>(run: RunWrites<Entry>) {
  type Group = readonly Asked<Entry, unknown>[];
  const busy = new Set<string>();
  const aloneUntil = new Map<string, number>();

  const isSlow = (account: string) => {
    const until = aloneUntil.get(account);
    if (until !== undefined && until < performance.now()) aloneUntil.delete(account);
    return aloneUntil.has(account);
  };
  const toWrites = (group: Group) => ({
    account: group[0]?.question.account ?? '',
    entries: group.map(({ question }) => question),
  });
  const timeOf = (groups: readonly Group[]) =>
    Math.min(
      timeout,
      Math.max(shortest, Math.min(...groups.flat().map(({ deadline }) => deadline)) - performance.now() - cancelTime),
    );
  const settle = (groups: readonly Group[], results: readonly (readonly unknown[])[]) => {
    groups.forEach((group, index) => {
      group.forEach(({ resolve }, place) => void resolve(results[index]?.[place]));
    });
  };
  const rejectAll = (group: Group, error: unknown) => {
    for (const { reject } of group) reject(error);
  };

  const runAlone = async (group: Group): Promise<void> => {
    try {
      settle([group], await run([toWrites(group)], { isAlone: true, milliseconds: timeOf([group]) }));
    } catch (error) {
      const { account } = toWrites(group);
      const code = codeOf(error);
      if (code === lockTimeout) aloneUntil.set(account, performance.now() + aloneMilliseconds);
      if (group.length === 1 || !byOneWrite.test(code) || code === lockTimeout) return rejectAll(group, error);
      for (const one of group) await runAlone([one]);
    }
  };
  /** Runs the writes of one account beside the shared transactions, and then lets the account take part again. */
  const leaveAlone = async (group: Group) => {
    await runAlone(group);
    busy.delete(toWrites(group).account);
    flush();
  };
  const runTogether = async (groups: readonly Group[]) => {
    const end = slots.begin();
    try {
      settle(groups, await run(groups.map(toWrites), { isAlone: false, milliseconds: timeOf(groups) }));
      for (const group of groups) busy.delete(toWrites(group).account);
    } catch (error) {
      const isByOne = byOneWrite.test(codeOf(error));
      for (const group of groups) {
        if (isByOne) void leaveAlone(group);
        else {
          rejectAll(group, error);
          busy.delete(toWrites(group).account);
        }
      }
    }
    end();
    flush();
  };

  /** Takes the writes of the next batch by account, in the order of the accounts, so that no two batches deadlock. */
  const takeBatch = (): Group[] => {
    const groups = new Map<string, Asked<Entry, unknown>[]>();
    let count = 0;
    // A write that was sent may have been committed: its statement ends by its own timeout, not at its deadline.
    queue.take((asked) => {
      const { account } = asked.question;
      const group = groups.get(account) ?? [];
      if (busy.has(account) || count === maxWrites || group.length === maxOfAccount) return false;
      group.push(asked);
      groups.set(account, group);
      count += 1;
      return true;
    }, shortest);
    return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  };
  const flush = () => {
    while (slots.isFree() && queue.size > 0) {
      const groups = takeBatch();
      for (const group of groups) busy.add(toWrites(group).account);
      const slow = groups.filter((group) => isSlow(toWrites(group).account));
      const together = groups.filter((group) => !slow.includes(group));
      for (const group of slow) void leaveAlone(group);
      if (together.length > 0) void runTogether(together);
      if (groups.length === 0) return;
    }
  };
  const slots = batchSlots(maxRunning, flush);
  const queue = batchQueue<Entry, unknown>(slots.isFree, flush);
  return queue.ask;
}
