import fc from 'fast-check';
import type { Finding } from '../exchange.ts';
import type { Session } from '../session.ts';
import type { GenerationOptions } from './case.ts';

/**
 * Checks generated bodies until one has findings, and then smaller ones. Only the findings of the smallest failing body
 * stay in the session, also where they do not occur again.
 *
 * @throws what `checkBody` throws
 */
export async function checkGeneratedBodies(
  session: Session,
  bodies: fc.Arbitrary<Record<string, unknown>>,
  { seed, cases }: GenerationOptions,
  checkBody: (body: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  let lastFindings: Finding[] = [];
  let thrown: { error: unknown } | undefined;
  const property = fc.asyncProperty(bodies, async (body) => {
    // After an error no smaller body is tried.
    if (thrown !== undefined) return true;
    const before = session.findings.length;
    try {
      await checkBody(body);
    } catch (error) {
      thrown = { error };
      return false;
    } finally {
      await session.cleanUp();
    }
    const findings = session.takeFindings(before);
    if (findings.length > 0) lastFindings = findings;
    return findings.length === 0;
  });
  await fc.check(property, { seed, numRuns: cases, maxSkipsPerRun: 1_000 });
  session.addFindings(lastFindings);
  if (thrown !== undefined) throw thrown.error;
}
