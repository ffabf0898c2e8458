/** What an operation demands of a caller. Redocly reports that more is demanded, and is silent when less is. */
import { type Bundle, listOperations, type Security } from '../generate/bundle.ts';
import type { Finding } from './rate.ts';

const nothing = 'no token';

/** The alternatives, each in a form that compares: its schemes and their scopes, in order. */
function listAlternatives(security: Security = []): string[] {
  const alternatives = security.map((schemes) =>
    Object.entries(schemes)
      .map(([scheme, scopes]) => [scheme, ...[...scopes].sort()].join(' '))
      .sort()
      .join(' and '),
  );
  return alternatives.length === 0 ? [nothing] : alternatives.map((alternative) => alternative || nothing).sort();
}

/** The demands of every operation, by what it is called in a pointer, and those of whatever states none. */
function listDemands(bundle: Bundle): Map<string, string[]> {
  const ofOperations = listOperations(bundle).map(
    ({ path, method, security }) =>
      [`#/paths/${path.replaceAll('/', '~1')}/${method}/security`, listAlternatives(security)] as const,
  );
  return new Map([['#/security', listAlternatives(bundle.security)], ...ofOperations]);
}

/**
 * Compares what is in force, wherever it is written. Another way in beside all that were there is an addition;
 * everything else is a break: a caller is refused, or what was protected no longer is.
 */
export function compareSecurity(base: Bundle, revision: Bundle): Finding[] {
  const before = listDemands(base);
  return [...listDemands(revision)].flatMap(([pointer, now]) => {
    const was = before.get(pointer);
    if (was === undefined || was.join() === now.join()) return [];
    const isOnlyMore = was.every((alternative) => now.includes(alternative)) && !now.includes(nothing);
    const message = `demanded ${was.join(' or ')}, now ${now.join(' or ')}`;
    return [{ rating: isOnlyMore ? 'minor' : 'major', pointer, message } as const];
  });
}
