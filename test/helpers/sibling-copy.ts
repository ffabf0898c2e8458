/** A copy of the project with a second resource: the fixture `credentials`, added by the walk of CONTRIBUTING. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './process.ts';
import { copyProject, type ProjectCopy } from './project-copy.ts';
import { makeEdits, type Part, readWalk } from './walks.ts';

/** The hand-written files of the resource, by their paths in the project. */
export const fixture = join(root, 'test/fixtures/credentials');

/** Everything that `npm run check` and the tests read. */
export const copied = [
  ...['client', 'generated', 'openapi', 'server', 'test'],
  '.gitignore',
  'biome.json',
  'package.json',
  'redocly.yaml',
  'tsconfig.build.json',
  'tsconfig.json',
  'vitest.config.ts',
];

/**
 * Copies the project and adds the resource, up to what is generated.
 * @param taken Called after each part of the walk.
 */
export async function copyWithSibling(
  taken: (copy: ProjectCopy, part: Part) => Promise<void> = async () => {},
): Promise<ProjectCopy> {
  const copy = await copyProject(...copied);
  const add = (folder: string) => cp(join(fixture, folder), join(copy.folder, folder), { recursive: true });
  await add('openapi');
  for (const [index, step] of readWalk('Add a resource').entries()) {
    // The files of the server are written at the steps that declare, migrate and handle.
    if (index === 2) await add('server/store');
    if (index === 4) await add('server/credentials');
    for (const part of step) {
      await makeEdits(copy, part);
      await taken(copy, part);
    }
  }
  return copy;
}
