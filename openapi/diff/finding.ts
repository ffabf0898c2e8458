/** The part of the version that a change raises. */
export type Rating = 'major' | 'minor' | 'patch';

/** The ratings, the gravest first. */
export const ratings: readonly Rating[] = ['major', 'minor', 'patch'];

/** A change, as shown in the report. */
export interface Finding {
  /** The part of the version that the change raises. */
  rating: Rating;
  /** JSON pointer into the bundle. */
  pointer: string;
  /** The change, as a sentence without a subject. */
  message: string;
  /** The reason of the rating; present in every break. */
  reason?: string;
}

/** A node of a bundle with its JSON pointer. */
export interface Located<Node = unknown> {
  readonly node: Node;
  readonly pointer: string;
}

export type Members = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const toToken = (name: string) => (/[~/]/.test(name) ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name);

/** Returns a member of a node; undefined where it has none of this name. */
export function memberOf({ node, pointer }: Located, name: string): Located | undefined {
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, name)) return undefined;
  return { node: (node as Members)[name], pointer: `${pointer}/${toToken(name)}` };
}

/** Returns the names of the members of two nodes, each name once. */
export function namesOf(...nodes: readonly (Located | undefined)[]): string[] {
  const [names = [], ...others] = nodes.map((located) => Object.keys((located?.node ?? {}) as object));
  // Most nodes are equal, and have their members in the same order.
  const isSame = others.every((each) => each.length === names.length && each.every((name, at) => name === names[at]));
  return isSame ? names : [...new Set([...names, ...others.flat()])];
}

/** Lists of which the order has no meaning. */
const unordered = new Set('anyOf oneOf allOf enum required type tags servers security parameters'.split(' '));

/** Keywords that hold values, in which the order of every list counts, and no name is a keyword. */
export const dataKeywords = new Set('const default enum example examples value'.split(' '));

/** The texts of objects, which do not change while bundles are compared. */
const texts = new WeakMap<object, string>();
const dataTexts = new WeakMap<object, string>();

/**
 * Returns a value as text that is the same for every order of members and of items whose order has no meaning.
 *
 * @param isData - Whether the value is within one that a schema holds, where the order of every list counts.
 */
export function canonical(value: unknown, name = '', isData = false): string {
  const isInData = isData || dataKeywords.has(name);
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, '', isInData));
    return `[${(unordered.has(name) && !isData ? items.sort() : items).join()}]`;
  }
  if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';
  const cache = isInData ? dataTexts : texts;
  const known = cache.get(value);
  if (known !== undefined) return known;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key], key, isInData)}`);
  const text = `{${members.join()}}`;
  cache.set(value, text);
  return text;
}

/** Returns a value that a schema holds as comparable text. */
export const canonicalData = (value: unknown): string => canonical(value, '', true);

/** Returns a value as JSON, or undefined when it is too long for a line of the report. */
function toShortJson(value: unknown): string | undefined {
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : undefined;
}

/** Returns a change of a member as a sentence without a subject. */
export function describeChange(name: string, before: unknown, after: unknown): string {
  if (after === undefined) return `${name} was removed`;
  const [from, to] = [toShortJson(before ?? null), toShortJson(after)];
  if (before === undefined) return to ? `${name} was set to ${to}` : `${name} was added`;
  return from && to ? `${name} changed from ${from} to ${to}` : `${name} changed`;
}

/** Collects findings. The same change, found by several ways through the description, counts once, by its gravest rating. */
export class Findings {
  readonly #found = new Map<string, Finding>();
  #added = 0;

  constructor(found: readonly Finding[] = []) {
    for (const { rating, pointer, message, reason } of found)
      this.add(rating, { pointer, node: undefined }, message, reason);
  }

  /** The number of changes that were added, also of those that were known. */
  get added(): number {
    return this.#added;
  }

  add(rating: Rating, { pointer }: Located, message: string, reason?: string): void {
    this.#added += 1;
    const key = `${pointer} ${message}`;
    const known = this.#found.get(key);
    if (known && ratings.indexOf(known.rating) <= ratings.indexOf(rating)) return;
    this.#found.set(key, { rating, pointer, message, ...(rating === 'major' && reason !== undefined && { reason }) });
  }

  /** Returns the findings, the gravest first. */
  list(): Finding[] {
    return [...this.#found.values()].sort((one, other) => ratings.indexOf(one.rating) - ratings.indexOf(other.rating));
  }
}
