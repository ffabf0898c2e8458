import { bodyType, listArguments, queryName, renderArguments } from './arguments.ts';
import {
  type Bundle,
  deref,
  docComment,
  type Header,
  listOperations,
  literal,
  pascal,
  type ResolvedOperation,
  type Schema,
} from './bundle.ts';
import { importTypes } from './import-types.ts';
import { inline, sampleQuery } from './sample.ts';

/** Returns the schema of the first success that has JSON. */
function successSchema({ responses }: ResolvedOperation): Schema | undefined {
  const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  return successes
    .map(([, { content }]) => content?.['application/json']?.schema)
    .find((schema) => schema !== undefined);
}

const hasParameter = ({ parameters }: ResolvedOperation, place: string, name: string) =>
  parameters.some((parameter) => parameter.in === place && parameter.name === name);

function propertiesOf(bundle: Bundle, schema: Schema | undefined): Record<string, Schema> {
  return ((schema && deref<Schema>(bundle, schema).properties) ?? {}) as Record<string, Schema>;
}

/** Whether an operation lists its data in pages: it takes a `cursor` and responds with `data` and `next_cursor`. */
export function isPaged(bundle: Bundle, operation: ResolvedOperation): boolean {
  const { data, next_cursor } = propertiesOf(bundle, successSchema(operation));
  const isList = data !== undefined && deref<Schema>(bundle, data).type === 'array' && next_cursor !== undefined;
  return operation.method === 'get' && isList && hasParameter(operation, 'query', 'cursor');
}

/** Whether every success of a read has an `ETag`, so that a change can depend on it. */
function hasETag(bundle: Bundle, { responses }: ResolvedOperation): boolean {
  const successes = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const isTagged = ({ headers = {} }: ResolvedOperation['responses'][string]) =>
    headers.ETag !== undefined && deref<Header>(bundle, headers.ETag).required === true;
  return successes.length > 0 && successes.every(([, response]) => isTagged(response));
}

/** Returns the type of a JSON value: the name of its schema, or its place in the type of a method. */
const typeOf = (schema: Schema | undefined, place: string) =>
  bodyType(place, schema && { 'application/json': { schema } });

/** A method that sends several requests: its documentation, its signature and its binding. */
interface Composed {
  declaration?: string;
  signature: string;
  binding: string;
}

/** Returns the name of the method for all pages: `listOAuthApps` → `listAllOAuthApps`, `searchApps` → `searchAppsAll`. */
const nameOfAll = (operationId: string) =>
  operationId.startsWith('list') ? operationId.replace('list', 'listAll') : `${operationId}All`;

function composeList(bundle: Bundle, operation: ResolvedOperation): Composed {
  const { operationId, summary } = operation;
  const name = nameOfAll(operationId);
  const all = listArguments(operation);
  const query = `${pascal(name)}Query`;
  const args = all.map((argument) => (argument.name === 'query' ? { ...argument, type: query } : argument));
  const items = propertiesOf(bundle, successSchema(operation)).data;
  const itemSchema = items && (deref<Schema>(bundle, items).items as Schema);
  const item = typeOf(itemSchema, `Awaited<ReturnType<Operations[${literal(operationId)}]>>['data'][number]`);
  const hasLimit = hasParameter(operation, 'query', 'limit');
  const limit = hasLimit ? ', limit: query?.limit ?? defaultPageSize' : '';
  const sent = all.map((argument) => (argument.name === 'query' ? `{ ...query${limit}, cursor }` : argument.name));
  const words = `Query parameters of \`${name}\`.${hasLimit ? ' `limit` is the size of a page, 100 by default.' : ''}`;
  const { cursor: _, ...sample } = sampleQuery(bundle, operation);
  const example = `@example const query: ${query} = ${inline(sample)};`;
  const doc = docComment(
    [
      `${summary}, all of them, page by page.`,
      [
        `@param query - Filters${hasLimit ? ', and `limit`, the size of a page (100 by default)' : ''}.`,
        '@param options - Options of each request.',
        '@throws {ProblemError} if a response is no success, or its `next_cursor` was there before.',
        `@example for await (const item of client.${name}()) console.log(item);`,
      ].join('\n'),
    ],
    '  ',
  );
  return {
    declaration: `${docComment([words, example])}
export interface ${query} extends Omit<${queryName(operationId)}, 'cursor'> {}\n`,
    signature: `${doc}\n  ${name}(${renderArguments(args).join(', ')}): AsyncGenerator<${item}, void>;`,
    binding: `    ${name}: (${all.map((argument) => argument.name).join(', ')}) =>
      composer.listAll(${literal(operationId)}, (cursor) => methods.${operationId}(${sent.join(', ')})),`,
  };
}

/** An item that is read with its `ETag` and written with `If-Match`. */
interface Changeable {
  read: ResolvedOperation;
  write: ResolvedOperation;
}

/** Lists the items of a bundle that can be changed without losing the change of another client. */
function listChangeable(bundle: Bundle, operations: readonly ResolvedOperation[]): Changeable[] {
  return operations.flatMap((write) => {
    // One change for each item: by PATCH, which sends only what changes, where there is one.
    const isPatched = operations.some(({ method, path }) => method === 'patch' && path === write.path);
    const isWrite = write.method === (isPatched ? 'patch' : 'put');
    const read = operations.find(({ method, path }) => method === 'get' && path === write.path);
    if (!isWrite || read === undefined || !hasETag(bundle, read)) return [];
    const isOptional = (operation: ResolvedOperation) => listArguments(operation).at(-1)?.isOptional === true;
    const hasQuery = [read, write].some(({ parameters }) => parameters.some((parameter) => parameter.in === 'query'));
    const takesBody = write.requestBody?.content['application/json'] !== undefined;
    const isSafe = hasParameter(write, 'header', 'If-Match') && takesBody && successSchema(write) !== undefined;
    return isSafe && !hasQuery && isOptional(read) && isOptional(write) ? [{ read, write }] : [];
  });
}

