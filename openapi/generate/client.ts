import { type Bundle, docComment, listOperations, literal, type ResolvedOperation } from './bundle.ts';

const camel = (name: string) => name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());

interface Argument {
  name: string;
  type: string;
  isOptional: boolean;
  doc: string;
}

/** Path parameters in order, then the body, then the query, then the options of the call. */
function listArguments({ operationId, parameters, requestBody }: ResolvedOperation): Argument[] {
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
    type: `${type}['parameters']['query']`,
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

function renderBinding(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const path = operation.parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => (camel(name) === name ? name : `${literal(name)}: ${camel(name)}`));
  const has = (name: string) => args.some((argument) => argument.name === name);
  const hasHeaders = operation.parameters.some((parameter) => parameter.in === 'header');
  const params = [
    ...(path.length > 0 ? [`path: { ${path.join(', ')} }`] : []),
    ...(has('query') ? ['query'] : []),
    ...(hasHeaders ? ['header: headers'] : []),
  ];
  const init = [
    '...options',
    ...(params.length > 0 ? [`params: { ${params.join(', ')} }`] : []),
    ...(has('body') ? ['body'] : []),
  ];
  const call = `raw.${operation.method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  return `    ${operation.operationId}: (${args.map(({ name }) => (name === 'options' && hasHeaders ? '{ headers, ...options } = {}' : name)).join(', ')}) =>\n      settle(${call}),`;
}

/** One documented method per operationId over an openapi-fetch client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  return `import type { Client } from 'openapi-fetch';
import type { operations, paths } from './types.ts';

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

/** Turns an answer of openapi-fetch into its data, or throws. */
export type Settle = <T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>) => Promise<T>;

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
