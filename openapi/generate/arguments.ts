/**
 * The arguments of client methods. Their places follow from the method and the path alone, so that an optional parameter
 * or an optional body that is added later moves none of them.
 */
import { literal, type MediaType, type Parameter, type ResolvedOperation } from './bundle.ts';

/** An argument of a client method. */
export interface Argument {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
  /** Text of its `@param` tag. */
  readonly doc: string;
}

/** Returns the name of the argument for a parameter. */
export const camel = (name: string) => name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
const refName = ({ $ref }: { $ref?: string } = {}) => $ref?.split('/').at(-1);

/** Returns the name of the interface of an operation's query. */
export const queryName = (operationId: string) => `${pascal(operationId)}Query`;

/** Returns the type of a body: the name of its schema where it has one. */
export function bodyType(
  { operationId }: ResolvedOperation,
  kind: 'JsonBody' | 'Success',
  content?: Record<string, MediaType>,
) {
  const name = refName(content?.['application/json']?.schema);
  return name === undefined ? `${kind}<${literal(operationId)}>` : `types.${name}`;
}

const listIn = ({ parameters }: ResolvedOperation, place: Parameter['in']) =>
  parameters.filter((parameter) => parameter.in === place);
const isRequired = (parameters: readonly Parameter[]) => parameters.some(({ required }) => required === true);
const quote = (parameters: readonly Parameter[]) => parameters.map(({ name }) => `\`${name}\``).join(', ');

/** Whether the query is an argument of its own: of reads of a collection. Elsewhere it is among the options. */
export const hasQueryArgument = ({ method, path }: ResolvedOperation) => method === 'get' && !path.endsWith('}');
/** Whether the body is an argument of its own, even where there is none yet. Elsewhere it is among the options. */
export const hasBodyArgument = ({ method }: ResolvedOperation) => ['post', 'put', 'patch'].includes(method);

/** Lists the arguments for the parameters of the path, in its order. */
function listPathArguments(operation: ResolvedOperation): Argument[] {
  const inPath = listIn(operation, 'path');
  return Array.from(operation.path.matchAll(/\{([^}]+)\}/g), ([, name = '']) => ({
    name: camel(name),
    type: `operations[${literal(operation.operationId)}]['parameters']['path'][${literal(name)}]`,
    isOptional: false,
    doc: inPath.find((parameter) => parameter.name === name)?.description ?? '',
  }));
}

function bodyArgument(operation: ResolvedOperation): Argument {
  const { requestBody } = operation;
  if (requestBody === undefined) return { name: 'body', type: 'undefined', isOptional: true, doc: 'There is no body.' };
  const isOptional = requestBody.required !== true;
  return {
    name: 'body',
    type: bodyType(operation, 'JsonBody', requestBody.content),
    isOptional,
    doc: 'The request body.',
  };
}

function queryArgument(operation: ResolvedOperation): Argument {
  const inQuery = listIn(operation, 'query');
  if (inQuery.length === 0)
    return { name: 'query', type: 'undefined', isOptional: true, doc: 'There are no parameters.' };
  const doc = `Query parameters: ${quote(inQuery)}.`;
  return { name: 'query', type: queryName(operation.operationId), isOptional: !isRequired(inQuery), doc };
}

/** Returns the argument for the options of a request, with the query and the body where these have no argument. */
function optionsArgument(operation: ResolvedOperation): Argument {
  const { operationId, requestBody } = operation;
  const [inHeader, inQuery] = [listIn(operation, 'header'), listIn(operation, 'query')];
  const query = !hasQueryArgument(operation) &&
    inQuery.length > 0 && {
      type: `query${isRequired(inQuery) ? '' : '?'}: ${queryName(operationId)}`,
      doc: `\`query\` takes ${quote(inQuery)}`,
    };
  const body = !hasBodyArgument(operation) &&
    requestBody && {
      type: `body${requestBody.required ? '' : '?'}: ${bodyType(operation, 'JsonBody', requestBody.content)}`,
      doc: '`body` is the request body',
    };
  const own = [query, body].filter((one) => one !== false && one !== undefined);
  const members = own.length > 0 ? ` & { ${own.map(({ type }) => type).join('; ')} }` : '';
  const headers = inHeader.length > 0 ? [`\`headers\` takes ${quote(inHeader)}`] : [];
  return {
    name: 'options',
    type: `RequestOptions${inHeader.length > 0 ? `<${literal(operationId)}>` : ''}${members}`,
    isOptional: !own.some(({ type }) => !type.includes('?:')),
    doc: `${['Options of this request', ...headers, ...own.map(({ doc }) => doc)].join('; ')}.`,
  };
}

/** Lists the arguments of a client method: path parameters in their order, `body`, `query`, and `options`. */
export function listArguments(operation: ResolvedOperation): Argument[] {
  return [
    ...listPathArguments(operation),
    ...(hasBodyArgument(operation) ? [bodyArgument(operation)] : []),
    ...(hasQueryArgument(operation) ? [queryArgument(operation)] : []),
    optionsArgument(operation),
  ];
}
