/** Computes the version that a change requires. */
import type { Rating } from './finding.ts';

type Version = [major: number, minor: number, patch: number];

/** Returns the three numbers of a version, without a pre-release (`-rc.1`). */
function parse(version: string): Version {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version);
  if (!match) throw new Error(`The version ${JSON.stringify(version)} is not of the form 1.2.3.`);
  return match.slice(1).map(Number) as Version;
}

/**
 * Returns the lowest version that may follow `base` after a change of this rating, or `base` itself without a change.
 * Before 1.0.0, a break raises the second number and every other change the third, as caret ranges (`^0.1.0`) assume.
 *
 * @throws Error when `base` is not of the form 1.2.3.
 */
export function nextVersion(base: string, rating: Rating | undefined): string {
  const [major, minor, patch] = parse(base);
  if (rating === undefined) return [major, minor, patch].join('.');
  const isEarly = major === 0;
  if (rating === 'major') return isEarly ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
  if (rating === 'minor' && !isEarly) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

/**
 * Whether `version` is `required` or a later version.
 *
 * @throws Error when one of them is not of the form 1.2.3.
 */
export function isAtLeast(version: string, required: string): boolean {
  const [actual, least] = [parse(version), parse(required)];
  const index = actual.findIndex((number, at) => number !== least[at]);
  return index === -1 || (actual[index] ?? 0) > (least[index] ?? 0);
}
