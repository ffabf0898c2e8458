import { timeLimit } from './time-limits.ts';

/** Sixteen, and fewer on a busy machine: there, sixteen writes in one queue would exceed the deadline of a request. */
const workerCount = Math.max(4, Math.round(16 / timeLimit(1)));

/** Maps items with an asynchronous function, several at a time. Returns the results in the order of the items. */
export async function mapInParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: workerCount }, worker));
  return results;
}
