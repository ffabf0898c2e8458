import { readFileSync } from 'node:fs';
import { type Bundle, readContract } from './contract.ts';

/** Bundle that this package holds implementations to, unless they are given another one. */

let packageBundle: Bundle | undefined;

function readPackageBundle(): Bundle {
  // In the built package generated/ is one folder up, in the repository two.
  for (const up of ['..', '../..']) {
    try {
      return JSON.parse(readFileSync(new URL(`${up}/generated/openapi.json`, import.meta.url), 'utf8')) as Bundle;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('generated/openapi.json is missing from this package; pass the bundle');
}

/** Returns the bundle of this package. @throws {Error} where it is missing */
export function getPackageBundle(): Bundle {
  packageBundle ??= readPackageBundle();
  return packageBundle;
}

/**
 * Returns the operationIds of the bundle of this package.
 *
 * @example
 * console.log(listOperationIds().includes('getOAuthApp')); // true
 */
export const listOperationIds = (): string[] =>
  readContract(getPackageBundle(), 'extension').operations.map(({ operationId }) => operationId);
