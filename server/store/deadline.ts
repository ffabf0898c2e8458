import { AsyncLocalStorage } from 'node:async_hooks';

/** What is left of the time that somebody's calls to the store may take together; `end` is set while one runs. */
interface Budget {
  milliseconds: number;
  end?: number;
}

const budgets = new AsyncLocalStorage<Budget>();

/** Gives all calls to the store that `work` makes, one after the other, so much time together. */
export function withinTime<Result>(milliseconds: number, work: () => Result): Result {
  return budgets.run({ milliseconds }, work);
}

/** Takes the time that a call to the store needs out of the budget, if there is one. */
export async function spendTime<Result>(call: () => Promise<Result>): Promise<Result> {
  const budget = budgets.getStore();
  if (budget === undefined) return call();
  const end = performance.now() + budget.milliseconds;
  budget.end = end;
  try {
    return await call();
  } finally {
    budget.milliseconds = Math.max(0, end - performance.now());
  }
}

/** The milliseconds that the present call to the store may still take; without a budget, any. */
export function timeLeft(): number {
  const end = budgets.getStore()?.end;
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(0, end - performance.now());
}
