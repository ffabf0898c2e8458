/** The rule that refuses what the generators do not carry. It stays on where the house rules are off. */
import { listUnreadLimits, namedSchemas, schema, sizeLimits } from './carried-schemas.ts';
import { type Check, type Context, follow, identifier, isNode, type Node, type Path, refuse } from './context.ts';

const scalars: readonly unknown[] = ['string', 'integer', 'number', 'boolean'];
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
    } else {
      for (const limit of listUnreadLimits(media.schema, context, [], new Set())) {
        refuse(
          context,
          ['content', type, 'schema'],
          `Remove ${limit}: properties of a body have ${sizeLimits.join(', ')}.`,
        );
      }
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
