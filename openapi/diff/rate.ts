/**
 * Rates what Redocly found. Redocly's rules find what breaks the shape of a request or an answer; what they leave at
 * patch is looked at again here, so that a patch changes nothing but words.
 */
import type { Rating, RedoclyChange } from './redocly.ts';

/** A change as the report shows it. */
export interface Finding {
  rating: Rating;
  /** JSON pointer into the bundle. */
  pointer: string;
  /** What changed, as a sentence without its subject. */
  message: string;
}

/** Keywords that speak to a reader only. Extensions are words too, but for those that are rated by name. */
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

/** A limit of ours: a new or a lower one refuses what was taken before. */
const rateLimit = (before: unknown, after: unknown): Rating =>
  after === undefined || Number(after) > Number(before) ? 'minor' : 'major';

/** What a caller may hold or name: a loss breaks, a gain adds, and what is said of it is words. */
const rateName = (before: unknown, after: unknown): Rating =>
  after === undefined ? 'major' : before === undefined ? 'minor' : 'patch';

/** A property that differs, and that no rule of Redocly's objects to. */
function rateProperty({ typeName, property = '', base, revision }: RedoclyChange): Rating {
  const [before, after] = [base?.value, revision?.value];
  const { pointer = '' } = base ?? {};
  if (property === 'default') return 'major';
  if (property.startsWith('x-max-')) return rateLimit(before, after);
  if (scopes.test(pointer)) return rateName(before, after);
  if (typeName === 'Header' && property === 'required') return after === true ? 'minor' : 'major';
  // The generated types know a path and a schema by name.
  if (property === 'key' && (typeName === 'PathItem' || pointer.startsWith('#/components/schemas/'))) return 'major';
  if (property === 'key' && component.test(pointer)) return 'patch';
  return words.test(property) || wordyTypes.has(typeName) || isReordered(before, after) ? 'patch' : 'minor';
}

/** A node that came or went, and that no rule of Redocly's objects to. */
function rateNode({ kind, typeName, base, revision }: RedoclyChange): Rating {
  const { pointer } = base ?? revision ?? { pointer: '' };
  if (scopes.test(pointer)) return rateName(base?.value, revision?.value);
  // Where a component is used, the use is a change of its own; but the types know a schema by name.
  if (component.test(pointer)) return kind === 'removed' && typeName === 'Schema' ? 'major' : 'patch';
  return wordyTypes.has(typeName) ? 'patch' : 'minor';
}

/** A value as far as it fits into a line of the report. */
function show(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : undefined;
}

/** What a node without a name of its own is called: what it refers to, or the names in a list of such. */
function nameOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(nameOf).filter(Boolean).join(', ') || undefined;
  const { name, $ref } = (value ?? {}) as { name?: unknown; $ref?: string };
  return typeof name === 'string' ? name : $ref?.split('/').at(-1);
}

function describe({ kind, property, verdicts, base, revision }: RedoclyChange): string {
  const [before, after] = [base?.value, revision?.value];
  if (verdicts.length > 0) return verdicts.map(({ message }) => message.replace(/\.$/, '')).join('; ');
  if (kind !== 'modified') return [nameOf(before ?? after), 'was', kind].filter(Boolean).join(' ');
  const name = property === 'key' ? 'its name' : property;
  if (after === undefined) return `${name} was removed`;
  const [from, to] = [show(before ?? null), show(after)];
  if (before === undefined) return to ? `${name} was set to ${to}` : `${name} was added`;
  return from && to ? `${name} changed from ${from} to ${to}` : `${name} changed`;
}

/** Where the node is: a property of it is named by the message. */
function locate({ property, base, revision }: RedoclyChange): string {
  const pointer = (revision ?? base)?.pointer ?? '#';
  return property && pointer.endsWith(`/${property}`) ? pointer.slice(0, -property.length - 1) : pointer;
}

/**
 * Rates a change. A new value of an enum is no break where no answer is closed over it: `closedEnums` holds the
 * pointers of those that are.
 */
export function rateChange(change: RedoclyChange, closedEnums: ReadonlySet<string>): Finding {
  const { kind, impact, verdicts, base } = change;
  const place = { pointer: locate(change), message: describe(change) };
  const isNewValue = verdicts.length > 0 && verdicts.every(({ ruleId }) => ruleId === 'enum-values-added');
  if (isNewValue) return { rating: closedEnums.has(base?.pointer ?? '') ? 'major' : 'minor', ...place };
  if (impact === 'major') return { rating: 'major', ...place };
  return { rating: kind === 'modified' ? rateProperty(change) : rateNode(change), ...place };
}
