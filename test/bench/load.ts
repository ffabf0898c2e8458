import autocannon from 'autocannon';
import type { Measured } from './operations.ts';
import type { Target } from './target.ts';

/** What one round of one request gave. */
export interface Sample {
  readonly perSecond: number;
  /** Time of the processor that the server took for a request, user and system. */
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
}

const connections = 8;
const patienceSeconds = 20;

/** Sends a request many times over several connections. Rejects unless every answer has the expected status. */
export async function sample(target: Target, request: Measured, amount = request.amount): Promise<Sample> {
  const { account, method, path, body, status } = request;
  const headers = {
    Authorization: `Bearer ${target.tokens[account]}`,
    ...(body !== undefined && { 'Content-Type': 'application/json' }),
  };
  const before = await target.usage();
  const result = await autocannon({
    ...{ url: target.url + path.replace('{id}', target.appId), method, headers, connections, amount },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    timeout: patienceSeconds,
  });
  const { cpuMicroseconds } = await target.usage();
  const { errors, timeouts, statusCodeStats, latency, start, finish } = result;
  if (errors + timeouts > 0 || statusCodeStats[status]?.count !== amount) {
    throw new Error(`${target.kind}, ${request.name}: ${JSON.stringify({ errors, timeouts, statusCodeStats })}`);
  }
  return {
    perSecond: (amount / (finish.getTime() - start.getTime())) * 1_000,
    cpuMicroseconds: (cpuMicroseconds - before.cpuMicroseconds) / amount,
    p99Milliseconds: latency.p99,
  };
}
