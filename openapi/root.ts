import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder from `folder` upwards that has a file. Throws when none has. */
function findFolder(path: string, folder = import.meta.dirname): string {
  if (existsSync(join(folder, path))) return folder;
  if (dirname(folder) === folder) throw new Error(`There is no ${path}. \`npm run generate\` makes what is generated.`);
  return findFolder(path, dirname(folder));
}

/** The folder with package.json, in the repository as in the installed package. */
export const root = findFolder('package.json');

const bundle = 'generated/openapi.json';

/** The bundle, which the installed package has beside what was built of this code. Throws where there is none. */
export const findBundle = (): string => join(findFolder(bundle), bundle);