function composeChange({ read, write }: Changeable): Composed {
  const name = `change${write.operationId.replace(/^[a-z]+/, '')}`;
  const path = listArguments(read).filter((argument) => argument.name !== 'options');
  const ids = path.map((argument) => argument.name);
  const data = typeOf(successSchema(read), `Awaited<ReturnType<Operations[${literal(read.operationId)}]>>`);
  const result = typeOf(successSchema(write), `Awaited<ReturnType<Operations[${literal(write.operationId)}]>>`);
  const body = typeOf(
    write.requestBody?.content['application/json']?.schema,
    `NonNullable<Parameters<Operations[${literal(write.operationId)}]>[${ids.length}]>`,
  );
  const results = [...new Set([data, result])].join(' | ');
  const doc = docComment(
    [
      `Reads and writes what \`change\` returns, with \`If-Match\`: \`${read.operationId}\`, then \`${write.operationId}\`. When another request
has written in the meantime (412), it waits and starts again, for 10 attempts and \`totalTimeout\` at most.`,
      [
        ...path.map((argument) => `@param ${argument.name} - ${argument.doc.trim().replaceAll('\n', ' ')}`),
        '@param change - Function that returns the body of the write, or `undefined` to write nothing.',
        '@param options - Options of each request. `totalTimeout` is for all of them together.',
        '@returns What was written; what was read when nothing was written.',
        '@throws {ProblemError} if a response is no success, or the server sends no strong `ETag`. Without one, the write could\noverwrite that of another client.',
        '@throws {ConnectionError} if a response was lost, so that the write may have happened.',
      ].join('\n'),
    ],
    '  ',
  );
  const change = `change: (current: ${data}) => ${body} | undefined | Promise<${body} | undefined>`;
  const args = renderArguments([...path]);
  return {
    signature: `${doc}\n  ${name}(${[...args, change, 'options?: RequestOptions'].join(', ')}): Promise<${results}>;`,
    binding: `    ${name}: (${[...ids, 'change', 'options'].join(', ')}) =>
      composer.change(${literal(name)}, {
        read: (init) => methods.${read.operationId}(${[...ids, 'init'].join(', ')}),
        write: (body: ${body}, init) => methods.${write.operationId}(${[...ids, 'body', 'init'].join(', ')}),
      }, change, options),`,
  };
}

/** Renders the methods that send several requests: all pages where there is a cursor, safe changes where there is an ETag. */
export function renderComposed(bundle: Bundle): string {
  const operations = listOperations(bundle);
  const paged = operations.filter((operation) => isPaged(bundle, operation));
  const lists = paged.map((operation) => composeList(bundle, operation));
  const methods = [...lists, ...listChangeable(bundle, operations).map(composeChange)];
  const queries = paged.map(({ operationId }) => queryName(operationId));
  const usesLimit = methods.some(({ binding }) => binding.includes('defaultPageSize'));
  const isTyped = methods.some(({ signature }) => signature.includes('operations['));
  const text = `import type { ${[...queries, 'Operations', 'RequestOptions'].join(', ')} } from './client.ts';
import type { ResponsePromise } from './requests.ts';
import type {} from './types.ts';

${lists.map(({ declaration }) => declaration).join('\n')}
/**
 * Methods that send several requests. They reject as \`Operations\` do, a change also with an error of \`change\`.
 *
 * @example const methods: Partial<ComposedMethods> = client;
 */
export interface ComposedMethods {
${methods.map(({ signature }) => signature).join('\n\n')}
}

/** Requests of a change, each with its options. */
export interface ChangeRequests<Data, Body, Result> {
  read(options: RequestOptions): ResponsePromise<Data>;
  write(body: Body, options: RequestOptions & { headers: { 'If-Match': string } }): ResponsePromise<Result>;
}

/** Sends the requests of the composed methods. */
export interface Composer {
  /** Lists the items of every page. */
  listAll<Item>(
    operation: string,
    list: (cursor: string | undefined) => ResponsePromise<{ data: readonly Item[]; next_cursor?: string | undefined }>,
  ): AsyncGenerator<Item, void>;
  /** Reads and writes until no other request has written in between. */
  change<Data, Body, Result>(
    operation: string,
    requests: ChangeRequests<Data, Body, Result>,
    change: (current: Data) => Body | undefined | Promise<Body | undefined>,
    options: RequestOptions | undefined,
  ): Promise<Data | Result>;
}
${usesLimit ? '\n/** Items on a page, unless a query says otherwise. */\nconst defaultPageSize = 100;\n' : ''}
/** Creates the composed methods from the methods of the operations. */
export function bindComposed(${methods.length === 0 ? '_methods: Operations, _composer: Composer' : 'methods: Operations, composer: Composer'}): ComposedMethods {
  return {
${methods.map(({ binding }) => binding).join('\n')}
  };
}
`;
  return importTypes(text, isTyped ? ['operations'] : []);
}
