/** Makes values for the examples in generated doc comments. */
import { type Bundle, deref, type ResolvedOperation, type Schema } from './bundle.ts';

const plain: Readonly<Record<string, unknown>> = { string: 'text', integer: 1, number: 1, boolean: true };

/** Levels from which a value that contains itself ends. */
const maxDepth = 6;

/** Returns a value of a schema: an example of it, or one made of the values of its required properties. */
export function sampleOf(bundle: Bundle, node: Schema = {}, depth = 0): unknown {
  const schema = deref<Schema>(bundle, node);
  const { examples, example, const: constant, enum: values, properties, required = [], items, type } = schema;
  const known = [(examples as unknown[] | undefined)?.[0], example, constant, values?.[0]];
  const found = known.find((value) => value !== undefined);
  if (found !== undefined) return found;
  const [kind = 'object'] = [type].flat() as string[];
  if (kind === 'array')
    return items === undefined || depth > maxDepth ? [] : [sampleOf(bundle, items as Schema, depth + 1)];
  if (kind !== 'object' || depth > maxDepth) return plain[kind] ?? null;
  const members = Object.entries((properties ?? {}) as Record<string, Schema>);
  const needed = members.filter(([name]) => (required as string[]).includes(name));
  return Object.fromEntries(needed.map(([name, member]) => [name, sampleOf(bundle, member, depth + 1)]));
}

/** Returns query parameters of an operation: the required ones, or else the first. */
export function sampleQuery(bundle: Bundle, { parameters }: ResolvedOperation): Record<string, unknown> {
  const query = parameters.filter((parameter) => parameter.in === 'query');
  const needed = query.filter(({ required }) => required);
  const chosen = needed.length > 0 ? needed : query.slice(0, 1);
  return Object.fromEntries(chosen.map(({ name, schema }) => [name, sampleOf(bundle, schema)]));
}

/** Returns a value as an expression on one line. */
export const inline = (value: unknown): string => JSON.stringify(value).replaceAll('*/', '*\\/');
