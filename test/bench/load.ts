import type { Measured } from './operations.ts';
import type { Target } from './target.ts';

/** What sending one request some times gave. */
export interface Sample {
  readonly perSecond: number;
  /** Time of the processor that the server took for a request, user and system. */
  readonly cpuMicroseconds: number;
  /** How long each request took, in milliseconds. */
  readonly latencies: readonly number[];
}

/** How many requests are under way at a time, each on a connection of its own. */
const lanes = 8;

/** Sends a request `amount` times. Rejects unless every response has the expected status. */
export async function sample(target: Target, request: Measured, amount: number): Promise<Sample> {
  const { account, method, path, body, status } = request;
  const words = `${method} ${path.replace('{id}', target.appId)}`;
  const latencies: number[] = [];
  let left = amount;
  const work = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const response = await target.clients[account].send(words, { body });
      latencies.push(performance.now() - start);
      if (response.status !== status)
        throw new Error(`${target.kind}: ${request.name} was answered with ${response.status}`);
    }
  };
  const before = await target.usage();
  const start = performance.now();
  await Promise.all(Array.from({ length: lanes }, work));
  const seconds = (performance.now() - start) / 1_000;
  const { cpuMicroseconds } = await target.usage();
  return {
    perSecond: amount / seconds,
    cpuMicroseconds: (cpuMicroseconds - before.cpuMicroseconds) / amount,
    latencies,
  };
}
