import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Returns `folder` or its nearest parent that contains `path`.
 *
 * @throws Error when none of them contains it.
 */
function findFolder(path: string, folder = import.meta.dirname): string {
  if (existsSync(join(folder, path))) return folder;
  if (dirname(folder) === folder)
    throw new Error(`${path} is missing. Run \`npm run generate\` if it is a generated file.`);
  return findFolder(path, dirname(folder));
}

/** The folder of package.json, in the repository and in the installed package. */
export const root = findFolder('package.json');

const bundle = 'generated/openapi.json';

/**
 * Returns the path of the bundle. In the installed package it lies beside the built code.
 *
 * @throws Error when it is missing.
 */
export const findBundle = (): string => join(findFolder(bundle), bundle);

const guides = 'openapi/docs/guides';

/**
 * Returns the folder of the guides. In the installed package it lies beside the built code.
 *
 * @throws Error when it is missing.
 */
export const findGuides = (): string => join(findFolder(guides), guides);
