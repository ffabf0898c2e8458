import { createHash } from 'node:crypto';
import type { Bundle } from './bundle.ts';

/** Renders the digest of the bundle, by which the server recognizes a bundle that was linted. */
export function renderDigest(bundle: Bundle): string {
  return `/** The SHA-256 of the bundle as JSON without white space. This bundle was linted. */
export const bundleDigest = '${createHash('sha256').update(JSON.stringify(bundle)).digest('hex')}';
`;
}
