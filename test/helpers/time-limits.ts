import { createHash } from 'node:crypto';
import { availableParallelism, loadavg } from 'node:os';

const bytes = Buffer.alloc(2 ** 20);
/** The milliseconds that the measured work takes on a quiet laptop. */
const quietMilliseconds = 50;
const largestFactor = 5;

/**
 * Measures how much slower than a quiet laptop this machine is at the moment, by a fixed piece of work and by the load of
 * the last minute. Returns a factor from 1 to 5.
 */
export function measureTimeFactor(): number {
  const start = performance.now();
  for (let count = 0; count < 60; count += 1) createHash('sha256').update(bytes).digest();
  const slowness = (performance.now() - start) / quietMilliseconds;
  const load = (loadavg()[0] ?? 0) / availableParallelism();
  return Math.min(largestFactor, Math.max(1, slowness, load));
}

/** The factor of this run, which `vitest.config.ts` has measured. 1 outside of Vitest. */
const factor = Number(process.env.TIME_FACTOR ?? 1);

/**
 * Returns the time limit of a test or a helper on this machine, in milliseconds. A limit ends what hangs. No verdict
 * about the product depends on it.
 * @param milliseconds The limit on a quiet machine.
 */
export const timeLimit = (milliseconds: number): number => Math.ceil(milliseconds * factor);
