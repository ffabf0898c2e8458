import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RunOptions, root, run } from '../helpers/process.ts';

/** The package.json of the project. */
export const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The packages that npm installs with this one. */
const dependencies = [...Object.keys(manifest.dependencies), 'openapi-typescript-helpers'];

/** A packed file and its size in bytes. */
export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

/** Packs the package and installs it into an empty project. Dispose of it with `await using`. */
export async function installPackage() {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-package-'));
  const modules = join(folder, 'node_modules');
  /** Installs further packages by links to those of this project. */
  const add = async (...names: string[]) => {
    for (const name of names) {
      await mkdir(dirname(join(modules, name)), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(modules, name), 'junction').catch((error) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
  };
  const packed = await run(['npm', 'pack', '--json', '--foreground-scripts=false', '--pack-destination', folder]);
  if (packed.code !== 0) throw new Error(packed.stderr);
  const [{ filename, files }] = JSON.parse(packed.stdout);
  const tarball = join(folder, filename);
  await mkdir(join(modules, manifest.name), { recursive: true });
  await run(['tar', '-xzf', tarball, '--strip-components=1', '-C', join(modules, manifest.name)]);
  await mkdir(join(modules, '.bin'));
  await symlink(join('..', manifest.name, manifest.bin['oauth-apps']), join(modules, '.bin/oauth-apps'));
  await add(...dependencies);
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');

  return {
    folder,
    tarball,
    files: files as PackedFile[],
    /** The number of packages that an install adds, itself included. */
    packageCount: dependencies.length + 1,
    add,
    write: (file: string, text: string) => writeFile(join(folder, file), text),
    run: (words: readonly string[], options: RunOptions = {}) => run(words, { cwd: folder, ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export type InstalledPackage = Awaited<ReturnType<typeof installPackage>>;
