import { createBulkSender } from '../helpers/bulk-sender.ts';
import type { Measured } from './operations.ts';
import type { Target } from './target.ts';

/** What one round of one request gave. */
export interface Sample {
  readonly perSecond: number;
  /** Time of the processor that the server took for a request, user and system. */
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
}

/** How many requests are under way at a time, each on a connection of its own. */
const lanes = 8;

/** Sends a request many times. Rejects unless every answer has the expected status. */
export async function sample(target: Target, request: Measured, amount = request.amount): Promise<Sample> {
  const { account, method, path, body, status } = request;
  const sender = createBulkSender(target.url, target.tokens[account] ?? '');
  const words = `${method} ${path.replace('{id}', target.appId)}`;
  const latencies: number[] = [];
  let left = amount;
  const work = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const answer = await sender.send(words, { body });
      latencies.push(performance.now() - start);
      if (answer.status !== status)
        throw new Error(`${target.kind}: ${request.name} was answered with ${answer.status}`);
    }
  };
  const before = await target.usage();
  const start = performance.now();
  try {
    await Promise.all(Array.from({ length: lanes }, work));
  } finally {
    sender.close();
  }
  const seconds = (performance.now() - start) / 1_000;
  const { cpuMicroseconds } = await target.usage();
  return {
    perSecond: amount / seconds,
    cpuMicroseconds: (cpuMicroseconds - before.cpuMicroseconds) / amount,
    p99Milliseconds: latencies.sort((a, b) => a - b)[Math.ceil(amount * 0.99) - 1] ?? Number.NaN,
  };
}
