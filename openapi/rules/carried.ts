/** The rule that refuses what the generators do not carry. It stays on where the house rules are off. */
import type { Context, Node } from './context.ts';

type Check = (node: Node, context: Context) => void;
type Path = (string | number)[];

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Reports a message at a descendant of the visited node. */
function refuse({ report, location }: Context, path: Path, message: string): void {
  // `child([])` would be another place.
  report({ message, location: path.length === 0 ? location : location.child(path) });
}

/** Returns the node that a `$ref` points to, and any other node unchanged. */
function follow(node: unknown, { resolve }: Context): Node {
  const target = isNode(node) && '$ref' in node ? resolve(node).node : node;
  return isNode(target) ? target : {};
}

const scalars: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];
const identifier = /^[A-Za-z]\w*$/;
/** Names of types that the generated code declares itself. */
const ownTypes = ['paths', 'components', 'operations', 'webhooks'];
/** Names that TypeScript allows for no type. */
const reservedTypes = [
  'any',
  'boolean',
  'never',
  'null',
  'number',
  'object',
  'string',
  'symbol',
  'undefined',
  'unknown',
];

const methodReasons: Readonly<Record<string, string>> = {
  head: 'Remove HEAD: it works wherever GET does.',
  options: 'Remove OPTIONS: it works wherever another method does.',
  trace: 'Remove TRACE: neither the server nor the client has it.',
};

const root: Check = (node, context) => {
  if (!/^3\.1\.\d+$/.test(String(node.openapi))) refuse(context, ['openapi'], 'Use OpenAPI 3.1.');
  if (isNode(node.webhooks) && Object.keys(node.webhooks).length > 0) {
    refuse(context, ['webhooks'], 'Remove the webhooks: nothing is generated from them.');
  }
};

const pathItem: Check = (node, context) => {
  for (const [method, message] of Object.entries(methodReasons)) if (method in node) refuse(context, [method], message);
  if ('servers' in node) refuse(context, ['servers'], 'Put servers into the root: the client has one base URL.');
};

/** The media types of a body as far as the generators carry them; undefined for any other. */
function kindOf(mediaType: string): 'json' | 'text' | undefined {
  if (mediaType === 'application/json') return 'json';
  return /^text\/[\w.+-]+$/.test(mediaType) && mediaType !== 'text/event-stream' ? 'text' : undefined;
}

/** Checks the media types of a success: JSON, text or nothing. */
function checkSuccess(content: Node, path: Path, context: Context): void {
  const types = Object.keys(content);
  for (const type of types) {
    if (kindOf(type) !== undefined) continue;
    refuse(context, [...path, type], `Use application/json or a text type: clients cannot read ${type}.`);
  }
  if (types.length === 0) refuse(context, path, 'Remove `content`, or give it a media type.');
  if (types.length > 1) refuse(context, path, 'Keep one media type: the client sends no `Accept`.');
}

const operation: Check = (node, context) => {
  const { operationId, callbacks, servers, responses } = node;
  if (operationId === undefined) {
    refuse(context, [], 'Add an operationId: the handler and the client method are named by it.');
  } else if (!identifier.test(String(operationId))) {
    refuse(context, ['operationId'], 'Use letters, digits and _ in an operationId: a method is named by it.');
  }
  if (callbacks !== undefined) refuse(context, ['callbacks'], 'Remove the callbacks: nothing is generated from them.');
  if (servers !== undefined) refuse(context, ['servers'], 'Put servers into the root: the client has one base URL.');
  if (isNode(responses) && !Object.keys(responses).some((status) => /^2\d\d$/.test(status))) {
    refuse(context, ['responses'], 'Add a success (2xx) with its status: methods resolve with its data.');
  }
};

const responses: Check = (node, context) => {
  for (const [status, response] of Object.entries(node)) {
    if (status.startsWith('x-')) continue;
    if (!/^[1-5]\d\d$/.test(status)) {
      refuse(context, [status], `Name each status instead of ${status}: types, mock and server have none for a range.`);
    }
    const { content } = follow(response, context);
    if (/^2/.test(status) && isNode(content))
      checkSuccess(content, '$ref' in (response as Node) ? [status] : [status, 'content'], context);
  }
};

