/** What a schema allows, in words of Markdown. */
import { type Bundle, deref, type Schema } from '../generate/bundle.ts';

/** The anchor that a heading gets wherever Markdown is shown. */
export const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');

/** A link to the section of a heading. */
export const linkTo = (heading: string) => `[${heading}](#${anchorOf(heading)})`;

export const code = (value: unknown) => `\`${value}\``;
const list = (values: unknown) => (values as unknown[]).map(code).join(', ');

/** A schema with what its `$ref` points to; what stands beside the `$ref` goes first. */
export function resolve(bundle: Bundle, schema: Schema): Schema {
  const { $ref, ...own } = schema;
  return $ref === undefined ? schema : { ...deref<Schema>(bundle, { $ref }), ...own };
}

/** `1 or more`, `at most 9` or `1 to 9`, with the unit. */
function range(schema: Schema, low: string, high: string, unit = ''): string[] {
  const [from, to] = [schema[low], schema[high]];
  if (from === undefined && to === undefined) return [];
  const bounds = from === undefined ? `at most ${to}` : to === undefined ? `${from} or more` : `${from} to ${to}`;
  return [bounds + unit];
}

/** Limits that JSON Schema has no keyword for: `x-max-bytes: 16384` is `max bytes 16384`. */
const ownLimits = (schema: Schema) =>
  Object.entries(schema)
    .filter(([name]) => name.startsWith('x-max-'))
    .map(([name, value]) => `max ${name.slice('x-max-'.length)} ${value}`);

const patternWords = (schema: Schema) =>
  schema.pattern === undefined ? [] : [String(schema['x-pattern-message'] ?? `matches ${code(schema.pattern)}`)];

/** The type of a schema; an object with properties by its title, as a link to the section about it. */
function describeType(bundle: Bundle, schema: Schema): string {
  const { type, title, enum: values, properties, items, additionalProperties, anyOf, contentSchema } = schema;
  if (schema.const !== undefined) return code(schema.const);
  if (values !== undefined) return `one of ${list(values)}`;
  if (properties !== undefined) return linkTo(String(title));
  if (items !== undefined) return `array of ${describeSchema(bundle, items as Schema)}`;
  if (anyOf !== undefined) {
    const known = (anyOf as Schema[]).flatMap((member) => resolve(bundle, member).enum ?? []);
    return `string, known are ${list(known)}`;
  }
  if (typeof additionalProperties === 'object') {
    return `object of ${describeSchema(bundle, additionalProperties as Schema)}`;
  }
  return contentSchema === undefined ? String(type) : `JSON of an ${resolve(bundle, contentSchema as Schema).type}`;
}

/** What a schema allows: its type, its limits and its default. */
export function describeSchema(bundle: Bundle, schema: Schema): string {
  const resolved = resolve(bundle, schema);
  const limits = resolved.const === undefined ? patternWords(resolved) : [];
  return [
    describeType(bundle, resolved),
    ...(resolved.format === undefined ? [] : [String(resolved.format)]),
    ...range(resolved, 'minLength', 'maxLength', ' characters'),
    ...range(resolved, 'minimum', 'maximum'),
    ...range(resolved, 'minItems', 'maxItems', ' items'),
    ...ownLimits(resolved),
    ...limits,
    ...(resolved.default === undefined ? [] : [`default ${code(resolved.default)}`]),
  ].join(', ');
}

/** A table in Markdown, each cell in one line. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cell = (text: string) => text.trim().replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
