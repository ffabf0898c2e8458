import {
  type Bundle,
  docComment,
  listOperations,
  literal,
  type MediaType,
  type Parameter,
  type ResolvedOperation,
} from './bundle.ts';

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

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const queryName = (operationId: string) => `${pascal(operationId)}Query`;
const refName = ({ $ref }: { $ref?: string } = {}) => $ref?.split('/').at(-1);

/** Renders the interface of an operation's query. A parameter that holds JSON takes a value of any interface as well. */
function renderQueryType({ operationId, summary, parameters }: ResolvedOperation): string {
  if (!parameters.some((parameter) => parameter.in === 'query')) return '';
  const json = parameters.filter(holdsJson);
  const type = `NonNullable<operations[${literal(operationId)}]['parameters']['query']>`;
  const base = json.length > 0 ? `Omit<${type}, ${json.map(({ name }) => literal(name)).join(' | ')}>` : type;
  const fields = json.map(({ name, description = '', schema }) => {
    const value = refName(schema.contentSchema as { $ref?: string } | undefined);
    return `${docComment([description], '  ')}\n  ${literal(name)}?: string | ${value ? `types.${value}Input` : 'object'} | undefined;\n`;
  });
  return `/** Query parameters of \`${operationId}\`: ${summary}. */\nexport interface ${queryName(operationId)} extends ${base} {\n${fields.join('')}}\n`;
}

/** Returns the type of a JSON body: the name of its schema where it has one. */
function bodyType(
  { operationId }: ResolvedOperation,
  kind: 'JsonBody' | 'Success',
  content?: Record<string, MediaType>,
) {
  const name = refName(content?.['application/json']?.schema);
  return name === undefined ? `${kind}<${literal(operationId)}>` : `types.${name}`;
}

function successType(operation: ResolvedOperation): string {
  const [success] = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
  return bodyType(operation, 'Success', success?.[1].content);
}

/** Lists the arguments of a client method: path parameters in order, `body`, `query`, and `options` of the request. */
export function listArguments(operation: ResolvedOperation): Argument[] {
  const { operationId, parameters, requestBody } = operation;
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
    type: bodyType(operation, 'JsonBody', requestBody.content),
    isOptional: requestBody.required !== true,
    doc: 'The request body.',
  };
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const query = inQuery.length > 0 && {
    name: 'query',
    type: queryName(operationId),
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
        '@throws {ConnectionError} if there is no response.',
      ].join('\n'),
    ],
    '  ',
  );
  const { operationId } = operation;
  const list = args.map(({ name, type, isOptional }) => `${name}${isOptional ? '?' : ''}: ${type}`);
  const success = successType(operation);
  const method = `${operationId}(${list.join(', ')}): ResponsePromise<${success}>;`;
  if (operation.responses[304] === undefined) return `${doc}\n  ${method}`;
  const conditional = `options: RequestOptions<${literal(operationId)}> & NotModifiedOptions`;
  const overload = `${operationId}(${[...list.slice(0, -1), conditional].join(', ')}): ResponsePromise<${success} | undefined>;`;
  return `${doc}\n  ${overload}\n${doc}\n  ${method}`;
}

/** Renders the query of a request, with its JSON parameters serialized. */
function renderQuery({ parameters }: ResolvedOperation): string {
  const names = parameters.filter(holdsJson).map(({ name }) => literal(name));
  if (names.length === 0) return 'query';
  return `query: { ...query, ${names.map((name) => `${name}: toJson(query?.[${name}])`).join(', ')} }`;
}

