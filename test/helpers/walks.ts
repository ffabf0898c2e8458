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

/** A part of a step, in the order of the text: a block with changes, or words that say what to run. */
export interface Part {
  readonly edits: readonly Edit[];
  /** The commands `npm run …` of the words. */
  readonly commands: readonly string[];
  /** The files that the compiler names, by the words; undefined where they do not say. */
  readonly named: readonly string[] | undefined;
}

/** A numbered step of a walk. */
export type Step = readonly Part[];

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

function readWords(text: string): Part {
  const words = text.replaceAll(/\s+/g, ' ');
  const [, named] = /compiler names ((?:(?!\. ).)*)/.exec(words) ?? [];
  return {
    edits: [],
    commands: [...words.matchAll(/`npm run (\w+)`/g)].map(([, command = '']) => command),
    named: named === undefined ? undefined : [...named.matchAll(/`([\w./-]+\.ts)`/g)].map(([, file = '']) => file),
  };
}

function readPart(text: string): Part {
  const [, kind, block = ''] = /^```(\w+)\n([\s\S]*?)^```$/m.exec(text) ?? [];
  if (kind === undefined) return readWords(text);
  return { edits: kind === 'diff' ? readDiff(block) : readFile(block), commands: [], named: undefined };
}

const readStep = (text: string): Step =>
  text
    .replaceAll(/^ {3}/gm, '')
    .split(/(^```\w+\n[\s\S]*?^```$)/m)
    .filter((part) => part.trim() !== '')
    .map(readPart);

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

/** Makes edits in a copy. @throws Error for lines that a file does not have. */
export async function makeEdits(copy: ProjectCopy, { edits }: Pick<Part, 'edits'>): Promise<void> {
  for (const { file, from, to } of edits) {
    await mkdir(dirname(join(copy.folder, file)), { recursive: true });
    if (from === undefined) await copy.write(file, to);
    else await copy.edit(file, from, to);
  }
}
