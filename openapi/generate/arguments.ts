/**
 * The arguments of the client's methods. Their places follow from the method and the path alone, so that an optional
 * parameter or an optional body that is added later moves none of them.
 */
import {
  type Bundle,
  deref,
  docComment,
  literal,
  type MediaType,
  type Parameter,
  pascal,
  type ResolvedOperation,
  type Schema,
} from './bundle.ts';
import { inline, sampleQuery } from './sample.ts';

/** Returns the name of the argument for a parameter. */
export const camel = (name: string) => name.replace(/\W(\w)/g, (_, letter: string) => letter.toUpperCase());

/** An argument of a client method. */
export interface Argument {
  name: string;
  type: string;
  isOptional: boolean;
  /** Text of its `@param` tag. */
  doc: string;
}

/** Whether a query parameter holds JSON. The client then takes a value and serializes it. */
export const holdsJson = (parameter: Parameter) =>
  parameter.in === 'query' && parameter['x-content-media-type'] === 'application/json';

export const queryName = (operationId: string) => `${pascal(operationId)}Query`;
const refName = ({ $ref }: { $ref?: string } = {}) => $ref?.split('/').at(-1);

/** Returns the type of a value that a parameter holds as JSON. A value of any interface fits a free-form object. */
function valueType(bundle: Bundle, schema: Schema | undefined): string {
  const name = refName(schema);
  if (schema === undefined || name === undefined) return 'object';
  const { additionalProperties = false, properties } = deref<Schema>(bundle, schema);
  return additionalProperties !== false && properties === undefined ? `types.${name}Input` : `types.${name}`;
}

/** Renders the interface of an operation's query. A parameter that holds JSON takes a value of any interface as well. */
export function renderQueryType(bundle: Bundle, operation: ResolvedOperation): string {
  const { operationId, summary, parameters } = operation;
  if (!parameters.some((parameter) => parameter.in === 'query')) return '';
  const json = parameters.filter(holdsJson);
  const type = `NonNullable<operations[${literal(operationId)}]['parameters']['query']>`;
  const base = json.length > 0 ? `Omit<${type}, ${json.map(({ name }) => literal(name)).join(' | ')}>` : type;
  const fields = json.map(({ name, description = '', schema, required }) => {
    const value = valueType(bundle, deref<Schema>(bundle, schema).contentSchema as Schema | undefined);
    const field = required ? `${literal(name)}: string | ${value}` : `${literal(name)}?: string | ${value} | undefined`;
    return `${description === '' ? '' : `${docComment([description], '  ')}\n`}  ${field};\n`;
  });
  const example = `@example const query: ${queryName(operationId)} = ${inline(sampleQuery(bundle, operation))};`;
  const doc = docComment([`Query parameters of \`${operationId}\`: ${summary}.`, example]);
  return `${doc}\nexport interface ${queryName(operationId)} extends ${base} {\n${fields.join('')}}\n`;
}

/** Returns the type of a JSON body: the name of its schema where it has one. */
export function bodyType(kind: string, content?: Record<string, MediaType>) {
  const name = refName(content?.['application/json']?.schema);
  return name === undefined ? kind : `types.${name}`;
}

/** Names that an argument cannot have: those of other arguments, and reserved words. */
const takenNames = new Set(
  `body query options init raw send arguments await break case catch class const continue debugger default delete do else
  enum eval export extends false finally for function if implements import in instanceof interface let new null package
  private protected public return static super switch this throw true try typeof var void while with yield`.split(
    /\s+/,
  ),
);

/** Returns the name of the argument for a path parameter. */
export const argumentName = (name: string) => (takenNames.has(camel(name)) ? `${camel(name)}Parameter` : camel(name));

/** Whether the query is an argument of its own: of reads of a collection. Elsewhere it is among the options. */
export const hasQueryArgument = ({ method, path }: ResolvedOperation) => method === 'get' && !path.endsWith('}');
/** Whether the body is an argument of its own, even where there is none yet. Elsewhere it is among the options. */
export const hasBodyArgument = ({ method }: ResolvedOperation) => ['post', 'put', 'patch'].includes(method);