function renderBinding(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const path = operation.parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => (camel(name) === name ? name : `${literal(name)}: ${camel(name)}`));
  const has = (name: string) => args.some((argument) => argument.name === name);
  const params = [
    ...(path.length > 0 ? [`path: { ${path.join(', ')} }`] : []),
    ...(has('query') ? [renderQuery(operation)] : []),
  ];
  const init = [
    '...init',
    ...(params.length > 0 ? [`params: { ${params.join(', ')} }`] : []),
    ...(has('body') ? ['body'] : []),
  ];
  const { operationId, method } = operation;
  const request = `raw.${method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  return `    ${operationId}: (${args.map(({ name }) => name).join(', ')}) =>\n      send(${literal(operationId)}, options, (init) => ${request}),`;
}

/** Renders a documented method per operationId, each of which sends its request through the raw client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const idempotent = operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const text = `import type { Client } from 'openapi-fetch';
import type { RequestSettings, ResponsePromise } from './requests.ts';
import type { operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
/** Data of a response whose schema has no name. */
export type Success<Id extends keyof operations> = {
  [Status in keyof Responses<Id>]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id>];
/** Body of a request whose schema has no name. */
export type JsonBody<Id extends keyof operations> = Content<NonNullable<operations[Id]['requestBody']>>;

type HeaderParameters<Id extends keyof operations> = [Id] extends [never]
  ? unknown
  : NonNullable<operations[Id]['parameters']['header']>;

/** Client of the description's paths, in the shape of openapi-fetch. */
export type RawClient = Client<paths>;

/** Options of one request. The type argument is the operation whose header parameters \`headers\` takes. */
export interface RequestOptions<Id extends keyof operations = never> extends Omit<RequestSettings, 'headers'> {
  /** Signal that aborts the request, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Header parameters of the operation, and any other headers. */
  headers?: (HeaderParameters<Id> & Readonly<Record<string, string | undefined>>) | undefined;
}

/** Options of a request whose response may be 304, which has no data. */
export interface NotModifiedOptions {
  headers: { 'If-None-Match': string };
}

/** Result of the raw client, whose data is still text. */
export interface RawResult {
  data?: string;
  error?: unknown;
  response: Response;
}

/** Options that the raw client gets for a request. */
export interface RawInit {
  parseAs: 'text';
  signal: AbortSignal | undefined;
  /** Settings of the request, which only the client knows. */
  settings: object;
}

/** Options of any request. */
export interface AnyRequestOptions extends RequestSettings {
  signal?: AbortSignal | undefined;
}

/** Sends a request of an operation. \`call\` sends it with the raw client. */
export type Send = <Data>(
  operationId: string,
  options: AnyRequestOptions | undefined,
  call: (init: RawInit) => Promise<RawResult>,
) => ResponsePromise<Data>;

/** Operations that take an \`Idempotency-Key\`, as method and path. */
export const idempotentOperations: readonly string[] = ${literal(idempotent)};

const toJson = (value: string | object | undefined) => (typeof value === 'object' ? JSON.stringify(value) : value);

${operations.map(renderQueryType).filter(Boolean).join('\n')}
/**
 * Methods of the operations. Each resolves with the data of the response; \`.withResponse()\` adds status and headers. Each
 * rejects with a \`ProblemError\` if the response is no success or its body is not JSON; with a \`ConnectionError\` if there
 * was no response, which is a \`TimeoutError\` after \`timeout\` or \`totalTimeout\`; with the reason of an aborted \`signal\`;
 * with a \`TypeError\` for an option or an ID that cannot be sent.
 */
export interface Operations {
${operations.map(renderSignature).join('\n\n')}
}

/** Creates the methods of the operations. They send requests with \`raw\`, in the way of \`send\`. */
export function bindOperations(raw: RawClient, send: Send): Operations {
  return {
${operations.map(renderBinding).join('\n')}
  };
}
`;
  // Names without a prefix, which editors show as they are.
  const names = new Set([...text.matchAll(/\btypes\.([A-Z]\w*)/g)].map(([, name = '']) => name));
  const imports = ['operations', 'paths', ...names].sort().join(', ');
  return text.replace('{ operations, paths }', `{ ${imports} }`).replaceAll(/\btypes\.(?=[A-Z])/g, '');
}