/** Whether a body or a header has an example. */
const hasExample = ({ example, examples }: Node) =>
  example !== undefined || (isNode(examples) && Object.keys(examples).length > 0);

const response: Check = (node, context) => {
  for (const [type, media] of Object.entries(isNode(node.content) ? node.content : {})) {
    if (isNode(media) && hasExample(media)) continue;
    refuse(context, ['content', type], 'Add an example: the mocks have no other body to send.');
  }
  for (const [name, header] of Object.entries(isNode(node.headers) ? node.headers : {})) {
    const resolved = follow(header, context);
    if (resolved.required !== true || hasExample(resolved)) continue;
    refuse(context, ['headers', name], 'Add an example: the mocks send it with every response.');
  }
};

const requestBody: Check = (node, context) => {
  const content = isNode(node.content) ? node.content : {};
  for (const [type, media] of Object.entries(content)) {
    if (type !== 'application/json') {
      refuse(context, ['content', type], `Use application/json: client and server send and read no ${type}.`);
    } else if (!isNode(media) || media.schema === undefined) {
      refuse(context, ['content', type], 'Add a schema: types and validators follow from it.');
    }
  }
};

/** Whether a parameter has a value that client and server write in the same way: a scalar, in queries also a list. */
function isWritable({ type, items }: Node, place: unknown, context: Context): boolean {
  if (scalars.includes(type)) return true;
  return place === 'query' && type === 'array' && scalars.includes(follow(items, context).type);
}

const parameter: Check = (node, context) => {
  const { name, in: place, style, explode, allowReserved, allowEmptyValue, content, schema } = node;
  const resolved = follow(schema, context);
  if (place === 'cookie') {
    return refuse(context, [], 'Use a header or the query: client and server send and read no cookies.');
  }
  if (content !== undefined || schema === undefined) {
    return refuse(context, [], 'Use `schema`, with `x-content-media-type: application/json` for JSON in the query.');
  }
  if (style !== undefined && style !== (place === 'query' ? 'form' : 'simple')) {
    refuse(
      context,
      ['style'],
      `Remove \`style\`: a parameter in ${place} has the style ${place === 'query' ? 'form' : 'simple'}.`,
    );
  }
  if (explode !== undefined && explode !== (place === 'query') && resolved.type === 'array') {
    refuse(context, ['explode'], 'Remove `explode`: a list repeats the parameter for each of its values.');
  }
  if (allowReserved === true || allowEmptyValue === true) {
    refuse(
      context,
      [],
      'Remove `allowReserved` and `allowEmptyValue`: clients encode every value, and it is not empty.',
    );
  }
  if (!isWritable(resolved, place, context)) {
    refuse(
      context,
      ['schema'],
      'Give it one `type`: string, integer, number or boolean; in the query also an array of these.',
    );
  }
  if (!(place === 'path' ? /^\w+$/ : /^[\w.~-]+$/).test(String(name))) {
    refuse(
      context,
      ['name'],
      `Use letters, digits${place === 'path' ? ' and _' : ', ".", "~", "_" and "-"'} in the name: it is sent as it is.`,
    );
  }
};

const securityScheme: Check = ({ type, scheme }, context) => {
  if (type === 'http' && String(scheme).toLowerCase() === 'bearer') return;
  refuse(context, [], 'Use a bearer token (`type: http`, `scheme: bearer`): client and server send and read no other.');
};

const namedSecuritySchemes: Check = (node, context) => {
  for (const name of Object.keys(node).slice(1)) {
    refuse(context, [name], 'Keep one security scheme: client and server send and read one token.');
  }
};

const securityRequirements = (node: unknown, context: Context, path: Path) => {
  if (!Array.isArray(node) || node.length === 0) return;
  const isOne = node.length === 1 && isNode(node[0]) && Object.keys(node[0]).length === 1;
  if (!isOne) refuse(context, path, 'Require one scheme, or none at all with `security: []`.');
};

