/** Renders an operation of the reference, in Markdown. */
import {
  type Bundle,
  deref,
  type Examples,
  type ResolvedOperation,
  type Response,
  type Schema,
} from '../generate/bundle.ts';
import { provenanceOf } from './provenance.ts';
import type { Sample } from './samples.ts';
import { code, describeSchema, resolve, tableOf } from './schema-words.ts';

/** The media type of every error response. */
export const problemMediaType = 'application/problem+json';

/** Returns a code block. */
export const fence = (language: string, text: string) => `\`\`\`${language}\n${text.trim()}\n\`\`\``;
/** Returns a value as a code block of JSON. */
export const json = (value: unknown) => fence('json', JSON.stringify(value, null, 2));
/** Returns the mark of a node: its provenance, where it has one. */
export const markOf = (node: object) => provenanceOf(node) ?? '';

/** Returns the method and path of an operation: `GET /v1/oauth-apps`. */
export const targetOf = ({ method, path }: ResolvedOperation) => code(`${method.toUpperCase()} ${path}`);

/** Returns the scopes that an operation requires. */
export const scopesOf = ({ security }: ResolvedOperation) =>
  [...new Set(security.flatMap((schemes) => Object.values(schemes).flat()))].map(code).join(', ');

/** Returns the access that an operation requires: a token, perhaps with scopes, or none. */
function accessOf(operation: ResolvedOperation): string {
  if (operation.security.length === 0) return 'no token';
  const scopes = scopesOf(operation);
  return scopes === '' ? 'any token' : `scope ${scopes}`;
}

function renderExamples(bundle: Bundle, examples: Examples = {}): string[] {
  const values = Object.values(examples).map((example) => deref<{ summary?: string; value: unknown }>(bundle, example));
  return values.flatMap(({ summary, value }) => [`${summary ?? 'Example'}:`, json(value)]);
}

/** Renders the properties of a schema as a table. */
export function renderProperties(bundle: Bundle, schema: Schema): string {
  const { properties = {}, required = [] } = resolve(bundle, schema) as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const rows = Object.entries(properties).map(([name, property]) => [
    code(name),
    describeSchema(bundle, property),
    required.includes(name) ? 'yes' : 'no',
    String(resolve(bundle, property).description ?? ''),
    markOf(property),
  ]);
  return tableOf(['Property', 'Type and limits', 'Required', 'Meaning', 'Mark'], rows);
}

function renderParameters(bundle: Bundle, { parameters }: ResolvedOperation): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map((parameter) => [
    code(parameter.name),
    parameter.in,
    [describeSchema(bundle, parameter.schema), parameter['x-content-media-type']].filter(Boolean).join(', '),
    parameter.required === true ? 'yes' : 'no',
    parameter.description ?? '',
    markOf(parameter),
  ]);
  return ['#### Parameters', tableOf(['Parameter', 'In', 'Type and limits', 'Required', 'Meaning', 'Mark'], rows)];
}

function renderBody(bundle: Bundle, { requestBody }: ResolvedOperation): string[] {
  if (requestBody === undefined) return [];
  const contents = Object.entries(requestBody.content).flatMap(([mediaType, { schema, examples }]) => {
    const closed = resolve(bundle, schema).additionalProperties === false ? ' No other property is allowed.' : '';
    const sentence = `${code(mediaType)}, ${requestBody.required === true ? 'required' : 'optional'}.${closed}`;
    const hasProperties = resolve(bundle, schema).properties !== undefined;
    const content = hasProperties ? renderProperties(bundle, schema) : `${describeSchema(bundle, schema)}.`;
    return [sentence, content, ...renderExamples(bundle, examples)];
  });
  return ['#### Request body', ...contents];
}

const headersOf = ({ headers = {} }: Response) => Object.keys(headers).map(code).join(', ');

function renderSuccess(bundle: Bundle, status: string, response: Response): string[] {
  const contents = Object.entries(response.content ?? {}).flatMap(([mediaType, { schema, examples }]) => [
    `${code(mediaType)}: ${describeSchema(bundle, schema)}.`,
    ...renderExamples(bundle, examples),
  ]);
  const mark = markOf(response);
  const headers = response.headers === undefined ? [] : [`Headers: ${headersOf(response)}.`];
  return [
    `#### ${status}`,
    mark === '' ? response.description : `${response.description} (${mark})`,
    ...headers,
    ...contents,
  ];
}

const problemOf = ({ content }: Response) => content?.[problemMediaType];

function renderProblems(bundle: Bundle, { responses }: ResolvedOperation): string[] {
  const rows = Object.entries(responses).flatMap(([status, response]) => {
    const problem = problemOf(response);
    if (problem === undefined) return [];
    const body = describeSchema(bundle, problem.schema);
    return [[status, response.description, body, headersOf(response), markOf(response)]];
  });
  return ['#### Problems', tableOf(['Status', 'When', 'Body', 'Headers', 'Mark'], rows)];
}

/** Renders the section of an operation. */
export function renderOperation(bundle: Bundle, operation: ResolvedOperation, samples: readonly Sample[]): string[] {
  const { summary, operationId, description, responses } = operation;
  const successes = Object.entries(responses).filter(([, response]) => problemOf(response) === undefined);
  return [
    `### ${summary}`,
    [targetOf(operation), code(operationId), accessOf(operation), provenanceOf(operation)].filter(Boolean).join(' · '),
    description.trim(),
    ...renderParameters(bundle, operation),
    ...renderBody(bundle, operation),
    ...successes.flatMap(([status, response]) => renderSuccess(bundle, status, response)),
    ...renderProblems(bundle, operation),
    '#### Samples',
    ...samples.flatMap(({ label, extension, source }) => [`${label}:`, fence(extension, source)]),
  ];
}
