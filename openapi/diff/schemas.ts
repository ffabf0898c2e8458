/** Compares schemas by what they accept. */
import {
  type Direction,
  type Effect,
  effectRules,
  rateOwnLimit,
  ratingsOf,
  reasonOf,
  wordExtensions,
  wordKeywords,
} from './effects.ts';
import { canonical, describeChange, type Findings, isObject, type Located, memberOf, namesOf } from './finding.ts';
import { type FlatSchema, flatten, type Side } from './flatten.ts';

/** The two bundles, and the findings so far. */
export interface Comparison {
  readonly base: Side;
  readonly revision: Side;
  readonly findings: Findings;
  /** The pairs of nodes that were compared or are being compared: a shared component counts once, and recursion ends. */
  readonly compared: Set<string>;
}

type Schemas = readonly Located[];
/** A keyword of the two schemas, in one direction. */
interface Change {
  readonly name: string;
  readonly direction: Direction;
  readonly was: FlatSchema;
  readonly now: FlatSchema;
  readonly before: Located | undefined;
  readonly after: Located | undefined;
}

/** Returns the location of the schema of a keyword, which is where the keyword is or was. */
function locate(before: Located | undefined, after: Located | undefined, name: string): Located {
  const { node, pointer } = (after ?? before) as Located;
  return { node, pointer: pointer.endsWith(`/${name}`) ? pointer.slice(0, -name.length - 1) : pointer };
}

function report(
  { findings }: Comparison,
  { name, direction, before, after }: Change,
  effect: Effect,
  message?: string,
) {
  const text = message ?? describeChange(name, before?.node, after?.node);
  findings.add(ratingsOf[direction][effect], locate(before, after, name), text, reasonOf(direction, effect));
}

/** Describes a changed list of values by the values that were added and removed. */
function describeList(name: string, before: unknown, after: unknown): string | undefined {
  if (!Array.isArray(before) || !Array.isArray(after)) return undefined;
  const known = new Set(before.map((item) => canonical(item)));
  const kept = new Set(after.map((item) => canonical(item)));
  const changes = [
    ...after.filter((item) => !known.has(canonical(item))).map((item) => `${JSON.stringify(item)} was added`),
    ...before.filter((item) => !kept.has(canonical(item))).map((item) => `${JSON.stringify(item)} was removed`),
  ];
  return changes.length === 0 ? `${name} has another order` : `${name}: ${changes.join(', ')}`;
}

/** Whether a schema accepts properties that it does not name. */
const isOpen = ({ keywords }: FlatSchema) =>
  keywords.get('additionalProperties')?.node !== false && keywords.get('unevaluatedProperties')?.node !== false;

function compareProperties(comparison: Comparison, was: FlatSchema, now: FlatSchema, direction: Direction): void {
  const { findings } = comparison;
  for (const name of new Set([...was.properties.keys(), ...now.properties.keys()])) {
    const [before, after] = [was.properties.get(name), now.properties.get(name)];
    if (before && after) {
      compareSchemas(comparison, before, after, direction);
    } else if (before) {
      const reason = direction === 'request' ? 'callers may send it' : 'callers may read it';
      findings.add('major', before[0] as Located, `property ${name} was removed`, reason);
    } else {
      const isBreak = direction === 'response' && !isOpen(was);
      const reason = 'no other property was expected';
      findings.add(isBreak ? 'major' : 'minor', after?.[0] as Located, `property ${name} was added`, reason);
    }
  }
}

/** Returns what a keyword with a schema means where it is left out or a boolean: any value, or none. */
const asSchema = (located: Located | undefined): 'any' | 'none' | Located => {
  if (located === undefined || located.node === true) return 'any';
  if (located.node === false) return 'none';
  return isObject(located.node) && Object.keys(located.node).length === 0 ? 'any' : located;
};

/** Compares the schema of other properties or of items. */
function compareRest(comparison: Comparison, change: Change): void {
  const [before, after] = [asSchema(change.before), asSchema(change.after)];
  if (typeof before !== 'string' && typeof after !== 'string') {
    compareSchemas(comparison, [before], [after], change.direction);
  } else if (before === after) {
    if (change.before?.node !== change.after?.node) report(comparison, change, 'same');
  } else {
    // Callers read what a map holds, which they lose when it is closed.
    const isLost = typeof before !== 'string' && after === 'none' && change.direction === 'response';
    const effect = after === 'any' || before === 'none' ? 'wider' : 'narrower';
    report(comparison, change, isLost ? 'unclear' : effect);
  }
}

/** Compares branches: equal ones, then those with the same `$ref`, then those left over, in their order. */
function compareBranches(comparison: Comparison, change: Change): void {
  const { before, after, direction, name } = change;
  if (before === undefined || after === undefined) {
    report(comparison, change, before === undefined ? 'narrower' : 'wider');
    return;
  }
  const list = (located: Located) => namesOf(located).map((index) => memberOf(located, index) as Located);
  let [left, right] = [list(before), list(after)];
  const refOf = ({ node }: Located) => (isObject(node) ? node.$ref : undefined);
  const isPair: ((one: Located, other: Located) => boolean)[] = [
    (one, other) => refOf(one) === undefined && canonical(one.node) === canonical(other.node),
    (one, other) => refOf(one) !== undefined && refOf(one) === refOf(other),
    () => true,
  ];
  for (const matches of isPair) {
    for (const one of left) {
      const other = right.find((branch) => matches(one, branch));
      if (other === undefined) continue;
      compareSchemas(comparison, [one], [other], direction);
      right = right.filter((branch) => branch !== other);
      left = left.filter((branch) => branch !== one);
    }
  }
  for (const one of left)
    report(comparison, { ...change, before: one, after: undefined }, 'narrower', `a branch of ${name} was removed`);
  for (const other of right)
    report(comparison, { ...change, before: undefined, after: other }, 'wider', `a branch of ${name} was added`);
}

