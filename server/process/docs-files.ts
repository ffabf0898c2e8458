import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Docs } from '../http/public-pages.ts';
import { findFile } from './package-files.ts';

const root = () => dirname(findFile('package.json'));
/** The folder of the built docs. */
export const docsFolder = (): string => join(root(), 'dist/docs');
/** The folder with the docs as text that the package brings. */
const packedFolder = () => join(root(), 'dist/package/docs');

/** Reads files of a folder; undefined unless all are there. */
async function readAll(folder: string, names: readonly string[]): Promise<Buffer[] | undefined> {
  return Promise.all(names.map((name) => readFile(join(folder, name)))).catch(() => undefined);
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;' };

/** Renders a page that shows the reference as text, and says how to get the built one. */
function renderTextPage(...references: readonly (Buffer | undefined)[]): string {
  const text = references.join('\n').replaceAll(/[&<]/g, (sign) => escapes[sign] ?? '');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>API reference</title>
<p>This is the reference as text. To get it as a page, install <code>@redocly/cli</code> beside this package and start the server again.</p>
<pre style="white-space: pre-wrap">${text}</pre>
</html>
`;
}

/** Reads the built docs, or else the text that the package brings; undefined where there is neither. */
export async function readDocs(): Promise<Docs | undefined> {
  const built = await readAll(docsFolder(), ['index.html', 'docs.md', 'llms.txt', 'typescript.md']);
  if (built) return toDocs(built);
  const packed = await readAll(packedFolder(), ['docs.md', 'llms.txt', 'typescript.md']);
  return packed && toDocs([renderTextPage(packed[0], packed[2]), ...packed]);
}

function toDocs([page = '', markdown = '', llms = '', typescript = '']: readonly (string | Buffer)[]): Docs {
  return { page, markdown, llms, typescript };
}
