import { type Bundle, docComment, listOperations, literal, type Parameter, type ResolvedOperation } from './bundle.ts';

/** Returns the name of the argument for a parameter. */
export const camel = (name: string) => name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());

/** An argument of a client method. */
interface Argument {
  name: string;
  type: string;
  isOptional: boolean;
  /** Text of its `@param` tag. */
  doc: string;
}

/** Whether a query parameter holds JSON. The client then takes a value and serializes it. */
export const holdsJson = (parameter: Parameter) =>
  parameter.in === 'query' && parameter['x-content-media-type'] === 'application/json';

const jsonNames = (parameters: readonly Parameter[]) => parameters.filter(holdsJson).map(({ name }) => name);

function queryType(type: string, parameters: readonly Parameter[]): string {
  const names = jsonNames(parameters);
  if (names.length === 0) return type;
  const json = names.map((name) => `${literal(name)}?: string | Metadata`).join('; ');
  return `Omit<NonNullable<${type}>, ${names.map((name) => literal(name)).join(' | ')}> & { ${json} }`;
}

/** Lists the arguments of a client method: path parameters in order, `body`, `query`, and `options` of the request. */
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
    type: `JsonBody<${literal(operationId)}>`,
    isOptional: requestBody.required !== true,
    doc: 'The request body.',
  };
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const query = inQuery.length > 0 && {
    name: 'query',
    type: queryType(`${type}['parameters']['query']`, inQuery),
    isOptional: inQuery.every((parameter) => parameter.required !== true),
    doc: `Query parameters: ${inQuery.map(({ name }) => `\`${name}\``).join(', ')}.`,
  };
  const inHeader = parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => `\`${name}\``);
  const options = {
    name: 'options',
    type: inHeader.length > 0 ? `RequestOptions<${literal(operationId)}>` : 'RequestOptions',
    isOptional: true,
    doc: `Options of this request${inHeader.length > 0 ? `; \`headers\` takes ${inHeader.join(', ')}` : ''}.`,
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
        '@throws {ProblemError} if the response is no success.',
      ].join('\n'),
    ],
    '  ',
  );
  const list = args.map(({ name, type, isOptional }) => `${name}${isOptional ? '?' : ''}: ${type}`).join(', ');
  return `${doc}\n  ${operation.operationId}(${list}): Promise<Success<${literal(operation.operationId)}>>;`;
}

/** Renders the query of a request, with its JSON parameters serialized. */
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
  const request = `raw.${operation.method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  return `    ${operation.operationId}: (${args.map(({ name }) => (name === 'options' && hasHeaders ? '{ headers, ...options } = {}' : name)).join(', ')}) =>\n      unwrap(${request}),`;
}

/** Renders a documented method per operationId, each of which sends its request through an openapi-fetch client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const idempotent = operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  return `import type { Client } from 'openapi-fetch';
import type { Metadata, operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
type Success<Id extends keyof operations> = {
  [Status in keyof Responses<Id>]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id>];
type JsonBody<Id extends keyof operations> = Content<NonNullable<operations[Id]['requestBody']>>;

/** The openapi-fetch client of the description's paths. */
export type RawClient = Client<paths>;

/** Options of one request. The type argument is the operation whose header parameters \`headers\` takes. */
export interface RequestOptions<Id extends keyof operations = never> {
  /** Signal that aborts the request, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Header parameters of the operation. */
  headers?: operations[Id]['parameters']['header'] | undefined;
}

/** Resolves with the data of a result of openapi-fetch, which is still text, or rejects. */
export type Unwrap = <T>(result: Promise<{ data?: string; error?: unknown; response: Response }>) => Promise<T>;

/** Operations that take an \`Idempotency-Key\`, as method and path: they are safe to retry. */
export const idempotentOperations: readonly string[] = ${literal(idempotent)};

const toJson = (value: string | object | undefined) => (typeof value === 'object' ? JSON.stringify(value) : value);

/**
 * Methods of the operations. Each resolves with the data of the response. Each rejects with a \`ProblemError\` if the
 * response is no success or its body is not JSON; with the error of \`fetch\` (a \`TypeError\`) if there was no response;
 * with a \`TimeoutError\` (a \`DOMException\`) after \`timeout\` or \`totalTimeout\`; with the reason of an aborted \`signal\`.
 */
export interface Operations {
${operations.map(renderSignature).join('\n\n')}
}

/** Creates the methods of the operations. They send requests with \`raw\` and read the responses with \`unwrap\`. */
export function bindOperations(raw: RawClient, unwrap: Unwrap): Operations {
  return {
${operations.map(renderBinding).join('\n')}
  };
}
`;
}
