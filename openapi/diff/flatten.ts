/** Brings a schema to one form, so that only its meaning is compared: a `$ref`, its siblings and `allOf` become one schema. */
import type { Bundle, Schema } from '../generate/bundle.ts';
import { effectRules, wordExtensions, wordKeywords } from './effects.ts';
import { canonical, isObject, type Located, memberOf, namesOf } from './finding.ts';

/** A bundle, and the components that the comparison has reached in it. */
export interface Side {
  readonly bundle: Bundle;
  /** The pointers of the components. */
  readonly reached: Set<string>;
}

/** A schema in one form. */
export interface FlatSchema {
  /** The keywords but `$ref`, `allOf`, `const` and `properties`. */
  readonly keywords: Map<string, Located>;
  /** The schemas of each property. All of them apply. */
  readonly properties: Map<string, Located[]>;
}

const toName = (token: string) =>
  /[%~]/.test(token) ? decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~') : token;

/** Names in the pointers that were read. A bundle has few different ones, each in many places. */
const namesByPointer = new Map<string, readonly string[]>();

/**
 * Returns the node at a local pointer, which may have a `$ref` itself.
 *
 * @throws Error when the pointer leads nowhere.
 */
export function lookUp({ bundle }: Side, pointer: string): Located {
  const names = namesByPointer.get(pointer) ?? pointer.split('/').slice(1).map(toName);
  namesByPointer.set(pointer, names);
  const node = names.reduce<unknown>(
    (at, name) => (isObject(at) || Array.isArray(at) ? Reflect.get(at, name) : undefined),
    bundle,
  );
  if (node === undefined) throw new Error(`${pointer} points nowhere.`);
  return { node, pointer };
}

/** Returns the node at a local pointer, and marks it as reached. */
function reach(side: Side, pointer: string): Located {
  side.reached.add(pointer);
  return lookUp(side, pointer);
}

/** Returns the node that a `$ref` points to, and every other node unchanged. */
export function follow(side: Side, located: Located): Located {
  const { $ref } = (isObject(located.node) ? located.node : {}) as Schema;
  return typeof $ref === 'string' ? follow(side, reach(side, $ref)) : located;
}

const isWords = (name: string) => wordKeywords.has(name) || wordExtensions.has(name) || name === 'deprecated';

/** Returns the keyword that two schemas have together, where both apply; undefined where no rule knows it. */
function intersect(name: string, one: unknown, other: unknown): unknown {
  if (canonical(one, name) === canonical(other, name)) return one;
  if (name === 'required') return [...new Set([...(one as string[]), ...(other as string[])])];
  const effect = effectRules[name]?.(one, other);
  return effect === 'narrower' ? other : effect === 'wider' ? one : undefined;
}

/** Adds a keyword. Of words, the outermost count. */
function addKeyword({ keywords }: FlatSchema, name: string, located: Located): void {
  const known = keywords.get(name);
  if (known === undefined) keywords.set(name, located);
  else if (!isWords(name)) {
    const node = intersect(name, known.node, located.node);
    const further = `${name} and ${name}`;
    const others = (keywords.get(further)?.node ?? []) as unknown[];
    if (node === undefined) keywords.set(further, { ...located, node: [...others, located.node] });
    else keywords.set(name, { ...known, node });
  }
}

function addSchema(side: Side, flat: FlatSchema, located: Located, within: readonly string[]): void {
  if (within.includes(located.pointer)) return;
  const inner = [...within, located.pointer];
  const { node } = located;
  if (node === false) flat.keywords.set('not', { ...located, node: {} });
  if (!isObject(node)) return;
  for (const name of namesOf(located)) {
    const member = memberOf(located, name) as Located;
    if (name === '$ref' || name === 'allOf') continue;
    if (name === 'const') addKeyword(flat, 'enum', { ...member, node: [member.node] });
    else if (name === 'properties') {
      for (const property of namesOf(member)) {
        const schema = memberOf(member, property) as Located;
        flat.properties.set(property, [...(flat.properties.get(property) ?? []), schema]);
      }
    } else addKeyword(flat, name, member);
  }
  if (typeof node.$ref === 'string') addSchema(side, flat, reach(side, node.$ref), inner);
  const all = memberOf(located, 'allOf');
  for (const index of namesOf(all)) addSchema(side, flat, memberOf(all as Located, index) as Located, inner);
}

/** Whether a schema accepts every string. */
const isAnyString = ({ keywords, properties }: FlatSchema) =>
  properties.size === 0 &&
  keywords.get('type')?.node === 'string' &&
  [...keywords.keys()].every((name) => name === 'type' || isWords(name));

const isString = ({ keywords }: FlatSchema) =>
  keywords.get('type')?.node === 'string' ||
  (keywords.get('enum')?.node as unknown[] | undefined)?.every((value) => typeof value === 'string');

/** Replaces an `anyOf` of known strings and any other string by `type: string`: the values only inform. */
function openStrings(side: Side, flat: FlatSchema): void {
  const anyOf = flat.keywords.get('anyOf');
  if (anyOf === undefined) return;
  const branches = namesOf(anyOf).map((index) => flatten(side, [memberOf(anyOf, index) as Located]));
  if (!branches.some(isAnyString) || !branches.every(isString)) return;
  flat.keywords.delete('anyOf');
  addKeyword(flat, 'type', { ...anyOf, node: 'string' });
}

/** Keywords that apply to values of every type, so that they cannot leave their branch. */
const forEveryType = ['enum', 'not', 'anyOf', 'oneOf', 'if', 'format', 'discriminator', 'type and type'];

/** Returns the one type of each branch, where no value can match two of them; undefined for other branches. */
function listDistinctTypes(flats: readonly FlatSchema[]): string[] | undefined {
  const types = flats.map(({ keywords }) => keywords.get('type')?.node);
  const families = new Set(types.map((type) => (type === 'integer' ? 'number' : type)));
  const isPlain = flats.every(({ keywords }) => !forEveryType.some((name) => keywords.has(name)));
  const isDistinct = families.size === flats.length && types.every((type) => typeof type === 'string');
  return flats.length > 0 && isPlain && isDistinct ? (types as string[]) : undefined;
}

/** Replaces branches of different types by one schema: each keyword applies to values of one type alone. */
function mergeBranches(side: Side, flat: FlatSchema): void {
  if (flat.keywords.has('discriminator') || flat.keywords.has('type')) return;
  for (const name of ['anyOf', 'oneOf']) {
    const located = flat.keywords.get(name);
    const branches = namesOf(located).map((index) => memberOf(located as Located, index) as Located);
    const flats = branches.map((branch) => flatten(side, [branch]));
    const types = listDistinctTypes(flats);
    if (located === undefined || types === undefined) continue;
    flat.keywords.delete(name);
    for (const one of flats) {
      for (const [keyword, member] of one.keywords) if (keyword !== 'type') addKeyword(flat, keyword, member);
      for (const [property, schemas] of one.properties)
        flat.properties.set(property, [...(flat.properties.get(property) ?? []), ...schemas]);
    }
    flat.keywords.set('type', { ...located, node: types.length === 1 ? types[0] : types });
    return;
  }
}

/** Returns schemas that all apply to a value as one schema. */
export function flatten(side: Side, schemas: readonly Located[]): FlatSchema {
  const flat: FlatSchema = { keywords: new Map(), properties: new Map() };
  for (const schema of schemas) addSchema(side, flat, schema, []);
  openStrings(side, flat);
  mergeBranches(side, flat);
  return flat;
}
