// @databases none
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nextTurn } from '../../server/event-loop.ts';
import { batching } from '../../server/store/dialects/batches.ts';

// A clock that stands still: no batch is full by a slow machine.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** Asks a question in each of five iterations of the event loop. Returns the batches that were asked. */
async function askEachTurn(behindEach: () => void): Promise<(readonly number[])[]> {
  const batches: (readonly number[])[] = [];
  const run = async (questions: readonly number[]) => {
    batches.push(questions);
    return questions;
  };
  const ask = batching({ ...{ maxBatch: 10, maxRunning: 2, timeout: 1_000 }, run });
  const questions = [1, 2, 3, 4, 5];
  const results: Promise<number>[] = [];
  for (const question of questions) {
    results.push(ask(question));
    behindEach();
    await nextTurn();
  }
  expect(await Promise.all(results)).toEqual(questions);
  return batches;
}

test('questions that arrive one after the other are one batch', async () => {
  expect(await askEachTurn(() => {})).toEqual([[1, 2, 3, 4, 5]]);
});

test('a batch is gathered for two milliseconds at most', async () => {
  const [first = []] = await askEachTurn(() => vi.advanceTimersByTime(1));
  expect(first.length).toBeLessThan(5);
});
