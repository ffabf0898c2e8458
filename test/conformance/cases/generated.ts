import fc from 'fast-check';
import type { Finding } from '../exchange.ts';
import type { Session } from '../session.ts';
import type { Effort } from './case.ts';

/**
 * Tries generated bodies until one fails, then smaller ones; only what the smallest failing one shows is reported. A
 * failure that does not come again is reported too.
 */
export async function tryGenerated(
  session: Session,
  bodies: fc.Arbitrary<Record<string, unknown>>,
  { seed, cases }: Effort,
  attempt: (body: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  let last: Finding[] = [];
  let broken: { error: unknown } | undefined;
  const property = fc.asyncProperty(bodies, async (body) => {
    // Without an answer there is nothing to make smaller.
    if (broken !== undefined) return true;
    const before = session.findings.length;
    try {
      await attempt(body);
    } catch (error) {
      broken = { error };
      return false;
    } finally {
      await session.cleanUp();
    }
    const found = session.takeBack(before);
    if (found.length > 0) last = found;
    return found.length === 0;
  });
  await fc.check(property, { seed, numRuns: cases, maxSkipsPerRun: 1_000 });
  session.putBack(last);
  if (broken !== undefined) throw broken.error;
}