function compareDiscriminator(comparison: Comparison, change: Change): void {
  const { before, after } = change;
  const [was, now] = [before, after].map(
    (located) => (located?.node ?? {}) as { propertyName?: string; mapping?: object },
  );
  const kept = Object.entries(was?.mapping ?? {}).every(
    ([key, value]) => Reflect.get(now?.mapping ?? {}, key) === value,
  );
  const isMore = before && after && was?.propertyName === now?.propertyName && kept;
  if (isMore) {
    const message = describeChange('discriminator', before.node, after.node);
    comparison.findings.add('minor', locate(before, after, 'discriminator'), message);
  } else report(comparison, change, 'unclear');
}

/** Rates `readOnly` and `writeOnly`: they take a property out of requests or out of responses. */
function compareAccess({ findings }: Comparison, { name, before, after }: Change): void {
  const isSet = after?.node === true;
  const reason = name === 'readOnly' ? 'callers may send it' : 'callers may read it';
  const rating = isSet === (before?.node === true) ? 'patch' : isSet ? 'major' : 'minor';
  findings.add(rating, locate(before, after, name), describeChange(name, before?.node, after?.node), reason);
}

/** Copies a schema without keywords that only inform readers. */
function stripWords(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(stripWords);
  if (!isObject(node)) return node;
  const kept = Object.entries(node).filter(([name]) => !wordKeywords.has(name) && !wordExtensions.has(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, stripWords(value)]));
}

type Compare = (comparison: Comparison, change: Change) => void;

const compareWords: Compare = ({ findings }, { name, before, after }) =>
  findings.add('patch', locate(before, after, name), describeChange(name, before?.node, after?.node));

/** The keywords that need more than an effect. */
const comparers: Readonly<Record<string, Compare>> = {
  additionalProperties: compareRest,
  unevaluatedProperties: compareRest,
  items: compareRest,
  anyOf: compareBranches,
  oneOf: compareBranches,
  discriminator: compareDiscriminator,
  readOnly: compareAccess,
  writeOnly: compareAccess,
  deprecated: ({ findings }, { name, before, after }) =>
    findings.add('minor', locate(before, after, name), describeChange(name, before?.node, after?.node)),
  default: (comparison, change) => report(comparison, change, change.direction === 'request' ? 'unclear' : 'narrower'),
};

/** Compares a keyword that no rule knows. Its words only inform. */
const compareUnknown: Compare = (comparison, change) => {
  const { name, before, after } = change;
  const [was, now] = [before, after].map((located) => canonical(stripWords(located?.node), name));
  if (was === now) compareWords(comparison, change);
  else report(comparison, change, 'unclear');
};

const compareOwnLimit: Compare = ({ findings }, { name, direction, before, after }) => {
  const rating = rateOwnLimit(before?.node, after?.node, direction);
  const message = describeChange(name, before?.node, after?.node);
  findings.add(rating, locate(before, after, name), message, reasonOf('request', 'narrower'));
};

const compareByEffect: Compare = (comparison, change) => {
  const [before, after] = [change.before?.node, change.after?.node];
  const effect = effectRules[change.name]?.(before, after) ?? 'unclear';
  report(comparison, change, effect, describeList(change.name, before, after));
};

/** Returns the function that compares a keyword. */
function comparerOf(name: string): Compare {
  if (wordKeywords.has(name) || wordExtensions.has(name)) return compareWords;
  if (name.startsWith('x-max-')) return compareOwnLimit;
  return comparers[name] ?? (name in effectRules ? compareByEffect : compareUnknown);
}

/** The keywords whose schemas are compared although they look equal, because a `$ref` in them may lead to others. */
const deep: readonly Compare[] = [compareRest, compareBranches];

function compareKeyword(comparison: Comparison, change: Change): void {
  const { name, before, after } = change;
  const compare = comparerOf(name);
  const isSame = canonical(before?.node, name) === canonical(after?.node, name);
  if (deep.includes(compare) || !isSame) {
    compare(comparison, change);
  } else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) {
    report(comparison, change, 'same', describeList(name, before?.node, after?.node));
  }
}

/**
 * Compares what two schemas accept. Schemas in a list all apply.
 *
 * @param direction - Whether callers or the server send the values.
 */
export function compareSchemas(comparison: Comparison, base: Schemas, revision: Schemas, direction: Direction): void {
  const key = [direction, ...base.map(({ pointer }) => pointer), 'and', ...revision.map(({ pointer }) => pointer)].join(
    ' ',
  );
  if (comparison.compared.has(key)) return;
  comparison.compared.add(key);
  const count = comparison.findings.size;
  const [was, now] = [flatten(comparison.base, base), flatten(comparison.revision, revision)];
  for (const name of new Set([...was.keywords.keys(), ...now.keywords.keys()])) {
    const [before, after] = [was.keywords.get(name), now.keywords.get(name)];
    compareKeyword(comparison, { name, direction, was, now, before, after });
  }
  compareProperties(comparison, was, now, direction);
  const [before, after] = [base, revision].map((schemas) => canonical(schemas.map(({ node }) => node)));
  // Their meaning is the same: `allOf` with one schema, a `$ref` in place of the schema, a `const` for an `enum`.
  if (comparison.findings.size === count && before !== after) {
    comparison.findings.add('patch', revision[0] as Located, 'is written differently');
  }
}
