import { millisecondsLeft, withoutDeadline } from '../deadline.ts';
import { StoreUnavailable } from '../store.ts';

export interface BatchOptions<Question, Result> {
  /** Asks several questions together. Resolves with a result for each, in their order; may take `milliseconds`. */
  readonly run: (questions: readonly Question[], milliseconds: number) => Promise<readonly Result[]>;
  /** The number of questions that are asked together at most. */
  readonly maxBatch: number;
  /** The number of batches that run at a time at most. */
  readonly maxRunning: number;
  /** Milliseconds that a batch may take at most. */
  readonly timeout: number;
}

interface Waiting<Question, Result> {
  readonly question: Question;
  /** The moment of `performance.now()` at which the asker gives up. */
  readonly deadline: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Asks questions in batches: those of one iteration of the event loop, and those that arrive while as many batches run
 * as may. Every question keeps the deadline of its own request.
 */
export function batching<Question, Result>(options: BatchOptions<Question, Result>) {
  const { run, maxBatch, maxRunning, timeout } = options;
  let waiting: Waiting<Question, Result>[] = [];
  let [running, isScheduled] = [0, false];

  /** Takes the questions of the next batch. Rejects those whose time is over. */
  const takeBatch = () => {
    const now = performance.now();
    const late = waiting.filter(({ deadline }) => deadline < now);
    for (const { reject } of late) reject(new StoreUnavailable('TIMEOUT'));
    if (late.length > 0) waiting = waiting.filter(({ deadline }) => deadline >= now);
    return waiting.splice(0, maxBatch);
  };
  const runBatch = async (batch: readonly Waiting<Question, Result>[]) => {
    running += 1;
    const left = Math.min(...batch.map(({ deadline }) => deadline)) - performance.now();
    try {
      const results = await run(
        batch.map(({ question }) => question),
        Math.min(timeout, Math.max(left, 1)),
      );
      batch.forEach(({ resolve }, index) => void resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    running -= 1;
    flush();
  };
  const flush = () => {
    isScheduled = false;
    while (running < maxRunning && waiting.length > 0) {
      const batch = takeBatch();
      if (batch.length > 0) void runBatch(batch);
    }
  };

  return (question: Question): Promise<Result> => {
    const left = millisecondsLeft();
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const asked = { question, deadline: performance.now() + left, resolve, reject };
    waiting.push(asked);
    if (!isScheduled && running < maxRunning) {
      isScheduled = true;
      withoutDeadline(() => setImmediate(flush));
    }
    if (left === Number.POSITIVE_INFINITY) return promise;
    const timer = setTimeout(() => {
      waiting = waiting.filter((one) => one !== asked);
      reject(new StoreUnavailable('TIMEOUT'));
    }, left);
    return promise.finally(() => clearTimeout(timer));
  };
}
