/** Renders the reference as a Markdown document, for people and language models. */
import { type Bundle, deref, listOperations } from '../generate/bundle.ts';
import type { Guides } from './guides.ts';
import { provenanceTitle, renderProvenance } from './provenance.ts';
import {
  json,
  markOf,
  problemMediaType,
  renderOperation,
  renderProperties,
  scopesOf,
  targetOf,
} from './reference-operation.ts';
import { renderSamples, sampleNote } from './samples.ts';
import { code, describeSchema, linkTo, resolve, tableOf } from './schema-words.ts';

/** Renders the problem types with the members that are the same for every occurrence, and a complete example. */
function renderProblemTypes(bundle: Bundle): string[] {
  const examples = listOperations(bundle).flatMap(({ responses }) =>
    Object.values(responses).flatMap(({ content }) =>
      Object.values(content?.[problemMediaType]?.examples ?? {}).map(
        (example) => deref<{ value: unknown }>(bundle, example).value as Record<string, unknown>,
      ),
    ),
  );
  const types = [...new Map(examples.map((problem) => [problem.type, problem])).values()];
  if (types.length === 0) return [];
  const rows = types
    .sort((a, b) => Number(a.status) - Number(b.status))
    .map(({ status, type, summary }) => [String(status), code(type), String(summary)]);
  const longest = types.toSorted((a, b) => Object.keys(b).length - Object.keys(a).length)[0];
  return ['## Problem types', tableOf(['Status', '`type`', '`summary`'], rows), 'A complete example:', json(longest)];
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
    markOf(header),
  ]);
  const unique = [...new Map(rows.map((row) => [row.join(), row])).values()];
  return ['## Response headers', tableOf(['Header', 'Type and limits', 'Meaning', 'Example', 'Mark'], unique)];
}

/** Renders the schemas of response bodies. Those of request bodies are in the sections of their operations. */
function renderSchemas(bundle: Bundle): string[] {
  const requestTitles = listOperations(bundle).flatMap(({ requestBody }) =>
    Object.values(requestBody?.content ?? {}).map(({ schema }) => String(resolve(bundle, schema).title)),
  );
  const schemas = Object.values(bundle.components.schemas).filter(
    ({ title, properties }) => properties !== undefined && !requestTitles.includes(String(title)),
  );
  return [
    '## Schemas',
    ...schemas.flatMap((schema) => [
      `### ${schema.title}`,
      ...(schema.description === undefined ? [] : [String(schema.description).trim()]),
      renderProperties(bundle, schema),
    ]),
  ];
}

function renderAccess({ components, servers = [] }: Bundle, guides?: Guides): string[] {
  const schemes = Object.values(components.securitySchemes).flatMap(({ description, 'x-scopes': scopes = {} }) => [
    String(description ?? '').trim(),
    Object.entries(scopes as Record<string, string>)
      .map(([scope, meaning]) => `- ${code(scope)}: ${meaning}`)
      .join('\n'),
  ]);
  return [
    '## Servers',
    servers.map(({ url, description = '' }) => `- <${url}> ${description}`.trim()).join('\n'),
    '## Authentication',
    ...schemes,
    ...(guides === undefined ? [] : [guides.authentication.text]),
  ];
}

/** Gives each schema without a title its name. */
function addTitles(bundle: Bundle): Bundle {
  const schemas = Object.entries(bundle.components.schemas).map(([name, schema]) => [name, { title: name, ...schema }]);
  return { ...bundle, components: { ...bundle.components, schemas: Object.fromEntries(schemas) } };
}

/** Renders the reference of a bundle, whose schemas need no titles. `packageName` is the package of the client in the samples. */
export function renderReference(untitled: Bundle, packageName: string, guides?: Guides): string {
  const bundle = addTitles(untitled);
  const { title, version, summary, description = '' } = bundle.info;
  const operations = listOperations(bundle);
  const samples = renderSamples(bundle, packageName);
  const contents = operations.map((operation) => [linkTo(operation.summary), targetOf(operation), scopesOf(operation)]);
  const parts = [
    `# ${title} ${version}`,
    ...(summary === undefined ? [] : [`> ${summary}`]),
    description.trim(),
    sampleNote(packageName),
    ...renderAccess(bundle, guides),
    '## Operations',
    tableOf(['Operation', 'Method and path', 'Scope'], contents),
    ...operations.flatMap((operation) => renderOperation(bundle, operation, samples.get(operation.operationId) ?? [])),
    ...(guides?.subjects ?? []).flatMap(({ title, text }) => [`## ${title}`, text]),
    ...renderProblemTypes(bundle),
    ...renderHeaders(bundle),
    ...renderSchemas(bundle),
    `## ${provenanceTitle}`,
    renderProvenance(bundle),
  ];
  return `${parts.join('\n\n')}\n`;
}
