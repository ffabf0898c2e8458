// @databases none
import { mkdir, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { docsFiles } from '../../openapi/docs/build.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';

const outputs = Object.values(docsFiles).map((name) => `dist/docs/${name}`);
const inputs = [
  'generated/openapi.json',
  'package.json',
  'openapi/docs.ts',
  'openapi/docs/samples.ts',
  'openapi/docs/page.ts',
  'openapi/generate/client.ts',
  'openapi/redocly.ts',
];
const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);

describe('built docs', () => {
  let copy: ProjectCopy;
  let isStale: () => Promise<boolean>;

  beforeAll(async () => {
    copy = await copyProject('openapi', 'generated', 'package.json');
    await mkdir(join(copy.folder, 'dist/docs'), { recursive: true });
    const { href } = pathToFileURL(join(copy.folder, 'openapi/docs/build.ts'));
    const { areDocsStale } = (await import(href)) as typeof import('../../openapi/docs/build.ts');
    isStale = () => areDocsStale({ output: join(copy.folder, 'dist/docs') });
  });
  afterAll(() => copy[Symbol.asyncDispose]());

  /** Writes outputs that are newer than their inputs. */
  async function build(): Promise<void> {
    for (const file of outputs) {
      await copy.write(file, file);
      await utimes(join(copy.folder, file), later(1), later(1));
    }
  }

  test('are fresh while no input changes', async () => {
    await build();
    expect(await isStale()).toBe(false);
    expect(await copy.run(['node', 'openapi/docs.ts', '--if-stale'])).toEqual({ code: 0, stdout: '', stderr: '' });
    for (const file of outputs) expect(await copy.read(file)).toBe(file);
  });

  test.each(inputs)('are stale after a change of %s', async (file) => {
    await build();
    await utimes(join(copy.folder, file), later(2), later(2));
    expect(await isStale()).toBe(true);
    await utimes(join(copy.folder, file), later(0), later(0));
    expect(await isStale()).toBe(false);
  });

  test.each(outputs)('are stale without %s', async (file) => {
    await build();
    await rm(join(copy.folder, file));
    expect(await isStale()).toBe(true);
  });
});
