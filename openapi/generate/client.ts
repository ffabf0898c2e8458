import { type Bundle, docComment, listOperations, literal, type Parameter, type ResolvedOperation } from './bundle.ts';

/** The name of an argument for a parameter. */
export const camel = (name: string) => name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());

interface Argument {
  name: string;
  type: string;
  isOptional: boolean;
  doc: string;
}

/** Whether a parameter in a query holds JSON: it may then be given as a value. */
export const holdsJson = (parameter: Parameter) =>
  parameter.in === 'query' && parameter.schema.contentMediaType === 'application/json';

const jsonNames = (parameters: readonly Parameter[]) => parameters.filter(holdsJson).map(({ name }) => name);

function queryType(type: string, parameters: readonly Parameter[]): string {
  const names = jsonNames(parameters);
  if (names.length === 0) return type;
  const json = names.map((name) => `${literal(name)}?: string | Metadata`).join('; ');
  return `Omit<NonNullable<${type}>, ${names.map((name) => literal(name)).join(' | ')}> & { ${json} }`;
}

/** Path parameters in order, then `body`, then `query`, then `options` of the call. */
export function listArguments({ operationId, parameters, requestBody }: ResolvedOperation): Argument[] {
  const type = `operations[${literal(operationId)}]`;
  const path = parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name, description }) => ({
      name: camel(name),
      type: `${type}['parameters']['path'][${literal(name)}]`,
      isOptional: false,
      doc: description ?? '',
    }));
  const body = requestBody && {
    name: 'body',
    type: `JsonBody<${type}>`,
    isOptional: requestBody.required !== true,
    doc: 'The request body.',
  };
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const query = inQuery.length > 0 && {
    name: 'query',
    type: queryType(`${type}['parameters']['query']`, inQuery),
    isOptional: inQuery.every((parameter) => parameter.required !== true),
    doc: inQuery.map(({ name }) => `\`${name}\``).join(', '),
  };
  const inHeader = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => `\`${name}\``);
  const options = {
    name: 'options',
    type: inHeader.length > 0 ? `CallOptions<${type}['parameters']['header']>` : 'CallOptions',
    isOptional: true,
    doc: ['What holds for this call only', ...(inHeader.length > 0 ? [`headers ${inHeader.join(', ')}`] : [])].join(
      '; ',
    ),
  };
  return [...path, ...(body ? [body] : []), ...(query ? [query] : []), options];
}

function renderSignature(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const doc = docComment(
    [
      operation.summary,
      operation.description,
      [
        ...args.map(({ name, doc }) => `@param ${name} - ${doc.trim().replaceAll('\n', ' ')}`),
        '@throws ProblemError when the answer is not a success.',
      ].join('\n'),
    ],
    '  ',
  );
  const list = args.map(({ name, type, isOptional }) => `${name}${isOptional ? '?' : ''}: ${type}`).join(', ');
  return `${doc}\n  ${operation.operationId}(${list}): Promise<Success<operations[${literal(operation.operationId)}]>>;`;
}

/** The query as it is, JSON parameters as text. */
function renderQuery({ parameters }: ResolvedOperation): string {
  const names = jsonNames(parameters);
  if (names.length === 0) return 'query';
  const json = names.map((name) => `${literal(name)}: toJson(query?.[${literal(name)}])`).join(', ');
  return `query: { ...query, ${json} }`;
}

function renderBinding(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const path = operation.parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => (camel(name) === name ? name : `${literal(name)}: ${camel(name)}`));
  const has = (name: string) => args.some((argument) => argument.name === name);
  const hasHeaders = operation.parameters.some((parameter) => parameter.in === 'header');
  const params = [
    ...(path.length > 0 ? [`path: { ${path.join(', ')} }`] : []),
    ...(has('query') ? [renderQuery(operation)] : []),
    ...(hasHeaders ? ['header: headers'] : []),
  ];
  const init = [
    '...options',
    "parseAs: 'text'",
    ...(params.length > 0 ? [`params: { ${params.join(', ')} }`] : []),
    ...(has('body') ? ['body'] : []),
  ];
  const call = `raw.${operation.method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  return `    ${operation.operationId}: (${args.map(({ name }) => (name === 'options' && hasHeaders ? '{ headers, ...options } = {}' : name)).join(', ')}) =>\n      settle(${call}),`;
}

/** One documented method per operationId over an openapi-fetch client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const keyed = operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  return `import type { Client } from 'openapi-fetch';
import type { Metadata, operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Success<T extends { responses: object }> = {
  [Status in keyof T['responses']]: Content<T['responses'][Status]>;
}[keyof T['responses']];
type JsonBody<T> = T extends { requestBody?: infer Body } ? Content<NonNullable<Body>> : never;

/** What holds for one call only. */
export interface CallOptions<Headers = never> {
  /** Ends the call early; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** The headers that the description has for the operation. */
  headers?: Headers;
}

/** Turns an answer of openapi-fetch, its data still text, into the data, or throws. */
export type Settle = <T>(answer: Promise<{ data?: string; error?: unknown; response: Response }>) => Promise<T>;

/** The operations, as method and path, that take an \`Idempotency-Key\` and so can be repeated. */
export const keyedOperations: readonly string[] = ${literal(keyed)};

const toJson = (value: string | object | undefined) => (typeof value === 'object' ? JSON.stringify(value) : value);

/** One method per operation of the description. */
export interface Operations {
${operations.map(renderSignature).join('\n\n')}
}

/** The operations, sent by \`raw\` and settled by \`settle\`. */
export function bindOperations(raw: Client<paths>, settle: Settle): Operations {
  return {
${operations.map(renderBinding).join('\n')}
  };
}
`;
}
