/** Compares two bundles with `redocly diff`. */
import { join } from 'node:path';
import { runRedocly } from '../redocly.ts';

/** The part of the version that a change raises. */
export type Rating = 'major' | 'minor' | 'patch';

/** The node in one of the bundles. */
interface Side {
  /** JSON pointer. The node of a shared component has the pointer of the component. */
  pointer: string;
  value?: unknown;
}

/** A node that was added or removed, or a property of a node that differs. */
export interface RedoclyChange {
  kind: 'added' | 'removed' | 'modified';
  typeName: string;
  property?: string;
  /** Redocly's own rating. */
  impact: Rating;
  /** The rules that the change breaks. */
  verdicts: { ruleId: string; message: string }[];
  base?: Side;
  revision?: Side;
}

/**
 * Returns every difference between two bundle files. A breaking change is not an error.
 *
 * @throws Error when Redocly rejects a bundle or reports in an unknown format.
 */
export async function diffWithRedocly(baseFile: string, revisionFile: string): Promise<RedoclyChange[]> {
  const options = ['--config', join(import.meta.dirname, 'redocly.yaml'), '--format', 'json', '--fail-on', 'none'];
  const report = JSON.parse(await runRedocly('diff', baseFile, revisionFile, ...options));
  // The format is experimental. An error is better than a wrong rating.
  if (report.reportVersion !== '1') throw new Error(`redocly diff reports in version ${report.reportVersion}, not 1.`);
  return report.changes;
}
