/** What the benchmarks use of autocannon, which comes without types. */
declare module 'autocannon' {
  interface Options {
    url: string;
    connections: number;
    /** How many requests in all. */
    amount: number;
    method: string;
    headers: Record<string, string>;
    body?: string;
    /** Seconds until a request counts as failed. */
    timeout?: number;
  }
  interface Result {
    /** Milliseconds. */
    latency: { p50: number; p99: number };
    start: Date;
    finish: Date;
    errors: number;
    timeouts: number;
    statusCodeStats: Record<string, { count: number }>;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
