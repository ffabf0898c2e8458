/**
 * Rates the changes that Redocly finds. Redocly's rules find the breaking changes of requests and responses. The
 * changes that they rate as patch are rated again here, so that a patch changes only words.
 */
import type { Rating, RedoclyChange } from './redocly.ts';

/** A change, as shown in the report. */
export interface Finding {
  /** The part of the version that the change raises. */
  rating: Rating;
  /** JSON pointer into the bundle. */
  pointer: string;
  /** The change, as a sentence without a subject. */
  message: string;
}

/** Keywords that only inform readers. Extensions are among them, except those that are rated by name. */
const words = /^(\$comment|description|summary|title|examples?|externalDocs|tags|x-.*)$/;
const wordyTypes = new Set(
  'Contact Example ExamplesMap ExternalDocs Info License SpecExtension Tag TagGroup TagList'.split(' '),
);

const component = /^#\/components\/[^/]+\/[^/]+$/;
const scopes = /\/x-scopes(\/|$)/;

const isReordered = (before: unknown, after: unknown) =>
  Array.isArray(before) &&
  Array.isArray(after) &&
  before.length === after.length &&
  before.every((item) => after.includes(item));

/** Rates a limit. A new or lower limit rejects requests that were accepted. */
const rateLimit = (before: unknown, after: unknown): Rating =>
  after === undefined || Number(after) > Number(before) ? 'minor' : 'major';

/** Rates a name that callers may use. Its removal is a break, its addition is not, and its description is words. */
const rateName = (before: unknown, after: unknown): Rating =>
  after === undefined ? 'major' : before === undefined ? 'minor' : 'patch';

/** Rates a property that differs and that breaks no rule of Redocly. */
function rateProperty({ typeName, property = '', base, revision }: RedoclyChange): Rating {
  const [before, after] = [base?.value, revision?.value];
  const { pointer = '' } = base ?? {};
  if (property === 'default') return 'major';
  if (property.startsWith('x-max-')) return rateLimit(before, after);
  if (scopes.test(pointer)) return rateName(before, after);
  if (typeName === 'Header' && property === 'required') return after === true ? 'minor' : 'major';
  // Callers use the names of paths and schemas in the generated types.
  if (property === 'key' && (typeName === 'PathItem' || pointer.startsWith('#/components/schemas/'))) return 'major';
  if (property === 'key' && component.test(pointer)) return 'patch';
  return words.test(property) || wordyTypes.has(typeName) || isReordered(before, after) ? 'patch' : 'minor';
}

/** Rates a node that was added or removed and that breaks no rule of Redocly. */
function rateNode({ kind, typeName, base, revision }: RedoclyChange): Rating {
  const { pointer } = base ?? revision ?? { pointer: '' };
  if (scopes.test(pointer)) return rateName(base?.value, revision?.value);
  // The use of a component is a change of its own. Only the names of schemas are in the generated types.
  if (component.test(pointer)) return kind === 'removed' && typeName === 'Schema' ? 'major' : 'patch';
  return wordyTypes.has(typeName) ? 'patch' : 'minor';
}

/** Returns a value as JSON, or undefined when it is too long for a line of the report. */
function toShortJson(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : undefined;
}

/** Returns the name of a node: its own, that of the component it refers to, or those of the items of a list. */
function nameOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(nameOf).filter(Boolean).join(', ') || undefined;
  const { name, $ref } = (value ?? {}) as { name?: unknown; $ref?: string };
  return typeof name === 'string' ? name : $ref?.split('/').at(-1);
}

/** Returns the change as a sentence without a subject. */
function describe({ kind, property, verdicts, base, revision }: RedoclyChange): string {
  const [before, after] = [base?.value, revision?.value];
  if (verdicts.length > 0) return verdicts.map(({ message }) => message.replace(/\.$/, '')).join('; ');
  if (kind !== 'modified') return [nameOf(before ?? after), 'was', kind].filter(Boolean).join(' ');
  const name = property === 'key' ? 'its name' : property;
  if (after === undefined) return `${name} was removed`;
  const [from, to] = [toShortJson(before ?? null), toShortJson(after)];
  if (before === undefined) return to ? `${name} was set to ${to}` : `${name} was added`;
  return from && to ? `${name} changed from ${from} to ${to}` : `${name} changed`;
}

/** Returns the pointer of the changed node. The message names the property that changed. */
function locate({ property, base, revision }: RedoclyChange): string {
  const pointer = (revision ?? base)?.pointer ?? '#';
  return property && pointer.endsWith(`/${property}`) ? pointer.slice(0, -property.length - 1) : pointer;
}

/**
 * Rates a change. A new enum value is a break only in a closed enum of a response.
 *
 * @param closedEnums - The pointers of the closed enums in responses.
 */
export function rateChange(change: RedoclyChange, closedEnums: ReadonlySet<string>): Finding {
  const { kind, impact, verdicts, base } = change;
  const finding = { pointer: locate(change), message: describe(change) };
  const isNewValue = verdicts.length > 0 && verdicts.every(({ ruleId }) => ruleId === 'enum-values-added');
  if (isNewValue) return { rating: closedEnums.has(base?.pointer ?? '') ? 'major' : 'minor', ...finding };
  if (impact === 'major') return { rating: 'major', ...finding };
  return { rating: kind === 'modified' ? rateProperty(change) : rateNode(change), ...finding };
}