const ignored = ['$comment', 'externalDocs', 'example'];
/** The keywords of a schema that types, validators, mock and docs all carry. */
const keywords = new Set([
  ...['$ref', 'title', 'description', 'default', 'examples', 'deprecated', ...ignored],
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength', 'contentMediaType', 'contentSchema'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
  ...['items', 'minItems', 'maxItems', 'uniqueItems', 'properties', 'required', 'additionalProperties'],
  ...['minProperties', 'maxProperties', 'allOf', 'anyOf', 'oneOf', 'discriminator'],
]);

/** The values that a schema has for a property, by `const` or `enum`. */
function valuesOf(schema: Node, property: string, context: Context): readonly unknown[] {
  const node = follow((isNode(schema.properties) ? schema.properties : {})[property], context);
  return 'const' in node ? [node.const] : Array.isArray(node.enum) ? node.enum : [];
}

/** Checks that every alternative says itself which values of the discriminator it has: JSON Schema reads no mapping. */
function checkDiscriminator(node: Node, context: Context): void {
  const { propertyName, mapping } = node.discriminator as { propertyName: string; mapping?: Node };
  if (!Array.isArray(node.oneOf)) refuse(context, ['discriminator'], 'Put the discriminator beside `oneOf`.');
  const choices = Array.isArray(node.oneOf) ? node.oneOf : [];
  const refs = choices.map((one) => (isNode(one) ? one.$ref : undefined));
  for (const [index, one] of choices.entries()) {
    const schema = follow(one, context);
    const values = valuesOf(schema, propertyName, context);
    const mapped = Object.keys(mapping ?? {}).filter((key) => mapping?.[key] === refs[index]);
    const isSaid = values.length > 0 && (schema.required as unknown[] | undefined)?.includes(propertyName);
    const isMapped =
      mapping === undefined ||
      (mapped.length === values.length && values.every((value) => mapped.includes(String(value))));
    if (isSaid && isMapped) continue;
    refuse(
      context,
      ['oneOf', index],
      `Require \`${propertyName}\` there with a \`const\` or \`enum\` of the values in the mapping.`,
    );
  }
}

const schema: Check = (node, context) => {
  for (const keyword of Object.keys(node)) {
    if (keywords.has(keyword) || keyword.startsWith('x-')) continue;
    const instead = keyword === 'nullable' ? "Write `type: [string, 'null']`" : `Remove \`${keyword}\``;
    refuse(context, [keyword], `${instead}: types, validators, mock and docs do not all carry it.`);
  }
  for (const keyword of ['x-max-bytes', 'x-max-depth', 'x-max-values']) {
    if (keyword in node && typeof node[keyword] !== 'number') refuse(context, [keyword], 'Use a number.');
  }
  if ('discriminator' in node) checkDiscriminator(node, context);
};

const namedSchemas: Check = (node, context) => {
  for (const name of Object.keys(node)) {
    const isTaken = ownTypes.includes(name) || reservedTypes.includes(name);
    const isTwice = name.endsWith('Input') && name.slice(0, -'Input'.length) in node;
    if (identifier.test(name) && !isTaken && !isTwice) continue;
    refuse(
      context,
      [name],
      'Use another name of letters, digits and _: a type is named by it, and this one cannot be.',
    );
  }
};

/** Refuses every construct that types, client, validators, server or mock would drop or get wrong. */
export function carried() {
  return {
    Root(node: Node, context: Context) {
      root(node, context);
      securityRequirements(node.security, context, ['security']);
    },
    PathItem: pathItem,
    Operation(node: Node, context: Context) {
      operation(node, context);
      securityRequirements(node.security, context, ['security']);
    },
    Parameter: parameter,
    RequestBody: requestBody,
    Responses: responses,
    Response: response,
    SecurityScheme: securityScheme,
    NamedSecuritySchemes: namedSecuritySchemes,
    NamedSchemas: namedSchemas,
    Schema: schema,
  };
}
