/** The docs page: the description as Redoc shows it best, and Redoc's page as it is published. */
import { type Bundle, deref, listOperations, methods, type Schema } from '../generate/bundle.ts';
import { provenanceOf, provenanceTitle, renderProvenance } from './provenance.ts';
import { renderSamples, sampleLanguages, sampleNote } from './samples.ts';

/** How Redoc shows it. */
export const redocConfig = {
  openapi: {
    showExtensions: ['x-provenance'],
    schemasExpansionLevel: 2,
    jsonSamplesExpandLevel: 'all',
    maxDisplayedEnumValues: 20,
    // In this order; a language that is not listed is not shown.
    codeSamples: { languages: [...sampleLanguages, { label: 'Payload', lang: 'payload' }] },
  },
};

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

/** Redoc reads a header's extensions in the header's schema only. */
function markHeaders({ components }: Bundle): void {
  for (const header of Object.values(components.headers ?? {})) {
    header.schema = { ...header.schema, 'x-provenance': provenanceOf(header) };
  }
}

/** Redoc drops extensions beside an `anyOf`: an open list of strings names the known ones in its description instead. */
function spellOutLists(description: Bundle): void {
  for (const schema of Object.values(description.components.schemas)) {
    const members = ((schema.anyOf ?? []) as Schema[]).map((member) => deref<Schema>(description, member));
    if (members.length === 0 || members.some(({ type }) => type !== 'string')) continue;
    const known = members.flatMap((member) => member.enum ?? []).map((value) => `\`${value}\``);
    delete schema.anyOf;
    Object.assign(schema, { type: 'string', description: `${schema.description} Known: ${known.join(', ')}.` });
  }
}

/**
 * Redoc folds the operations of a tag away, which is all of them where there is one tag. Without a tag they are shown in
 * the place of the tag with the empty name.
 */
function unfoldTag(description: Bundle): void {
  if (description.tags?.length !== 1) return;
  description.tags = [{ name: '' }];
  for (const item of Object.values(description.paths)) {
    for (const method of methods) delete (item[method] as { tags?: string[] } | undefined)?.tags;
  }
}

/** Redoc takes an operation's samples from its extension. */
function addSamples(description: Bundle, bundle: Bundle, packageName: string): void {
  const samples = renderSamples(bundle, packageName);
  for (const { path, method, operationId } of listOperations(bundle)) {
    const shown = samples.get(operationId)?.map(({ lang, label, source }) => ({ lang, label, source }));
    Object.assign(description.paths[path]?.[method] ?? {}, { 'x-codeSamples': shown });
  }
}

/** Arranges a bundle so that Redoc shows all of it, with code samples and where its statements come from. */
export function arrangeForRedoc(bundle: Bundle, packageName: string): Bundle {
  const description = structuredClone(bundle);
  description.info.description = [bundle.info.description, sampleNote(packageName)].join('\n\n');
  addSamples(description, bundle, packageName);
  markHeaders(description);
  spellOutLists(description);
  unfoldTag(description);
  // Behind the operations, where a section of the description would stand before them.
  const provenance = { name: provenanceTitle, description: renderProvenance(bundle), 'x-traitTag': true };
  description.tags = [...(description.tags ?? []), provenance];
  return description;
}

/** Redoc's page as it is published: with policy, favicon and a link to its Markdown, without the foreign logo. */
export function finishPage(page: string, markdownFile: string): string {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="icon" href="${favicon}">`,
    `<link rel="alternate" type="text/markdown" href="${markdownFile}">`,
  ];
  return page
    .replace('<head>', () => ['<head>', ...head].join('\n  '))
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini-full.svg', wordmark('Redoc'))
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', wordmark('R'));
}
