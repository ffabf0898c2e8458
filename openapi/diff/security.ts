/** Compares the security that operations require. A weaker security is a break as well. */
import { type Bundle, listOperations, type Security } from '../generate/bundle.ts';
import type { Finding } from './finding.ts';

const nothing = 'no token';

/** Returns each alternative as comparable text: its schemes and their scopes, sorted. */
function listAlternatives(security: Security = []): string[] {
  const alternatives = security.map((schemes) =>
    Object.entries(schemes)
      .map(([scheme, scopes]) => [scheme, ...[...scopes].sort()].join(' '))
      .sort()
      .join(' and '),
  );
  return alternatives.length === 0 ? [nothing] : alternatives.map((alternative) => alternative || nothing).sort();
}

/** Returns the alternatives of every operation, and the default, by JSON pointer. */
function readRequirements(bundle: Bundle): Map<string, string[]> {
  const ofOperations = listOperations(bundle).map(
    ({ path, method, security }) =>
      [`#/paths/${path.replaceAll('/', '~1')}/${method}/security`, listAlternatives(security)] as const,
  );
  return new Map([['#/security', listAlternatives(bundle.security)], ...ofOperations]);
}

/**
 * Compares the security in force, wherever it is defined. A new alternative beside all the old ones is an addition.
 * Every other difference is a break: requests are rejected, or an operation is no longer protected.
 */
export function compareSecurity(base: Bundle, revision: Bundle): Finding[] {
  const before = readRequirements(base);
  return [...readRequirements(revision)].flatMap(([pointer, now]) => {
    const was = before.get(pointer);
    if (was === undefined || was.join() === now.join()) return [];
    const isOnlyMore = was.every((alternative) => now.includes(alternative)) && !now.includes(nothing);
    const message = `required ${was.join(' or ')}, now requires ${now.join(' or ')}`;
    const reason = 'requests are rejected, or an operation is no longer protected';
    return [{ rating: isOnlyMore ? 'minor' : 'major', pointer, message, reason } as const];
  });
}
