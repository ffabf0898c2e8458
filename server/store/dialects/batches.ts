import { StoreUnavailable } from '../store.ts';
import { type Asked, batchQueue } from './batch-queue.ts';

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

/** Waits for work for some milliseconds at most. @throws StoreUnavailable */
function atMost<Result>(milliseconds: number, work: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StoreUnavailable('TIMEOUT')), milliseconds);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * Asks questions in batches: those that arrive one after the other, and those that arrive while as many batches run
 * as may. A batch ends at the first deadline of its questions.
 */
export function batching<Question, Result>(options: BatchOptions<Question, Result>) {
  const { run, maxBatch, maxRunning, timeout } = options;
  let running = 0;

  const runBatch = async (batch: readonly Asked<Question, Result>[]) => {
    running += 1;
    const left = Math.min(...batch.map(({ deadline }) => deadline)) - performance.now();
    const milliseconds = Math.min(timeout, Math.max(left, 1));
    const questions = batch.map(({ question }) => question);
    try {
      const results = await atMost(milliseconds, run(questions, milliseconds));
      batch.forEach(({ resolve }, index) => void resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
    running -= 1;
    flush();
  };
  const flush = () => {
    while (running < maxRunning && queue.size > 0) {
      let count = 0;
      const batch = queue.take(() => ++count <= maxBatch);
      if (batch.length > 0) void runBatch(batch);
    }
  };
  const queue = batchQueue<Question, Result>(() => running < maxRunning, flush);
  return queue.ask;
}
