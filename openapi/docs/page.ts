/** Prepares the description for Redoc, and Redoc's page for publication. */
import { type Bundle, listOperations, methods } from '../generate/bundle.ts';
import { provenanceOf, provenanceTitle, renderProvenance } from './provenance.ts';
import { renderSamples, sampleLanguages, sampleNote } from './samples.ts';

/** The configuration of Redoc. */
export const redocConfig = {
  openapi: {
    showExtensions: ['x-provenance'],
    schemasExpansionLevel: 2,
    jsonSamplesExpandLevel: 'all',
    maxDisplayedEnumValues: 20,
    // Redoc shows the languages in this order and hides those that are not listed.
    codeSamples: { languages: [...sampleLanguages, { label: 'Payload', lang: 'payload' }] },
  },
};

/** The Content Security Policy of the page. The browser blocks every request, so the page works offline. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const svgUrl = (width: number, drawing: string) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} 16">${drawing}</svg>`)}`;

/** The favicon, a key. It is part of the page, so that browsers do not request it. */
const favicon = svgUrl(
  16,
  '<g fill="none" stroke="#1a73e8" stroke-width="2"><circle cx="5" cy="8" r="3.5"/><path d="M8.5 8H15m-3 0v4"/></g>',
);

/** Returns the name of Redoc as a picture. It replaces the logo, which comes from another host. */
const wordmark = (name: string) => {
  const width = 9 * name.length;
  return svgUrl(width, `<text y="13" textLength="${width}" font-family="sans-serif" fill="#7c8aa0">${name}</text>`);
};

/** Copies the provenance of headers to their schemas, the only place where Redoc shows extensions of a header. */
function markHeaders({ components }: Bundle): void {
  for (const header of Object.values(components.headers ?? {})) {
    header.schema = { ...header.schema, 'x-provenance': provenanceOf(header) };
  }
}

/** Removes the mark of documented statements: most are, and the page explains the mark once. */
function unmarkDocumented(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const marked = node as { 'x-provenance'?: unknown };
  if (marked['x-provenance'] === 'documented') delete marked['x-provenance'];
  for (const child of Object.values(node)) unmarkDocumented(child);
}

/** Returns the section on authentication. Redoc shows security schemes only beside the operations. */
function renderAuthentication({ components }: Bundle): string {
  const schemes = Object.values(components.securitySchemes).map(({ description, 'x-scopes': scopes = {} }) =>
    [
      String(description).trim(),
      ...Object.entries(scopes as Record<string, string>).map(([scope, meaning]) => `- \`${scope}\`: ${meaning}`),
    ].join('\n\n'),
  );
  return ['# Authentication', ...schemes].join('\n\n');
}

/**
 * Removes a single tag. Redoc collapses the operations of a tag, which would hide all of them. Operations without a tag
 * are listed under the tag with the empty name.
 */
function removeSingleTag(description: Bundle): void {
  if (description.tags?.length !== 1) return;
  description.tags = [{ name: '' }];
  for (const item of Object.values(description.paths)) {
    for (const method of methods) delete (item[method] as { tags?: string[] } | undefined)?.tags;
  }
}

/** Puts method and path before the description: on a narrow window, Redoc shows them below all parameters. */
function addTargets(description: Bundle): void {
  for (const { path, method } of listOperations(description)) {
    const operation = description.paths[path]?.[method];
    if (operation) operation.description = `\`${method.toUpperCase()} ${path}\`\n\n${operation.description}`;
  }
}

/** Adds the code samples to the operations, in the extension that Redoc reads. */
function addSamples(description: Bundle, bundle: Bundle, packageName: string): void {
  const samples = renderSamples(bundle, packageName);
  for (const { path, method, operationId } of listOperations(bundle)) {
    const shown = samples.get(operationId)?.map(({ lang, label, source }) => ({ lang, label, source }));
    Object.assign(description.paths[path]?.[method] ?? {}, { 'x-codeSamples': shown });
  }
}

/** Returns the section with the reference of the TypeScript API, if there is one. */
function describeTypescript(reference: string) {
  const [, title = '', description] = /^# (.*)\n+([\s\S]*)$/.exec(reference) ?? [];
  return description === undefined ? [] : [{ name: title, description, 'x-traitTag': true }];
}

/** Returns a copy of the bundle of which Redoc shows everything, with code samples and the provenance of statements. */
export function arrangeForRedoc(bundle: Bundle, packageName: string, typescript = ''): Bundle {
  const description = structuredClone(bundle);
  const note = 'Statements without a mark are documented.';
  const parts = [bundle.info.description, note, sampleNote(packageName), renderAuthentication(bundle)];
  description.info.description = parts.join('\n\n');
  addTargets(description);
  addSamples(description, bundle, packageName);
  markHeaders(description);
  removeSingleTag(description);
  unmarkDocumented(description);
  // A tag comes after the operations. A section of the description would come before them.
  const provenance = { name: provenanceTitle, description: renderProvenance(bundle), 'x-traitTag': true };
  description.tags = [...(description.tags ?? []), ...describeTypescript(typescript), provenance];
  return description;
}

/**
 * Makes the samples send to the server that serves the page under `/docs`, so that a pasted one does not send a token of
 * this server to another. Redoc takes the definition when it starts.
 */
const pointSamples = (baseUrl: string) => `{
        const [, base] = /^(https?:.*)[/]docs$/.exec(location.origin + location.pathname) ?? [];
        const samples = Object.values(__redoc_definition.paths).flatMap(Object.values).flatMap((operation) => operation['x-codeSamples'] ?? []);
        for (const sample of base ? samples : []) sample.source = sample.source.replaceAll(${JSON.stringify(baseUrl)}, base);
      }
      `;

/** Adds a Content Security Policy, a favicon and a link to the Markdown, and removes the remote logo. */
export function finishPage(page: string, markdownFile: string, baseUrl: string): string {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="icon" href="${favicon}">`,
    `<link rel="alternate" type="text/markdown" href="${markdownFile}">`,
  ];
  return page
    .replace('<head>', () => ['<head>', ...head].join('\n  '))
    .replace('hydrate(__redoc_definition', (call) => pointSamples(baseUrl) + call)
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini-full.svg', wordmark('Redoc'))
    .replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', wordmark('R'));
}
