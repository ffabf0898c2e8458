import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const findFolder = (path: string, folder: string): string =>
  existsSync(join(folder, path)) ? folder : findFolder(path, dirname(folder));

/** The folder with package.json, in the repository as in the installed package. */
export const root = findFolder('package.json', import.meta.dirname);

const bundle = 'generated/openapi.json';

/** The bundle, which the installed package has beside what was built of this code. */
export const bundleFile = join(findFolder(bundle, import.meta.dirname), bundle);
