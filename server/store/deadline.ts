import { AsyncLocalStorage } from 'node:async_hooks';

/** The time that a request's calls to the store may still take together; `end` is set while one of them runs. */
interface Allowance {
  milliseconds: number;
  end?: number;
}

const allowances = new AsyncLocalStorage<Allowance>();

/** Runs `work`. All calls to the store that it makes, one after the other, may take `milliseconds` together. */
export function withDeadline<Result>(milliseconds: number, work: () => Result): Result {
  return allowances.run({ milliseconds }, work);
}

/** Begins a call to the store, if there is a deadline. Returns the function that subtracts its duration from the time left. */
export function startClock(): () => void {
  const allowance = allowances.getStore();
  if (allowance === undefined) return () => {};
  const end = performance.now() + allowance.milliseconds;
  allowance.end = end;
  return () => {
    allowance.milliseconds = Math.max(0, end - performance.now());
  };
}

/** Returns the milliseconds until the deadline of the running call to the store; infinity where there is none. */
export function millisecondsLeft(): number {
  const end = allowances.getStore()?.end;
  return end === undefined ? Number.POSITIVE_INFINITY : Math.max(0, end - performance.now());
}

/** Runs work that serves several requests, so that none of their deadlines holds for it. */
export const withoutDeadline = <Result>(work: () => Result): Result => allowances.exit(work);
