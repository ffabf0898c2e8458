import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunOptions, root, run } from './process.ts';

/** The inputs of the generator: the description, its lint rules and the generator's code. */
export const descriptionInputs = ['openapi', 'redocly.yaml', 'package.json'];

/** Copies parts of the project into a temporary folder that a test may change. Dispose of it with `await using`. */
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
    /**
     * Replaces the first occurrence of `from` in a file.
     * @throws Error when the file does not contain it, because the test would test nothing.
     */
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