const listIn = ({ parameters }: ResolvedOperation, place: Parameter['in']) =>
  parameters.filter((parameter) => parameter.in === place);
const quote = (parameters: readonly Parameter[]) => parameters.map(({ name }) => `\`${name}\``).join(', ');
const isRequired = (parameters: readonly Parameter[]) => parameters.some(({ required }) => required === true);
const typeOfBody = ({ operationId, requestBody }: ResolvedOperation) =>
  requestBody === undefined ? 'undefined' : bodyType(`JsonBody<${literal(operationId)}>`, requestBody.content);

/** Lists the arguments for the parameters of the path, in its order. */
function listPathArguments(operation: ResolvedOperation): Argument[] {
  const inPath = listIn(operation, 'path');
  return Array.from(operation.path.matchAll(/\{([^}]+)\}/g), ([, name = '']) => ({
    name: argumentName(name),
    type: `operations[${literal(operation.operationId)}]['parameters']['path'][${literal(name)}]`,
    isOptional: false,
    doc: inPath.find((parameter) => parameter.name === name)?.description ?? '',
  }));
}

/** Lists the arguments of a client method: path parameters in order, `body`, `query`, and `options` of the request. */
export function listArguments(operation: ResolvedOperation): Argument[] {
  const { operationId, requestBody } = operation;
  const inQuery = listIn(operation, 'query');
  const body = {
    name: 'body',
    type: typeOfBody(operation),
    isOptional: requestBody?.required !== true,
    doc: requestBody ? 'The request body.' : 'There is no body.',
  };
  const query = {
    name: 'query',
    type: inQuery.length > 0 ? queryName(operationId) : 'undefined',
    isOptional: !isRequired(inQuery),
    doc: inQuery.length > 0 ? `Query parameters: ${quote(inQuery)}.` : 'There are no query parameters.',
  };
  return [
    ...listPathArguments(operation),
    ...(hasBodyArgument(operation) ? [body] : []),
    ...(hasQueryArgument(operation) ? [query] : []),
    optionsArgument(operation),
  ];
}

/** Returns the argument for the options of a request. It is required where a header or a part of it is. */
function optionsArgument(operation: ResolvedOperation): Argument {
  const { operationId, requestBody } = operation;
  const [headers, inQuery] = [listIn(operation, 'header'), listIn(operation, 'query')];
  const hasQuery = !hasQueryArgument(operation) && inQuery.length > 0;
  const hasBody = !hasBodyArgument(operation) && requestBody !== undefined;
  const mark = (required: boolean | undefined) => (required === true ? '' : '?');
  const members = [
    ...(hasQuery ? [`query${mark(isRequired(inQuery))}: ${queryName(operationId)}`] : []),
    ...(hasBody ? [`body${mark(requestBody.required)}: ${typeOfBody(operation)}`] : []),
  ];
  const needed = [isRequired(headers), hasQuery && isRequired(inQuery), hasBody && requestBody.required === true];
  const type = [
    headers.length > 0 ? `RequestOptions<${literal(operationId)}>` : 'RequestOptions',
    ...(isRequired(headers) ? [`RequiredHeaders<${literal(operationId)}>`] : []),
    ...(members.length > 0 ? [`{ ${members.join('; ')} }`] : []),
  ].join(' & ');
  const docs = [
    'Options of this request',
    ...(headers.length > 0 ? [`\`headers\` takes ${quote(headers)}`] : []),
    ...(hasQuery ? [`\`query\` takes ${quote(inQuery)}`] : []),
    ...(hasBody ? ['`body` is the request body'] : []),
  ];
  return { name: 'options', type, isOptional: !needed.includes(true), doc: `${docs.join('; ')}.` };
}

/** Renders a list of arguments. Only those behind which none is required may be left out. */
export function renderArguments(args: readonly Argument[]): string[] {
  const lastRequired = args.findLastIndex(({ isOptional }) => !isOptional);
  return args.map(({ name, type, isOptional }, index) => {
    if (!isOptional) return `${name}: ${type}`;
    return index > lastRequired ? `${name}?: ${type}` : `${name}: ${type} | undefined`;
  });
}
