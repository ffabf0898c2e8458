import { vi } from 'vitest';
import { timeLimit } from './time-limits.ts';

/** Repeats an assertion until it holds. Rejects with its error when it does not hold in time. */
export const eventually = <Result>(assertion: () => Result | Promise<Result>): Promise<Result> =>
  vi.waitFor(assertion, { timeout: timeLimit(20_000), interval: 5 });
