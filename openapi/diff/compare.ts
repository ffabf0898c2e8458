import type { Bundle } from '../generate/bundle.ts';
import { compareDocuments } from './document.ts';
import { canonical, type Finding, Findings } from './finding.ts';
import type { Comparison } from './schemas.ts';
import { compareSecurity } from './security.ts';
import { compareSurface } from './surface.ts';

/** Returns the bundle without its version, which is not a change of the API. */
const withoutVersion = (bundle: Bundle): Bundle => ({ ...bundle, info: { ...bundle.info, version: '' } });

/**
 * Returns every change from one bundle to another, the gravest first. The version does not count as a change. A change
 * that no rule knows is a break.
 *
 * @throws Error when a `$ref` points nowhere.
 */
export function compareBundles(base: Bundle, revision: Bundle): Finding[] {
  const [before, after] = [withoutVersion(base), withoutVersion(revision)];
  const findings = new Findings();
  const comparison: Comparison = {
    base: { bundle: before, reached: new Set() },
    revision: { bundle: after, reached: new Set() },
    findings,
    compared: new Set(),
  };
  compareSurface(comparison);
  compareDocuments(comparison);
  for (const { rating, pointer, message, reason } of compareSecurity(base, revision)) {
    findings.add(rating, { pointer, node: undefined }, message, reason);
  }
  const found = findings.list();
  if (found.length > 0 || JSON.stringify(before) === JSON.stringify(after)) return found;
  if (canonical(before) === canonical(after))
    return [{ rating: 'patch', pointer: '#', message: 'is written differently' }];
  return [{ rating: 'major', pointer: '#', message: 'differs', reason: 'no rule knows this change' }];
}
