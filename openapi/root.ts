import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const findRoot = (folder: string): string =>
  existsSync(join(folder, 'package.json')) ? folder : findRoot(dirname(folder));

/** The folder with package.json and generated/, in the repository as in the installed package. */
export const root = findRoot(import.meta.dirname);
