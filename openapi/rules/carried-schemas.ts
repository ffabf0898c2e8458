/** The parts of schemas that the generators do not carry. */
import { pathToFileURL } from 'node:url';
import { type Check, type Context, follow, identifier, isNode, type Node, refuse } from './context.ts';

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

/** The limits of a property of a body that JSON Schema has no keyword for. */
export const sizeLimits = ['x-max-bytes', 'x-max-depth', 'x-max-values'];

/** Lists the `x-max-…` keywords of a body that validators do not read, each behind the names of its properties. */
export function listUnreadLimits(
  node: unknown,
  context: Context,
  names: readonly string[],
  seen: ReadonlySet<Node>,
): string[] {
  const schema = follow(node, context);
  if (!isNode(node) || seen.has(schema)) return [];
  const isRead = (keyword: string) => names.length === 1 && sizeLimits.includes(keyword);
  const unread = Object.keys(schema).filter((keyword) => keyword.startsWith('x-max-') && !isRead(keyword));
  const { properties = {}, items, additionalProperties, allOf = [], anyOf = [], oneOf = [] } = schema;
  const choices = [allOf, anyOf, oneOf].flat().map((choice) => ['…', choice] as const);
  const inner = [...Object.entries(properties as Node), ['[]', items] as const, ['*', additionalProperties] as const];
  return [
    ...unread.map((keyword) => [...names, keyword].join('.')),
    ...[...inner, ...choices].flatMap(([name, child]) =>
      listUnreadLimits(child, context, [...names, name], new Set([...seen, schema])),
    ),
  ];
}

const ignored = ['$comment', 'externalDocs', 'example'];
/** The keywords of a schema that types, validators, mock and docs all carry. */
const keywords = new Set([
  ...['$ref', 'title', 'description', 'default', 'examples', 'deprecated', ...ignored],
  ...['type', 'enum', 'const', 'format', 'pattern', 'minLength', 'maxLength'],
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
  // The same file may be written in several ways.
  const file = pathToFileURL(context.location.source.absoluteRef);
  const toUrl = (ref: unknown) => (typeof ref === 'string' ? new URL(ref, file).href : undefined);
  const refs = choices.map((one) => (isNode(one) ? toUrl(one.$ref) : undefined));
  for (const [index, one] of choices.entries()) {
    const schema = follow(one, context);
    const values = valuesOf(schema, propertyName, context);
    const mapped = Object.keys(mapping ?? {}).filter((key) => toUrl(mapping?.[key]) === refs[index]);
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

/** Refuses keywords that not all of types, validators, mock and docs carry. */
export const schema: Check = (node, context) => {
  for (const keyword of Object.keys(node)) {
    if (keywords.has(keyword) || keyword.startsWith('x-')) continue;
    const instead = keyword === 'nullable' ? "Write `type: [string, 'null']`" : `Remove \`${keyword}\``;
    refuse(context, [keyword], `${instead}: types, validators, mock and docs do not all carry it.`);
  }
  for (const keyword of sizeLimits) {
    if (keyword in node && typeof node[keyword] !== 'number') refuse(context, [keyword], 'Use a number.');
  }
  if ('discriminator' in node) checkDiscriminator(node, context);
};

/** Refuses names that no type can have. */
export const namedSchemas: Check = (node, context) => {
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
