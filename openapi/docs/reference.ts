/** The reference as one Markdown document, for people and for language models. */
import { type Bundle, deref, listOperations } from '../generate/bundle.ts';
import { provenanceOf, provenanceTitle, renderProvenance } from './provenance.ts';
import {
  json,
  problemMediaType,
  renderOperation,
  renderProperties,
  scopesOf,
  targetOf,
  titleOf,
} from './reference-operation.ts';
import { renderSamples, sampleNote } from './samples.ts';
import { code, describeSchema, linkTo, tableOf } from './schema-words.ts';

/** The kinds of problem, each with the members that are the same for every occurrence, and one in full. */
function renderProblemTypes(bundle: Bundle): string[] {
  const examples = listOperations(bundle).flatMap(({ responses }) =>
    Object.values(responses).flatMap(({ content }) =>
      Object.values(content?.[problemMediaType]?.examples ?? {}).map(
        (example) => deref<{ value: unknown }>(bundle, example).value as Record<string, unknown>,
      ),
    ),
  );
  const kinds = [...new Map(examples.map((problem) => [problem.type, problem])).values()];
  const rows = kinds
    .sort((a, b) => Number(a.status) - Number(b.status))
    .map(({ status, type, summary }) => [String(status), code(type), String(summary)]);
  const fullest = kinds.toSorted((a, b) => Object.keys(b).length - Object.keys(a).length)[0];
  return ['## Problem types', tableOf(['Status', '`type`', '`summary`'], rows), 'One in full:', json(fullest)];
}

function renderHeaders(bundle: Bundle): string[] {
  const headers = listOperations(bundle)
    .flatMap(({ responses }) => Object.values(responses).flatMap((response) => Object.entries(response.headers ?? {})))
    .map(([name, header]) => ({ name, header: deref(bundle, header) }));
  const rows = headers.map(({ name, header }) => [
    code(name),
    describeSchema(bundle, header.schema),
    header.description ?? '',
    Object.values(header.examples ?? {})
      .map((example) => code(deref<{ value: unknown }>(bundle, example).value))
      .join(', '),
    provenanceOf(header),
  ]);
  const unique = [...new Map(rows.map((row) => [row.join(), row])).values()];
  return ['## Response headers', tableOf(['Header', 'Type and limits', 'Meaning', 'Example', 'Mark'], unique)];
}

/** The schemas of what is answered; those of what is sent stand at their operations. */
function renderSchemas(bundle: Bundle): string[] {
  const sent = listOperations(bundle).flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).map(({ schema }) => titleOf(bundle, schema)),
  );
  const shown = Object.values(bundle.components.schemas).filter(
    ({ title, properties }) => properties !== undefined && !sent.includes(String(title)),
  );
  return [
    '## Schemas',
    ...shown.flatMap((schema) => [
      `### ${schema.title}`,
      ...(schema.description === undefined ? [] : [String(schema.description).trim()]),
      renderProperties(bundle, schema),
    ]),
  ];
}

function renderAccess({ components, servers = [] }: Bundle): string[] {
  const schemes = Object.values(components.securitySchemes).flatMap(({ description, 'x-scopes': scopes = {} }) => [
    String(description).trim(),
    Object.entries(scopes as Record<string, string>)
      .map(([scope, meaning]) => `- ${code(scope)}: ${meaning}`)
      .join('\n'),
  ]);
  return [
    '## Servers and tokens',
    servers.map(({ url, description }) => `- <${url}> ${description}`).join('\n'),
    ...schemes,
  ];
}

/** The whole reference of a bundle. `packageName` is where the client of the samples comes from. */
export function renderReference(bundle: Bundle, packageName: string): string {
  const { title, version, summary, description = '' } = bundle.info;
  const operations = listOperations(bundle);
  const samples = renderSamples(bundle, packageName);
  const contents = operations.map((operation) => [linkTo(operation.summary), targetOf(operation), scopesOf(operation)]);
  const parts = [
    `# ${title} ${version}`,
    `> ${summary}`,
    description.trim(),
    sampleNote(packageName),
    ...renderAccess(bundle),
    '## Operations',
    tableOf(['Operation', 'Method and path', 'Scope'], contents),
    ...operations.flatMap((operation) => renderOperation(bundle, operation, samples.get(operation.operationId) ?? [])),
    ...renderProblemTypes(bundle),
    ...renderHeaders(bundle),
    ...renderSchemas(bundle),
    `## ${provenanceTitle}`,
    renderProvenance(bundle),
  ];
  return `${parts.join('\n\n')}\n`;
}
