import {
  argumentName,
  bodyType,
  hasBodyArgument,
  hasQueryArgument,
  holdsJson,
  listArguments,
  renderArguments,
  renderQueryType,
} from './arguments.ts';
import { type Bundle, docComment, listOperations, literal, type ResolvedOperation } from './bundle.ts';
import { importTypes } from './import-types.ts';

const listSuccesses = ({ responses }: ResolvedOperation) =>
  Object.entries(responses).filter(([status]) => status.startsWith('2'));

/** Returns the type of the data of a successful response: that of its JSON, or its text. */
function successType(operation: ResolvedOperation): string {
  const types = listSuccesses(operation).map(([status, { content }]) => {
    if (content === undefined) return 'undefined';
    if (content['application/json'] === undefined) return 'string';
    return bodyType(`Success<${literal(operation.operationId)}, ${status}>`, content);
  });
  return [...new Set(types)].join(' | ') || 'undefined';
}

/** Returns the statuses whose responses have no JSON, each with what they have instead. */
const readBodyKinds = (operation: ResolvedOperation): Record<string, 'text' | 'empty'> =>
  Object.fromEntries(
    listSuccesses(operation).flatMap(([status, { content }]) => {
      const kind = content === undefined ? 'empty' : 'text';
      const isUsual = content === undefined ? status === '204' : 'application/json' in content;
      return isUsual ? [] : [[status, kind] as const];
    }),
  );

function renderSignature(operation: ResolvedOperation): string {
  const args = listArguments(operation);
  const doc = docComment(
    [
      operation.summary,
      ...(operation.description === '' ? [] : [operation.description]),
      [
        ...(operation.deprecated ? ['@deprecated'] : []),
        ...args
          .filter(({ doc }) => doc !== '')
          .map(({ name, doc }) => `@param ${name} - ${doc.trim().replaceAll('\n', ' ')}`),
        '@throws {ProblemError} if the response is no success.',
        '@throws {ConnectionError} if there is no response.',
      ].join('\n'),
    ],
    '  ',
  );
  const { operationId } = operation;
  const list = renderArguments(args);
  const success = successType(operation);
  const method = `${operationId}(${list.join(', ')}): ResponsePromise<${success}>;`;
  if (operation.responses[304] === undefined) return `${doc}\n  ${method}`;
  const last = args.at(-1);
  const conditional = { name: 'options', type: `${last?.type} & NotModifiedOptions`, isOptional: false, doc: '' };
  const all = renderArguments([...args.slice(0, -1), conditional]);
  const overload = `${operationId}(${all.join(', ')}): ResponsePromise<${success} | undefined>;`;
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
    .map(({ name }) => (argumentName(name) === name ? name : `${literal(name)}: ${argumentName(name)}`));
  const hasQuery = operation.parameters.some((parameter) => parameter.in === 'query');
  const needsHeaders = operation.parameters.some(({ in: place, required }) => place === 'header' && required);
  const params = [
    ...(path.length > 0 ? [`path: { ${path.join(', ')} }`] : []),
    ...(hasQuery ? [renderQuery(operation)] : []),
    ...(needsHeaders ? ['header: options.headers'] : []),
  ];
  const init = [
    '...init',
    ...(params.length > 0 ? [`params: { ${params.join(', ')} }`] : []),
    ...(operation.requestBody ? [hasBodyArgument(operation) ? 'body' : 'body: options?.body'] : []),
  ];
  const { operationId, method } = operation;
  const request = `raw.${method.toUpperCase()}(${literal(operation.path)}, { ${init.join(', ')} })`;
  const kinds = Object.entries(readBodyKinds(operation)).map(([status, kind]) => `${status}: ${literal(kind)}`);
  const bodies = kinds.length === 0 ? '' : `, { ${kinds.join(', ')} }`;
  const isUsed = (name: string) => name === 'options' || new RegExp(`\\b${name}\\b`).test(init.join());
  const names = args.map(({ name }) => (isUsed(name) ? name : `_${name}`));
  return `    ${operationId}: (${names.join(', ')}) =>\n      send(${literal(operationId)}, options, (init) => ${request}${bodies}),`;
}

const toJson = `/** Returns a value as JSON; text is JSON already. */
function toJson<Value extends string | object | undefined>(value: Value): Value extends undefined ? undefined : string;
function toJson(value: string | object | undefined) {
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

`;

/** Renders a documented method per operationId, each of which sends its request through the raw client. */
export function renderClient(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const idempotent = operations
    .filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const text = `import type { Client } from 'openapi-fetch';
import type { RequestSettings, ResponsePromise } from './requests.ts';
import type {} from './types.ts';

type Content<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;
type Responses<Id extends keyof operations> = operations[Id]['responses'];
/** Data of a response whose schema has no name. */
export type Success<Id extends keyof operations, Status extends keyof Responses<Id>> = Content<Responses<Id>[Status]>;
/** Body of a request whose schema has no name. */
export type JsonBody<Id extends keyof operations> = Content<NonNullable<operations[Id]['requestBody']>>;

type HeaderParameters<Id extends keyof operations> = [Id] extends [never]
  ? unknown
  : NonNullable<operations[Id]['parameters']['header']>;

/** Client of the description's paths, in the shape of openapi-fetch. */
export type RawClient = Client<paths>;

/**
 * Options of one request. The type argument is the operation whose header parameters \`headers\` takes.
 *
 * @example const options: RequestOptions = { timeout: 5_000, headers: { traceparent: '00-0-0-00' } };
 */
export interface RequestOptions<Id extends keyof operations = never> extends Omit<RequestSettings, 'headers'> {
  /** Signal that aborts the request, which then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Header parameters of the operation, and any other headers. */
  headers?: (HeaderParameters<Id> & Readonly<Record<string, string | undefined>>) | undefined;
}

/** Options of a request that needs header parameters. */
export interface RequiredHeaders<Id extends keyof operations> {
  headers: HeaderParameters<Id>;
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
  /** Successes that are not JSON, by status. 204 and 304 are always empty. */
  bodies?: Readonly<Record<number, 'text' | 'empty'>>,
) => ResponsePromise<Data>;

/** Operations that take an \`Idempotency-Key\`, as method and path. */
export const idempotentOperations: readonly string[] = ${literal(idempotent)};

${operations.some(({ parameters }) => parameters.some(holdsJson)) ? toJson : ''}${operations
  .map((operation) => renderQueryType(bundle, operation))
  .filter(Boolean)
  .join('\n')}
/**
 * Methods of the operations. Each resolves with the data of the response; \`.withResponse()\` adds status and headers. Each
 * rejects with a \`ProblemError\` if the response is no success or its body is not JSON; with a \`ConnectionError\` if there
 * was no response, which is a \`TimeoutError\` after \`timeout\` or \`totalTimeout\`; with the reason of an aborted \`signal\`;
 * with a \`TypeError\` for an option or an ID that cannot be sent.
 *
 * @example const methods: Pick<Operations, ${
   operations
     .slice(0, 1)
     .map(({ operationId }) => literal(operationId))
     .join('') || 'never'
 }> = client;
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
  return importTypes(text, ['operations', 'paths']);
}
