/** Prepares the description for Redoc, and Redoc's page for publication. */
import { type Bundle, listOperations, methods } from '../generate/bundle.ts';
import { type Guides, guideServer } from './guides.ts';
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

/**
 * The style of the page beside that of Redoc. Code wraps, so that no line is cut off. The colors have a contrast of 4.5 to 1
 * (WCAG 2.2, 1.4.3), which some of Redoc's lack. A section without a second column takes its place.
 */
const style = `
    html:root pre[data-language], html:root pre[data-testid="source-code"] { white-space: pre-wrap; overflow-wrap: anywhere; }
    html:root pre[data-language] { font-size: 12px; }
    html:root [data-section-id]:not(:has(.panel-request-samples)) [data-testid="right-panel"]:empty { display: none; }
    html:root [data-section-id]:not(:has(.panel-request-samples)) [data-testid="middle-panel"]:has(+ :empty) { width: 100%; max-width: 800px; }
    html:root { --search-trigger-color: #6b6d78; --link-color-primary: #1a5fcc; --button-content-color-link: #1a5fcc; }
    html:root { --code-block-tokens-function-color: #9a4d08; --code-block-tokens-string-color: #2159b3; }
    html:root { --code-block-tokens-boolean-color: #0d6b37; }
    html:root .tag-get.tag-get { --tag-color: #117540; }
    html:root .tag-patch.tag-patch { --tag-color: #7d5b00; }
    html:root .tag-delete.tag-delete { --tag-color: #c40c3b; }
    html:root.dark { --search-trigger-color: #a5a7b3; --link-color-primary: #7fb0ff; --button-content-color-link: #7fb0ff; }
    html:root.dark { --code-block-tokens-function-color: #eda768; --code-block-tokens-string-color: #8ab8f5; }
    html:root.dark { --code-block-tokens-boolean-color: #68cc97; }
    html:root.dark .tag-get.tag-get { --tag-color: #68cc97; }
    html:root.dark .tag-patch.tag-patch { --tag-color: #f0cf6a; }
    html:root.dark .tag-delete.tag-delete { --tag-color: #f58fa9; }
    html.dark .schema-name { color: var(--text-color-primary) !important; }
  `;

/** Copies the provenance of headers to their schemas, the only place where Redoc shows extensions of a header. */
function markHeaders({ components }: Bundle): void {
  for (const header of Object.values(components.headers ?? {})) {
    header.schema = { ...header.schema, 'x-provenance': provenanceOf(header) };
  }
}

/** Writes characters of patterns that cannot be seen as escapes. */
function escapePatterns(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as { pattern?: unknown };
  const toEscape = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  if (typeof schema.pattern === 'string') schema.pattern = schema.pattern.replaceAll(/[^!-~ ]/g, toEscape);
  for (const child of Object.values(node)) escapePatterns(child);
}

/** Removes the mark of documented statements: most are, and the page explains the mark once. */
function unmarkDocumented(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const marked = node as { 'x-provenance'?: unknown };
  if (marked['x-provenance'] === 'documented') delete marked['x-provenance'];
  for (const child of Object.values(node)) unmarkDocumented(child);
}

/** Returns the section on authentication. Redoc shows security schemes only beside the operations. */
function renderAuthentication({ components }: Bundle, { authentication }: Guides): string {
  const schemes = Object.values(components.securitySchemes).map(({ description, 'x-scopes': scopes = {} }) =>
    [
      String(description).trim(),
      ...Object.entries(scopes as Record<string, string>).map(([scope, meaning]) => `- \`${scope}\`: ${meaning}`),
    ].join('\n\n'),
  );
  return [`# ${authentication.title}`, ...schemes, authentication.text].join('\n\n');
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

/** Returns the first sentence of the section of an export. */
const summaryOf = (section: string) => (/^[A-Z`][^#>|]*?\.(?=\s)/m.exec(section)?.[0] ?? '').replaceAll(/\s+/g, ' ');

/** Returns a section that lists the exports of the package, each with its first sentence. The whole would slow the page. */
function toSections(reference: string) {
  const [intro = '', ...entries] = reference.split(/^## /m);
  const [, title] = /^# (.*)$/m.exec(intro) ?? [];
  if (title === undefined) return [];
  const lists = entries.map((entry) => {
    const [name = '', ...exported] = entry.split(/^### /m);
    const lines = exported.map((section) => {
      const [symbol = '', ...text] = section.split('\n');
      return `- \`${symbol}\` ${summaryOf(text.join('\n'))}`.trimEnd();
    });
    return `**${name.trim()}**\n\n${lines.join('\n')}`;
  });
  const link = 'The [whole reference](typescript.md) has the types, and an example of each.';
  return [{ title, text: [link, ...lists].join('\n\n') }];
}

