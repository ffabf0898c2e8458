/**
 * Builds the docs page: one self-contained file, byte-identical for the same description.
 *
 *   npm run docs                          writes dist/docs/index.html
 *   node openapi/docs.ts --if-stale       only when it is older than what it is made from
 *   node openapi/docs.ts --output FILE    writes FILE instead
 */
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bundle, deref, methods, type Schema } from './generate/bundle.ts';
import { redocly, redoclyCli } from './redocly.ts';

type Description = Bundle & {
  tags?: unknown[];
  components: { headers?: Record<string, { schema: Schema; 'x-provenance'?: unknown }> };
};

const root = resolve(import.meta.dirname, '..');
const bundle = join(root, 'generated/openapi.json');
const config = join(root, 'redocly.yaml');

/** The browser itself then refuses any request to elsewhere, wherever the file is opened. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const picture = (width: number, drawing: string) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 16">${drawing}</svg>`)}`;

/** A key, in the page itself so that no browser asks the server for a favicon. */
const favicon = picture(
  16,
  '<g fill="none" stroke="#1a73e8" stroke-width="2"><circle cx="5" cy="8" r="3.5"/><path d="M8.5 8H15m-3 0v4"/></g>',
);

/** The name of Redoc, in letters: its badge would fetch a logo from another host. */
const wordmark = (name: string) => {
  const width = 9 * name.length;
  return picture(width, `<text y="13" textLength="${width}" font-family="sans-serif" fill="#7c8aa0">${name}</text>`);
};

/**
 * Arranges the description so that Redoc shows all of it. Redoc reads a header's extensions in the header's schema only,
 * drops those beside an `anyOf` (an open list of strings names the known ones in its description instead), and folds
 * the operations of a tag away, which is all of them where there is one tag.
 */
function arrangeForRedoc(description: Description): Description {
  const { tags = [], paths, components } = description;
  for (const header of Object.values(components.headers ?? {})) {
    header.schema = { ...header.schema, 'x-provenance': header['x-provenance'] };
  }
  for (const schema of Object.values(components.schemas)) {
    const members = ((schema.anyOf ?? []) as Schema[]).map((member) => deref<Schema>(description, member));
    if (members.length === 0 || members.some(({ type }) => type !== 'string')) continue;
    const known = members.flatMap((member) => member.enum ?? []).map((value) => `\`${value}\``);
    delete schema.anyOf;
    Object.assign(schema, { type: 'string', description: `${schema.description} Known: ${known.join(', ')}.` });
  }
  if (tags.length === 1) {
    delete description.tags;
    for (const item of Object.values(paths)) {
      for (const method of methods) delete (item[method] as { tags?: string[] } | undefined)?.tags;
    }
  }
  return description;
}

/** Redoc's page as it is published: with the policy and the favicon, without the foreign logo. */
function finish(page: string): string {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="icon" href="${favicon}">`,
  ];
  return page
    .replace('<head>', () => ['<head>', ...head].join('\n  '))
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini-full.svg', wordmark('Redoc'))
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', wordmark('R'));
}

/** Writes the page whole or not at all: a server may read it at the same moment. */
async function buildDocs(output: string): Promise<void> {
  await mkdir(dirname(output), { recursive: true });
  const folder = await mkdtemp(join(dirname(output), '.docs-'));
  const [description, page] = [join(folder, 'openapi.json'), join(folder, 'index.html')];
  try {
    await writeFile(description, JSON.stringify(arrangeForRedoc(JSON.parse(await readFile(bundle, 'utf8')))));
    await redocly('build-docs', description, '--config', config, '--inlineBundle', '--output', page);
    await writeFile(page, finish(await readFile(page, 'utf8')));
    await rename(page, output);
  } finally {
    await rm(folder, { recursive: true });
  }
  console.log(`The docs page is ${relative(process.cwd(), output)}`);
}

async function isStale(output: string): Promise<boolean> {
  const changed = async (file: string) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0;
  const made = await changed(output);
  const sources = await Promise.all([bundle, config, redoclyCli, import.meta.filename].map(changed));
  return sources.some((source) => source >= made);
}

const { values } = parseArgs({
  options: { 'if-stale': { type: 'boolean' }, output: { type: 'string', default: join(root, 'dist/docs/index.html') } },
});
const output = resolve(values.output);
if (!values['if-stale'] || (await isStale(output))) await buildDocs(output);
