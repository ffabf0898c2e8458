import type { Measured } from './operations.ts';
import type { Target } from './target.ts';

/** The measurements of one request that was sent several times. */
export interface Sample {
  readonly perSecond: number;
  /** CPU time of the server per request, user and system. */
  readonly cpuMicroseconds: number;
  /** The duration of each request, in milliseconds. */
  readonly latencies: readonly number[];
}

/** The number of parallel requests, each on its own connection. */
const parallelRequests = 8;

/** Sends a request `amount` times. @throws Error when a response has another than the expected status. */
export async function sample(target: Target, request: Measured, amount: number): Promise<Sample> {
  const { account, method, path, body, status } = request;
  const methodAndPath = `${method} ${path.replace('{id}', target.appId)}`;
  const latencies: number[] = [];
  let left = amount;
  const work = async () => {
    while (left-- > 0) {
      const start = performance.now();
      const response = await target.clients[account].send(methodAndPath, { body });
      latencies.push(performance.now() - start);
      if (response.status !== status) throw new Error(`${target.kind}: ${request.name} got ${response.status}`);
    }
  };
  const before = await target.usage();
  const start = performance.now();
  await Promise.all(Array.from({ length: parallelRequests }, work));
  const seconds = (performance.now() - start) / 1_000;
  const { cpuMicroseconds } = await target.usage();
  return {
    perSecond: amount / seconds,
    cpuMicroseconds: (cpuMicroseconds - before.cpuMicroseconds) / amount,
    latencies,
  };
}
