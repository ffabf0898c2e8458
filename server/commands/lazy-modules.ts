/** Modules of other packages that load when they are first used, for a faster start. */
import Module, { createRequire } from 'node:module';

/** A module: the package that requires it, and the name by which it does, or a path inside of that package. */
export type LazyModule = readonly [owner: string, name: string];

/** Puts a module into the cache that loads when one of its exports is first read. */
function delay(load: NodeJS.Require, file: string): void {
  if (file in load.cache) return;
  let loaded: Record<PropertyKey, unknown> | undefined;
  function read(name: PropertyKey): unknown {
    if (loaded === undefined) {
      delete load.cache[file];
      loaded = load(file) as Record<PropertyKey, unknown>;
    }
    return loaded[name];
  }
  const exports = new Proxy({}, { get: (_, name) => read(name) });
  load.cache[file] = Object.assign(new Module(file), { filename: file, loaded: true, exports });
}

/**
 * Delays CommonJS modules from which nothing is read while the modules that require them load. A module that does not
 * exist, as in another version of the package, is left out.
 *
 * @param load A `require` beside which the packages are installed
 * @returns The files that are delayed
 */
export function delayModules(load: NodeJS.Require, modules: readonly LazyModule[]): readonly string[] {
  const files: string[] = [];
  for (const [owner, name] of modules) {
    try {
      files.push(createRequire(load.resolve(`${owner}/package.json`)).resolve(name));
    } catch {
      // The package is arranged differently. It loads all that it requires.
    }
  }
  for (const file of files) delay(load, file);
  return files;
}
