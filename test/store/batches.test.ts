// @databases none
import { expect, test } from 'vitest';
import { nextTurn } from '../../server/event-loop.ts';
import { batching } from '../../server/store/dialects/batches.ts';

test('questions of two iterations of the event loop are one batch', async () => {
  const batches: (readonly number[])[] = [];
  const run = async (questions: readonly number[]) => {
    batches.push(questions);
    return questions;
  };
  const ask = batching({ ...{ maxBatch: 10, maxRunning: 2, timeout: 1_000 }, run });
  const first = ask(1);
  const second = nextTurn().then(() => ask(2));
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(batches).toEqual([[1, 2]]);
});
