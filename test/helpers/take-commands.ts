import { expect } from 'vitest';
import { checkTypes } from './process.ts';
import type { ProjectCopy } from './project-copy.ts';
import type { Part } from './walks.ts';

/** The files that the compiler names, without those of tests. */
const namedIn = (output: string) => [
  ...new Set([...output.matchAll(/^(\S+\.ts)\(\d+,\d+\): error/gm)].map(([, file = '']) => file)),
];

/** Runs the commands of a part of a walk in a copy, and compares the files that the compiler names with those of the words. */
export async function takeCommands(copy: ProjectCopy, { commands, named }: Part): Promise<void> {
  if (commands.includes('generate')) {
    const { code, stderr } = await copy.run(['node', 'openapi/generate.ts']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
  if (!commands.includes('check') && named === undefined) return;
  const { stdout } = await copy.run([...checkTypes, '--pretty', 'false']);
  const found = namedIn(stdout).filter((file) => !file.startsWith('test/'));
  expect(found.sort(), stdout).toEqual([...(named ?? [])].sort());
}
