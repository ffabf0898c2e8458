import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Bundle } from '../generate/bundle.ts';
import { listClosedEnums } from './closed-enums.ts';
import { type Finding, rateChange } from './rate.ts';
import { diffWithRedocly, type Rating, type RedoclyChange } from './redocly.ts';
import { compareSecurity } from './security.ts';

/** The ratings, the gravest first. */
export const ratings: readonly Rating[] = ['major', 'minor', 'patch'];

async function diffBundles(...bundles: [base: Bundle, revision: Bundle]): Promise<RedoclyChange[]> {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-diff-'));
  const [base, revision] = [join(folder, 'base.json'), join(folder, 'revision.json')] as const;
  try {
    await Promise.all([base, revision].map((file, index) => writeFile(file, JSON.stringify(bundles[index]))));
    return await diffWithRedocly(base, revision);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the bundle without its version, which is not a change of the API. */
const withoutVersion = (bundle: Bundle): Bundle => ({ ...bundle, info: { ...bundle.info, version: '' } });

/**
 * Returns every change from one bundle to another, the gravest first. The version does not count as a change.
 *
 * @throws Error when Redocly rejects a bundle or reports in an unknown format.
 */
export async function compareBundles(base: Bundle, revision: Bundle): Promise<Finding[]> {
  const bundles = [withoutVersion(base), withoutVersion(revision)] as const;
  if (isDeepStrictEqual(...bundles)) return [];
  const closedEnums = listClosedEnums(base);
  const security = compareSecurity(base, revision);
  const changes = (await diffBundles(...bundles)).filter(({ typeName }) => !typeName.startsWith('SecurityRequirement'));
  const findings = [...security, ...changes.map((change) => rateChange(change, closedEnums))];
  if (findings.length === 0) return [{ rating: 'patch', pointer: '#', message: 'is written differently' }];
  return findings.sort((one, other) => ratings.indexOf(one.rating) - ratings.indexOf(other.rating));
}
