/**
 * Preloaded by `--import`, into threads too: writes a line with the path of each YAML file that is read into the file
 * READS_LOG.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { READS_LOG: log = '' } = process.env;
const { appendFileSync } = fs;

function logReads(module: object, name: string): void {
  const read = Reflect.get(module, name) as (...args: unknown[]) => unknown;
  const logged = (path: unknown, ...args: unknown[]) => {
    if (/\.ya?ml$/.test(String(path))) appendFileSync(log, `${path}\n`);
    return Reflect.apply(read, module, [path, ...args]);
  };
  Reflect.set(module, name, logged);
}

for (const name of ['readFile', 'readFileSync', 'createReadStream']) logReads(fs, name);
logReads(fs.promises, 'readFile');
syncBuiltinESMExports();
