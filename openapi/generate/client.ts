import { bodyType, camel, hasBodyArgument, hasQueryArgument, listArguments, queryName } from './arguments.ts';
import { type Bundle, docComment, listOperations, literal, type Parameter, type ResolvedOperation } from './bundle.ts';

/** Whether a query parameter holds JSON. The client then takes a value and serializes it. */
export const holdsJson = (parameter: Parameter) =>
  parameter.in === 'query' && parameter['x-content-media-type'] === 'application/json';

/** Renders the interface of an operation's query. A parameter that holds JSON takes a value of any interface as well. */
function renderQueryType({ operationId, summary, parameters }: ResolvedOperation): string {
  if (!parameters.some((parameter) => parameter.in === 'query')) return '';
  const json = parameters.filter(holdsJson);
  const type = `NonNullable<operations[${literal(operationId)}]['parameters']['query']>`;
  const base = json.length > 0 ? `Omit<${type}, ${json.map(({ name }) => literal(name)).join(' | ')}>` : type;
  const fields = json.map(
    ({ name, description = '' }) =>
      `${docComment([description], '  ')}\n  ${literal(name)}?: string | object | undefined;\n`,
  );
  return `/** Query parameters of \`${operationId}\`: ${summary}. */\nexport interface ${queryName(operationId)} extends ${base} {\n${fields.join('')}}\n`;
}

const listSuccesses = ({ responses }: ResolvedOperation) =>
  Object.entries(responses).filter(([status]) => status.startsWith('2'));

/** Returns the type of the data of a success: the name of its schema where there is one success with a name. */
function successType(operation: ResolvedOperation): string {
  const [success, ...others] = listSuccesses(operation);
  return bodyType(operation, 'Success', others.length === 0 ? success?.[1].content : undefined);
}

/** Returns the kinds of bodies of successes that are not JSON, by status. */
function readKinds(operation: ResolvedOperation): Record<string, 'none' | 'text'> {
  const kinds = listSuccesses(operation).flatMap(([status, { content = {} }]) => {
    const types = Object.keys(content);
    if (types.some((type) => /[/+]json$/.test(type))) return [];
    return [[status, types.length === 0 ? 'none' : 'text'] as const];
  });
  return Object.fromEntries(kinds);
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
function renderQuery(operation: ResolvedOperation): string {
  const query = hasQueryArgument(operation) ? 'query' : 'options?.query';
  const names = operation.parameters.filter(holdsJson).map(({ name }) => literal(name));
  if (names.length === 0) return query === 'query' ? query : `query: ${query}`;
  return `query: { ...${query}, ${names.map((name) => `${name}: toJson(${query}?.[${name}])`).join(', ')} }`;
}

function renderBinding(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const path = operation.parameters
    .filter((parameter) => parameter.in === 'path')
    .map(({ name }) => (camel(name) === name ? name : `${literal(name)}: ${camel(name)}`));
  const hasQuery = operation.parameters.some((parameter) => parameter.in === 'query');
  const params = [
    ...(path.length > 0 ? [`path: { ${path.join(', ')} }`] : []),
    ...(hasQuery ? [renderQuery(operation)] : []),
  ];
  const body = hasBodyArgument(operation) ? 'body' : 'body: options?.body';
  const init = [
    '...init',
    ...(params.length > 0 ? [`params: { ${params.join(', ')} }`] : []),
    ...(operation.requestBody === undefined ? [] : [body]),
  ];
  const { operationId, method } = operation;
  const request = `raw.${method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  const isUsed = (name: string) => name === 'options' || new RegExp(`\\b${name}\\b`).test(init.join());
  const names = args.map(({ name }) => (isUsed(name) ? name : `_${name}`));
  return `    ${operationId}: (${names.join(', ')}) =>\n      send(${literal(operationId)}, options, (init) => ${request}),`;
}

/** Renders a documented method per operationId, each of which sends its request through the raw client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const idempotent = operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const kinds = Object.fromEntries(
    operations
      .map((one) => [one.operationId, readKinds(one)] as const)
      .filter(([, own]) => Object.keys(own).length > 0),
  );
  const text = `import type { Client } from 'openapi-fetch';
import type { RequestSettings, ResponsePromise } from './requests.ts';
import type { operations, paths } from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } }
  ? Body
  : T extends { content: Record<string, infer Text> }
    ? Text
    : undefined;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
type SuccessStatus = 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226;
/** Data of a response whose schema has no name: a value for JSON, a text for any other type, undefined without a body. */
export type Success<Id extends keyof operations> = {
  [Status in keyof Responses<Id> & SuccessStatus]: Content<Responses<Id>[Status]>;
}[keyof Responses<Id> & SuccessStatus];
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

/** Bodies of successes that are not JSON, by operation and status. */
export const bodyKinds: Readonly<Record<string, Readonly<Record<number, 'none' | 'text'>>>> = ${literal(kinds)};

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
