import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bundle } from '../generate/bundle.ts';
import { findRedocly, runRedocly } from '../redocly.ts';
import { findBundle, root } from '../root.ts';
import { readGuides } from './guides.ts';
import { renderLlms } from './llms.ts';
import { arrangeForRedoc, finishPage, redocConfig } from './page.ts';
import { renderReference } from './reference.ts';

/** The file names of the docs: the page, the references of the HTTP and the TypeScript API as Markdown, and llms.txt. */
export const docsFiles = {
  ...{ page: 'index.html', markdown: 'docs.md', typescript: 'typescript.md', llms: 'llms.txt' },
} as const;

const packageFile = join(root, 'package.json');
/** The reference of the TypeScript API: in the repository, and in the installed package. */
const typescriptFiles = [join(root, 'client/reference.md'), join(root, 'dist/package/docs', docsFiles.typescript)];

/** Reads the reference of the TypeScript API, without its first line; empty where there is none. */
export async function readTypescript(): Promise<string> {
  const file = typescriptFiles.find((one) => existsSync(one));
  return file === undefined ? '' : (await readFile(file, 'utf8')).replace(/^<!--.*-->\n+/, '');
}

/** Renders the page with Redoc. Writes temporary files to `folder` and does not delete them. */
async function buildPage(description: Bundle, folder: string): Promise<string> {
  const [input, page] = [join(folder, 'openapi.json'), join(folder, 'redoc.html')];
  // The repository's redocly.yaml does not apply: the package lacks its lint rules. JSON is valid YAML.
  const config = join(folder, 'redocly.yaml');
  await writeFile(input, JSON.stringify(description));
  await writeFile(config, JSON.stringify(redocConfig));
  await runRedocly('build-docs', input, '--config', config, '--inlineBundle', '--output', page);
  return finishPage(await readFile(page, 'utf8'), docsFiles.markdown, description.servers?.[0]?.url ?? '');
}

/**
 * Builds the docs of the bundle in the folder `output`. The same bundle gives the same bytes. Each file is replaced
 * atomically, because a server may read it at the same time.
 *
 * @throws Error when the bundle is missing, `@redocly/cli` is not installed or fails, or a file cannot be written.
 */
export async function buildDocs({ output }: { output: string }): Promise<void> {
  const [bundle, { name }] = (await Promise.all(
    [findBundle(), packageFile].map(async (file) => JSON.parse(await readFile(file, 'utf8'))),
  )) as [Bundle, { name: string }];
  const [guides, typescript] = await Promise.all([readGuides(), readTypescript()]);
  await mkdir(output, { recursive: true });
  const folder = await mkdtemp(join(output, '.docs-'));
  try {
    const contents = {
      page: await buildPage(arrangeForRedoc(bundle, name, guides, typescript), folder),
      markdown: renderReference(bundle, name, guides),
      llms: renderLlms(bundle, docsFiles, guides),
      typescript: typescript || '# TypeScript API\n\n`npm run generate` writes this reference.\n',
    };
    for (const [kind, file] of Object.entries(docsFiles)) {
      await writeFile(join(folder, file), contents[kind as keyof typeof contents]);
      await rename(join(folder, file), join(output, file));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Whether a file of the docs in the folder `output` is missing, or older than the sources of the docs. */
export async function areDocsStale({ output }: { output: string }): Promise<boolean> {
  const mtimeOf = async (file: string) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const code = dirname(import.meta.dirname);
  const sources = (await readdir(code, { recursive: true })).filter((name) => /\.(?:[jt]s|md)$/.test(name));
  const inputs = [
    findBundle(),
    packageFile,
    findRedocly(),
    ...typescriptFiles,
    ...sources.map((name) => join(code, name)),
  ];
  const built = await Promise.all(Object.values(docsFiles).map((file) => mtimeOf(join(output, file))));
  const newest = Math.max(...(await Promise.all(inputs.map(mtimeOf))));
  return newest >= Math.min(...built);
}
