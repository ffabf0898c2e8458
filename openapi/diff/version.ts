/** Which version a change demands. */
import type { Rating } from './redocly.ts';

type Version = [major: number, minor: number, patch: number];

/** The three numbers. What may follow them (`-rc.1`) is on the way to them. */
function parse(version: string): Version {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:[-+].*)?$/.exec(version);
  if (!match) throw new Error(`The version ${JSON.stringify(version)} is not of the form 1.2.3.`);
  return match.slice(1).map(Number) as Version;
}

/**
 * The lowest version that may follow `base` with a change of this rating; with none, `base` itself. Before 1.0.0 a
 * break raises the second number and all else the third: what a caret range (`^0.1.0`) takes for compatible.
 */
export function nextVersion(base: string, rating: Rating | undefined): string {
  const [major, minor, patch] = parse(base);
  if (rating === undefined) return [major, minor, patch].join('.');
  const isEarly = major === 0;
  if (rating === 'major') return isEarly ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
  if (rating === 'minor' && !isEarly) return `${major}.${minor + 1}.0`;
  return `${major}.${minor}.${patch + 1}`;
}

/** Whether `version` is `demanded` or a later one. */
export function isAtLeast(version: string, demanded: string): boolean {
  const [is, needs] = [parse(version), parse(demanded)];
  const different = is.findIndex((number, index) => number !== needs[index]);
  return different === -1 || (is[different] ?? 0) > (needs[different] ?? 0);
}
