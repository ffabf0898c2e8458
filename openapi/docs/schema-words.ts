/** Describes schemas in Markdown. */
import { type Bundle, deref, type Schema } from '../generate/bundle.ts';

/** Returns the anchor that Markdown renderers give to a heading. */
export const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** Returns a link to the section of a heading. */
export const linkTo = (heading: string) => `[${heading}](#${anchorOf(heading)})`;

/** Returns a value as inline code: a text as it is, everything else as JSON. */
export const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
const list = (values: unknown) => (values as unknown[]).map(code).join(', ');

/** Resolves the `$ref` of a schema. Keywords beside the `$ref` override those of its target. */
export function resolve(bundle: Bundle, schema: Schema): Schema {
  const { $ref, ...own } = schema;
  return $ref === undefined ? schema : { ...deref<Schema>(bundle, { $ref }), ...own };
}

/** Describes a range with its unit: `1 or more`, `at most 9` or `1 to 9`. */
function range(schema: Schema, low: string, high: string, unit = ''): string[] {
  const [from, to] = [schema[low], schema[high]];
  if (from === undefined && to === undefined) return [];
  const bounds = from === undefined ? `at most ${to}` : to === undefined ? `${from} or more` : `${from} to ${to}`;
  return [bounds + unit];
}

/** Describes the limits for which JSON Schema has no keyword: `x-max-bytes: 16384` becomes `max bytes 16384`. */
const ownLimits = (schema: Schema) =>
  Object.entries(schema)
    .filter(([name]) => name.startsWith('x-max-'))
    .map(([name, value]) => `max ${name.slice('x-max-'.length)} ${value}`);

const patternWords = (schema: Schema) =>
  schema.pattern === undefined ? [] : [String(schema['x-pattern-message'] ?? `matches ${code(schema.pattern)}`)];

/** Describes the value of a schema. An object with properties is a link to the section of its title. */
function describeValue(bundle: Bundle, schema: Schema): string | undefined {
  const { title, enum: values, properties, items, additionalProperties } = schema;
  if (schema.const !== undefined) return code(schema.const);
  if (values !== undefined) return `one of ${list(values)}`;
  if (properties !== undefined) {
    return title === undefined ? `object with ${list(Object.keys(properties as object))}` : linkTo(String(title));
  }
  if (items !== undefined) return `array of ${describeSchema(bundle, items as Schema)}`;
  if (typeof additionalProperties !== 'object') return undefined;
  return `object of ${describeSchema(bundle, additionalProperties as Schema)}`;
}

/** Describes the type of a schema, and the branches of which a value matches one or all. */
function describeType(bundle: Bundle, schema: Schema): string[] {
  const { type, discriminator } = schema;
  const value = describeValue(bundle, schema);
  const branches = (['oneOf', 'anyOf', 'allOf'] as const).flatMap((name) => {
    const all = schema[name] as Schema[] | undefined;
    return all ? [all.map((one) => describeSchema(bundle, one)).join(name === 'allOf' ? ' and ' : ' or ')] : [];
  });
  const property = (discriminator as { propertyName?: string } | undefined)?.propertyName;
  const types = Array.isArray(type) ? type.join(' or ') : type === undefined ? undefined : String(type);
  // The values of an enum have their types.
  const isOrNull = value !== undefined && Array.isArray(type) && type.includes('null') && schema.enum === undefined;
  const plain = value === undefined ? (types ?? (branches.length > 0 ? undefined : 'any value')) : value;
  return [
    ...(plain === undefined ? [] : [isOrNull ? `${plain} or null` : plain]),
    ...branches,
    ...(property === undefined ? [] : [`told apart by ${code(property)}`]),
  ];
}

/** Describes the properties that a schema does not name. The section of a title says whether there are others. */
function describeRest(bundle: Bundle, { title, properties, additionalProperties }: Schema): string[] {
  if (additionalProperties === false)
    return title !== undefined && properties !== undefined ? [] : ['no other property'];
  if (properties === undefined || typeof additionalProperties !== 'object') return [];
  return [`other properties: ${describeSchema(bundle, additionalProperties as Schema)}`];
}

/** Keywords that `describeSchema` says in words, or that are shown elsewhere. */
const saidInWords = new Set(
  (
    'title description type enum const format pattern default properties required items additionalProperties minLength ' +
    'maxLength minimum maximum minItems maxItems minProperties maxProperties examples example oneOf anyOf allOf discriminator'
  ).split(' '),
);

/** Words for flags that are true. */
const flagWords: Readonly<Record<string, string>> = {
  uniqueItems: 'no item twice',
  readOnly: 'only in responses',
  writeOnly: 'only in requests',
  deprecated: 'deprecated',
};

/** Words for keywords with a value. */
const valueWords: Readonly<Record<string, (value: unknown) => string>> = {
  exclusiveMinimum: (limit) => `more than ${limit}`,
  exclusiveMaximum: (limit) => `less than ${limit}`,
  multipleOf: (divisor) => `a multiple of ${divisor}`,
  minContains: (count) => `${count} or more of them`,
  maxContains: (count) => `at most ${count} of them`,
  contentMediaType: (type) => `text of ${code(type)}`,
  contentEncoding: (encoding) => `encoded as ${code(encoding)}`,
};

/** Describes every other keyword, so that none is left out. */
const describeOthers = (schema: Schema) =>
  Object.entries(schema)
    .filter(([name, value]) => !saidInWords.has(name) && !name.startsWith('x-') && value !== false)
    .map(([name, value]) => flagWords[name] ?? valueWords[name]?.(value) ?? `${name} ${code(value)}`);

/** Describes a schema: its type, its limits and its default. */
export function describeSchema(bundle: Bundle, schema: Schema): string {
  const resolved = resolve(bundle, schema);
  const limits = resolved.const === undefined ? patternWords(resolved) : [];
  return [
    ...describeType(bundle, resolved),
    ...describeRest(bundle, resolved),
    ...(resolved.format === undefined ? [] : [String(resolved.format)]),
    ...range(resolved, 'minLength', 'maxLength', ' characters'),
    ...range(resolved, 'minimum', 'maximum'),
    ...range(resolved, 'minItems', 'maxItems', ' items'),
    ...range(resolved, 'minProperties', 'maxProperties', ' properties'),
    ...describeOthers(resolved),
    ...ownLimits(resolved),
    ...limits,
    ...(resolved.default === undefined ? [] : [`default ${code(resolved.default)}`]),
  ].join(', ');
}

/** Returns a Markdown table. Line breaks in cells become spaces. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