/** Adds to the paragraph on provenance how the page shows it. */
const explainMarks = (paragraph: string) =>
  paragraph.includes('`x-provenance`') ? `${paragraph} On this page, what has no mark is \`documented\`.` : paragraph;

/** Returns a copy of the bundle of which Redoc shows everything, with code samples and the provenance of statements. */
export function arrangeForRedoc(bundle: Bundle, packageName: string, guides: Guides, typescript = ''): Bundle {
  const description = structuredClone(bundle);
  const paragraphs = (bundle.info.description ?? '').trim().split('\n\n').map(explainMarks);
  const parts = [...paragraphs, sampleNote(packageName), renderAuthentication(bundle, guides)];
  description.info.description = parts.join('\n\n');
  addTargets(description);
  addSamples(description, bundle, packageName);
  markHeaders(description);
  removeSingleTag(description);
  unmarkDocumented(description);
  escapePatterns(description);
  // A tag comes after the operations. A section of the description would come before them.
  const sections = [
    ...guides.subjects,
    ...toSections(typescript),
    { title: provenanceTitle, text: renderProvenance(bundle) },
  ];
  const tags = sections.map(({ title, text }) => ({ name: title, description: text, 'x-traitTag': true }));
  description.tags = [...(description.tags ?? []), ...tags];
  return description;
}

/**
 * Makes the samples send to the server that serves the page under `/docs`, so that a pasted one does not send a token of
 * this server to another. Redoc takes the definition when it starts.
 */
const pointSamples = (baseUrl: string) => `{
        const [, base] = /^(https?:.*)[/]docs$/.exec(location.origin + location.pathname) ?? [];
        const { paths, info, tags } = __redoc_definition;
        const samples = Object.values(paths).flatMap(Object.values).flatMap((operation) => operation['x-codeSamples'] ?? []);
        const point = (owner, text, from) => { owner[text] = owner[text].replaceAll(from, base); };
        if (base) {
          for (const sample of samples) point(sample, 'source', ${JSON.stringify(baseUrl)});
          for (const owner of [info, ...tags]) if (owner.description) point(owner, 'description', ${JSON.stringify(guideServer)});
        }
      }
      `;

/** Adds a Content Security Policy, a favicon and a link to the Markdown, and removes the remote logo. */
export function finishPage(page: string, markdownFile: string, baseUrl: string): string {
  const head = [
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<link rel="icon" href="${favicon}">`,
    `<style>${style}</style>`,
    `<link rel="alternate" type="text/markdown" href="${markdownFile}">`,
  ];
  return (
    page
      .replace('<head>', () => ['<head>', ...head].join('\n  '))
      // Redoc waits half a second for further letters before it searches. The index is in the page, so it need not.
      .replace(/(setTimeout\(\(\)=>\w+\(\w+\)),500(\);return\(\)=>clearTimeout)/, '$1,0$2')
      .replace('hydrate(__redoc_definition', (call) => pointSamples(baseUrl) + call)
      .replaceAll('https://cdn.redoc.ly/redoc/logo-mini-full.svg', wordmark('Redoc'))
      .replaceAll('https://cdn.redoc.ly/redoc/logo-mini.svg', wordmark('R'))
  );
}
