import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, root, run } from './process.ts';

/** What the generator reads: the description, its rules and its own code. */
export const descriptionInputs = ['openapi', 'redocly.yaml', 'package.json'];

/** Parts of the project in a folder of their own, to be broken at will. Dispose of it with `await using`. */
export async function copyProject(...parts: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-copy-'));
  await Promise.all(parts.map((part) => cp(join(root, part), join(folder, part), { recursive: true })));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const read = (file: string) => readFile(join(folder, file), 'utf8');
  const write = (file: string, text: string) => writeFile(join(folder, file), text);

  return {
    folder,
    read,
    write,
    /** Replaces the first `from` of a file; one that is not there is an error, lest the test tests nothing. */
    async edit(file: string, from: string, to: string) {
      const text = await read(file);
      if (!text.includes(from)) throw new Error(`${file} does not contain ${JSON.stringify(from)}`);
      await write(
        file,
        text.replace(from, () => to),
      );
    },
    /** Runs a command in the copy. */
    run: (words: readonly string[], options: RunOptions = {}) => run(words, { cwd: folder, ...options }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export type ProjectCopy = Awaited<ReturnType<typeof copyProject>>;
