/** What Redocly says about the difference of two bundles. */
import { join } from 'node:path';
import { runRedocly } from '../redocly.ts';

/** The semver part that a change demands. */
export type Rating = 'major' | 'minor' | 'patch';

/** A node as one of the bundles has it: where, and a shared component where it is kept. */
interface Side {
  pointer: string;
  value?: unknown;
}

/** A node that came or went, or one property of it that differs. */
export interface RedoclyChange {
  kind: 'added' | 'removed' | 'modified';
  typeName: string;
  property?: string;
  impact: Rating;
  verdicts: { ruleId: string; message: string }[];
  base?: Side;
  revision?: Side;
}

/** Every difference of two bundle files. A broken bundle is an error, a breaking change is not. */
export async function diffWithRedocly(baseFile: string, revisionFile: string): Promise<RedoclyChange[]> {
  const options = ['--config', join(import.meta.dirname, 'redocly.yaml'), '--format', 'json', '--fail-on', 'none'];
  const report = JSON.parse(await runRedocly('diff', baseFile, revisionFile, ...options));
  // The format is experimental: better no answer than a wrong one.
  if (report.reportVersion !== '1') throw new Error(`redocly diff reports in version ${report.reportVersion}, not 1.`);
  return report.changes;
}
