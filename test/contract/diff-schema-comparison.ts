/** Compares two schemas alone, and writes the lines of the report about them. */
import type { Direction } from '../../openapi/diff/effects.ts';
import { type Finding, Findings } from '../../openapi/diff/finding.ts';
import { compareSchemas } from '../../openapi/diff/schemas.ts';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { bundle } from './documented.ts';

/** Compares two schemas of a bundle. */
export function compare(before: unknown, after: unknown, direction: Direction, within: Bundle = bundle): Finding[] {
  const findings = new Findings();
  const side = () => ({ bundle: within, reached: new Set<string>() });
  const comparison = { base: side(), revision: side(), findings, compared: new Set<string>() };
  const located = (node: unknown) => [{ node, pointer: '#' }];
  compareSchemas(comparison, located(before), located(after), direction);
  return findings.list();
}

/** Returns a finding as a line. */
export const lineOf = ({ rating, pointer, message, reason }: Finding): string =>
  `${rating}${pointer.replace('#', ' ').trimEnd()}: ${message}${reason === undefined ? '' : ` (${reason})`}`;
