import { type Bundle, listOperations } from '../generate/bundle.ts';
import type { Guides } from './guides.ts';
import { targetOf } from './reference-operation.ts';
import { anchorOf } from './schema-words.ts';

const firstSentence = (text: string) => (/^.*?\.(?=\s|$)/s.exec(text.trim())?.[0] ?? text).replaceAll(/\s+/g, ' ');

/**
 * Renders llms.txt, which the server serves at its root. It leads language models to the reference.
 *
 * @see https://llmstxt.org
 */
export function renderLlms(
  bundle: Bundle,
  { markdown: markdownFile, typescript }: { readonly markdown: string; readonly typescript: string },
  guides?: Guides,
): string {
  const { title, version, summary, description = '' } = bundle.info;
  const schemes = Object.values(bundle.components.securitySchemes).map((scheme) =>
    String(scheme.description ?? '').trim(),
  );
  const operations = listOperations(bundle).map(
    (operation) =>
      `- [${operation.summary}](/${markdownFile}#${anchorOf(operation.summary)}): ${targetOf(operation)}. ${firstSentence(operation.description)}`,
  );
  const subjects = (guides?.subjects ?? []).map(
    ({ title, text }) => `- [${title}](/${markdownFile}#${anchorOf(title)}): ${firstSentence(text)}`,
  );
  const guideList = subjects.length === 0 ? '' : `## Guides\n\n${subjects.join('\n')}\n\n`;
  return `# ${title}

${summary === undefined ? '' : `> ${summary}\n\n`}Version ${version}, served at ${(bundle.servers ?? []).map(({ url }) => url).join(' and ')}.

${description.trim()}

${schemes.join('\n\n')}

## Reference

- [Reference](/${markdownFile}): every operation with its parameters, limits, examples, problems and code samples, in Markdown
- [TypeScript API](/${typescript}): every export of the npm package, with its types and an example, in Markdown
- [OpenAPI description](/openapi.json): the same for programs, in one JSON file

## Operations

${operations.join('\n')}

${guideList}## Optional

- [Docs page](/docs): the reference for people, as HTML
`;
}
