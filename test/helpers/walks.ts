/** The walks of CONTRIBUTING, as steps that a test takes in a copy of the project. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { root } from './process.ts';
import type { ProjectCopy } from './project-copy.ts';

/** A change of a file: some of its lines, and those in their place. A new file has no lines yet. */
export interface Edit {
  readonly file: string;
  readonly from: string | undefined;
  readonly to: string;
}

/** A numbered step of a walk. */
export interface Step {
  readonly text: string;
  readonly edits: readonly Edit[];
  /** The commands `npm run …` that the step has run. */
  readonly commands: readonly string[];
  /** The files that the compiler names at this step; undefined where the step does not say. */
  readonly named: readonly string[] | undefined;
}

/** Reads the edits of a block `diff`. Lines of a file that are the same on both sides say where the others belong. */
function readDiff(block: string): Edit[] {
  return block
    .split(/^--- /m)
    .slice(1)
    .map((part) => {
      const [file = '', ...lines] = part.trimEnd().split('\n');
      const side = (removed: string) => lines.filter((line) => !line.startsWith(removed)).map((line) => line.slice(1));
      return { file, from: side('+').join('\n'), to: side('-').join('\n') };
    });
}

/** Reads the new file of any other block, whose first line is a comment with its path. */
function readFile(block: string): Edit[] {
  const [, file, text] = /^(?:#|\/\/) (\S+\/\S+)\n([\s\S]*)$/.exec(block) ?? [];
  return file === undefined || text === undefined ? [] : [{ file, from: undefined, to: `${text.trimEnd()}\n` }];
}

function readStep(text: string): Step {
  const lines = text.replaceAll(/^ {3}/gm, '');
  const blocks = [...lines.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  const words = lines.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/\s+/g, ' ');
  const [, named] = /compiler names ((?:(?!\. ).)*)/.exec(words) ?? [];
  return {
    text: words,
    edits: blocks.flatMap(([, kind, block = '']) => (kind === 'diff' ? readDiff(block) : readFile(block))),
    commands: [...words.matchAll(/`npm run (\w+)`/g)].map(([, command = '']) => command),
    named: named === undefined ? undefined : [...named.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file),
  };
}

/** Reads the steps of a walk of CONTRIBUTING. @throws Error where there is none with this title. */
export function readWalk(title: string): Step[] {
  const text = readFileSync(join(root, '.github/CONTRIBUTING.md'), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`CONTRIBUTING has no section ${title}`);
  return section
    .split(/^\d+\. /m)
    .slice(1)
    .map(readStep);
}

/** Makes the edits of a step in a copy. @throws Error for lines that a file does not have. */
export async function makeEdits(copy: ProjectCopy, { edits }: Pick<Step, 'edits'>): Promise<void> {
  for (const { file, from, to } of edits) {
    await mkdir(dirname(join(copy.folder, file)), { recursive: true });
    if (from === undefined) await copy.write(file, to);
    else await copy.edit(file, from, to);
  }
}
