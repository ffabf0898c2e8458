/** Runs the programs of the docs: TypeScript in this process, which takes a tenth of the time of a process for each. */
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';
import { vi } from 'vitest';
import { checkTypes, root, run } from '../helpers/process.ts';

const { exports: entries, name: packageName } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));

/** The server that programs of the docs name. */
export const shownServer = 'http://127.0.0.1:3000';

/** A code block of a document. */
export interface Block {
  /** The heading above it, with a number where that has several blocks of the language. */
  readonly name: string;
  readonly language: string;
  readonly source: string;
}

/** Returns the code blocks of a Markdown document. With a title, the document has no headings. */
export function readBlocks(markdown: string, title?: string): Block[] {
  const blocks = markdown.split(/^##? /m).flatMap((section) => {
    const heading = title ?? section.split('\n')[0] ?? '';
    return [...section.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language = '', source = '']) => ({
      ...{ name: heading, language, source },
    }));
  });
  return blocks.map((block, index) => {
    const earlier = blocks
      .slice(0, index)
      .filter(({ name, language }) => name + language === block.name + block.language);
    return earlier.length === 0 ? block : { ...block, name: `${block.name} ${earlier.length + 1}` };
  });
}

/** Returns the source file of an entry of the package. */
const fileOf = (entry: string) =>
  join(root, (entries[entry] as { default: string }).default.replace('./dist/package/', '').replace('.js', '.ts'));
const sourceEntries = Object.keys(entries).filter((entry) => typeof entries[entry] === 'object');

/** Makes a folder for programs that import the package by its name. Dispose of it with `await using`. */
export async function makeProgramFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-programs-'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  let count = 0;
  const importSources = (source: string) =>
    source.replaceAll(new RegExp(`'${packageName}([\\w/-]*)'`, 'g'), (_, rest) => `'${fileOf(`.${rest}`)}'`);

  return {
    /** Writes a program that imports the sources of the package. Returns its path. */
    async write(source: string): Promise<string> {
      const file = join(folder, `run-${++count}.ts`);
      await writeFile(file, importSources(source));
      return file;
    },

    /** Checks the types of programs by name, which may hold any characters. Returns the lines with errors. */
    async checkTypes(programs: ReadonlyMap<string, string>): Promise<string[]> {
      const names = [...programs.keys()];
      for (const [index, source] of [...programs.values()].entries())
        await writeFile(join(folder, `check-${index}.ts`), source);
      const { compilerOptions } = JSON.parse(await readFile(join(root, 'tsconfig.json'), 'utf8'));
      const paths = Object.fromEntries(
        sourceEntries.map((entry) => [entry.replace('.', packageName), [fileOf(entry)]]),
      );
      const settings = { compilerOptions: { ...compilerOptions, paths }, include: ['check-*.ts'] };
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
      const [node = '', compiler = '', ...options] = checkTypes;
      const { stdout } = await run([node, join(root, compiler), ...options, '--pretty', 'false'], { cwd: folder });
      const lines = stdout.split('\n').filter((line) => line.includes('error TS'));
      return lines.map((line) => line.replace(/^check-(\d+)\.ts/, (_, index) => names[Number(index)] ?? ''));
    },

    /** Runs a program in this process. Returns what it printed and its error. */
    async run(source: string, token: string) {
      const file = await this.write(source);
      const printed: string[] = [];
      const print = (...values: unknown[]) => void printed.push(format(...values));
      const spies = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')];
      for (const spy of spies) spy.mockImplementation(print);
      vi.stubEnv('API_TOKEN', token);
      try {
        await import(pathToFileURL(file).href);
        return { error: undefined, stdout: printed.join('\n') };
      } catch (error) {
        return { error, stdout: printed.join('\n') };
      } finally {
        for (const spy of spies) spy.mockRestore();
        vi.unstubAllEnvs();
      }
    },

    /** Runs a program in a process of its own. */
    async start(source: string, token: string) {
      return run(['node', await this.write(source)], { cwd: folder, env: { API_TOKEN: token } });
    },

    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

export type ProgramFolder = Awaited<ReturnType<typeof makeProgramFolder>>;
