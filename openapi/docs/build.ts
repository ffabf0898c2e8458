import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from '../generate/bundle.ts';
import { findRedocly, runRedocly } from '../redocly.ts';
import { findBundle, root } from '../root.ts';
import { renderLlms } from './llms.ts';
import { arrangeForRedoc, finishPage, redocConfig } from './page.ts';
import { renderReference } from './reference.ts';

/** The files of the docs: the page, the same as Markdown, and what tells a language model where they are. */
export const docsFiles = { page: 'index.html', markdown: 'docs.md', llms: 'llms.txt' } as const;

const packageFile = join(root, 'package.json');

/** Redoc's page of a description, made in a folder where it may leave things behind. */
async function buildPage(description: Bundle, folder: string): Promise<string> {
  const [input, page] = [join(folder, 'openapi.json'), join(folder, 'redoc.html')];
  // A configuration of its own, since the lint rules of this repository are not in the package. JSON is YAML too.
  const config = join(folder, 'redocly.yaml');
  await writeFile(input, JSON.stringify(description));
  await writeFile(config, JSON.stringify(redocConfig));
  await runRedocly('build-docs', input, '--config', config, '--inlineBundle', '--output', page);
  return finishPage(await readFile(page, 'utf8'), docsFiles.markdown);
}

/**
 * Builds the docs of the bundle into the folder `output`. The same bundle gives the same bytes, and each file appears
 * whole or not at all: a server may read it at the same moment. Needs `@redocly/cli`.
 */
export async function buildDocs({ output }: { output: string }): Promise<void> {
  const [bundle, { name }] = (await Promise.all(
    [findBundle(), packageFile].map(async (file) => JSON.parse(await readFile(file, 'utf8'))),
  )) as [Bundle, { name: string }];
  await mkdir(output, { recursive: true });
  const folder = await mkdtemp(join(output, '.docs-'));
  try {
    const contents = {
      page: await buildPage(arrangeForRedoc(bundle, name), folder),
      markdown: renderReference(bundle, name),
      llms: renderLlms(bundle, docsFiles.markdown),
    };
    for (const [kind, file] of Object.entries(docsFiles)) {
      await writeFile(join(folder, file), contents[kind as keyof typeof contents]);
      await rename(join(folder, file), join(output, file));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether docs in the folder `output` lack a file, or have one that is older than what it is made from. */
export async function areDocsStale({ output }: { output: string }): Promise<boolean> {
  const changed = async (file: string) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const code = dirname(import.meta.dirname);
  const sources = (await readdir(code, { recursive: true })).filter((name) => /\.[jt]s$/.test(name));
  const inputs = [findBundle(), packageFile, findRedocly(), ...sources.map((name) => join(code, name))];
  const made = await Promise.all(Object.values(docsFiles).map((file) => changed(join(output, file))));
  const newest = Math.max(...(await Promise.all(inputs.map(changed))));
  return newest >= Math.min(...made);
}
