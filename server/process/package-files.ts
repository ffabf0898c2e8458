import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Finds a file of this package by its path from the top, in the repository and in the built package: the nearest one
 * from this folder upwards.
 * @throws Error when there is none.
 */
export function findFile(path: string, folder = import.meta.dirname): string {
  const file = join(folder, path);
  if (existsSync(file)) return file;
  if (dirname(folder) === folder) throw new Error(`${path} is not in this package`);
  return findFile(path, dirname(folder));
}

/** Returns the version of an optional peer that this package was tested with. The peers themselves have ranges. */
export const findPeerVersion = (name: string): string =>
  JSON.parse(readFileSync(findFile('package.json'), 'utf8')).devDependencies[name];
