/** Compares schemas by what they accept. */
import { areDistinct } from './branches.ts';
import {
  type Direction,
  type Effect,
  effectRules,
  rateOwnLimit,
  ratingsOf,
  reasonOf,
  typesOfValues,
  wordExtensions,
  wordKeywords,
} from './effects.ts';
import {
  canonical,
  canonicalData,
  describeChange,
  type Findings,
  isObject,
  type Located,
  memberOf,
  namesOf,
} from './finding.ts';
import { type FlatSchema, flatten, type Side } from './flatten.ts';
import { meaningOf } from './meaning.ts';

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
  const known = new Set(before.map(canonicalData));
  const kept = new Set(after.map(canonicalData));
  const changes = [
    ...after.filter((item) => !known.has(canonicalData(item))).map((item) => `${JSON.stringify(item)} was added`),
    ...before.filter((item) => !kept.has(canonicalData(item))).map((item) => `${JSON.stringify(item)} was removed`),
  ];
  return changes.length === 0 ? `${name} has another order` : `${name}: ${changes.join(', ')}`;
}

const isReadOnly = (side: Side, schemas: Schemas) => flatten(side, schemas).keywords.get('readOnly')?.node === true;

/** Adds that callers have to send a property that was only read. */
function compareReadOnly(comparison: Comparison, now: FlatSchema, name: string, before: Schemas, after: Schemas): void {
  const { base, revision, findings } = comparison;
  const isRequired = (now.keywords.get('required')?.node as unknown[] | undefined)?.includes(name);
  if (!isRequired || !isReadOnly(base, before) || isReadOnly(revision, after)) return;
  findings.add('major', after[0] as Located, `property ${name} has to be sent`, reasonOf('request', 'narrower'));
}

/** Adds a property. In a map, it had the schema of the others before. */
function addProperty(
  comparison: Comparison,
  was: FlatSchema,
  name: string,
  after: Schemas,
  direction: Direction,
): void {
  const rest = was.keywords.get('additionalProperties');
  const isBreak = direction === 'response' && !isOpen(was);
  const reason = 'no other property was expected';
  comparison.findings.add(isBreak ? 'major' : 'minor', after[0] as Located, `property ${name} was added`, reason);
  if (rest !== undefined && rest.node !== false) compareSchemas(comparison, [rest], after, direction);
}

/** Whether a schema accepts properties that it does not name. */
const isOpen = ({ keywords }: FlatSchema) =>
  keywords.get('additionalProperties')?.node !== false && keywords.get('unevaluatedProperties')?.node !== false;

function compareProperties(comparison: Comparison, was: FlatSchema, now: FlatSchema, direction: Direction): void {
  for (const name of new Set([...was.properties.keys(), ...now.properties.keys()])) {
    const [before, after] = [was.properties.get(name), now.properties.get(name)];
    if (before && after) {
      compareSchemas(comparison, before, after, direction);
      if (direction === 'request') compareReadOnly(comparison, now, name, before, after);
    } else if (before) {
      const reason = direction === 'request' ? 'callers may send it' : 'callers may read it';
      comparison.findings.add('major', before[0] as Located, `property ${name} was removed`, reason);
    } else if (after) addProperty(comparison, was, name, after, direction);
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
    const isLost = change.before !== undefined && after === 'none' && change.direction === 'response';
    const effect = after === 'any' || before === 'none' ? 'wider' : 'narrower';
    report(comparison, change, isLost ? 'unclear' : effect);
  }
}

/** Adds that a value may match another number of branches of a `oneOf`, where no rule tells these apart. */
function compareOverlap(comparison: Comparison, change: Change, left: Schemas, right: Schemas): void {
  const { base, revision } = comparison;
  const { name, before, after, was, now } = change;
  if (meaningOf(base, before?.node, name) === meaningOf(revision, after?.node, name)) return;
  const isChosen = was.keywords.has('discriminator') && now.keywords.has('discriminator');
  if (isChosen || (areDistinct(base, left) && areDistinct(revision, right))) return;
  report(comparison, change, 'unclear', 'branches of oneOf changed of which a value may match several');
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
  if (name === 'oneOf') compareOverlap(comparison, change, left, right);
  const refOf = ({ node }: Located) => (isObject(node) ? node.$ref : undefined);
  const isPair: ((one: Located, other: Located) => boolean)[] = [
    (one, other) => canonical(one.node) === canonical(other.node),
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
  const others = (of: object | undefined) => canonical({ ...of, mapping: {} });
  const isMore = before && after && others(was) === others(now) && kept;
  if (isMore) {
    const message = describeChange('discriminator', before.node, after.node);
    comparison.findings.add('minor', locate(before, after, 'discriminator'), message);
  } else report(comparison, change, 'unclear');
}

/** Rates `readOnly` and `writeOnly`: they take a property out of requests or out of responses. */
function compareAccess({ findings }: Comparison, { name, before, after, direction }: Change): void {
  const isSet = after?.node === true;
  const reason = name === 'readOnly' ? 'callers may send it' : 'callers may read it';
  const isFree = direction === (name === 'readOnly' ? 'response' : 'request');
  const rating = isFree || isSet === (before?.node === true) ? 'patch' : isSet ? 'major' : 'minor';
  findings.add(rating, locate(before, after, name), describeChange(name, before?.node, after?.node), reason);
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
  const isSame = meaningOf(comparison.base, before?.node, name) === meaningOf(comparison.revision, after?.node, name);
  if (!isSame) report(comparison, change, 'unclear');
  else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) compareWords(comparison, change);
};

const compareOwnLimit: Compare = ({ findings }, { name, direction, before, after }) => {
  const rating = rateOwnLimit(before?.node, after?.node, direction);
  const message = describeChange(name, before?.node, after?.node);
  findings.add(rating, locate(before, after, name), message, reasonOf('request', 'narrower'));
};

const compareByEffect: Compare = (comparison, change) => {
  const readValue = (flat: FlatSchema, located: Located | undefined) =>
    located?.node ?? (change.name === 'type' ? typesOfValues(flat.keywords.get('enum')?.node) : undefined);
  const [before, after] = [readValue(change.was, change.before), readValue(change.now, change.after)];
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
const deep: readonly Compare[] = [compareRest, compareBranches, compareUnknown];

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
  const count = comparison.findings.added;
  const [was, now] = [flatten(comparison.base, base), flatten(comparison.revision, revision)];
  for (const name of new Set([...was.keywords.keys(), ...now.keywords.keys()])) {
    const [before, after] = [was.keywords.get(name), now.keywords.get(name)];
    compareKeyword(comparison, { name, direction, was, now, before, after });
  }
  compareProperties(comparison, was, now, direction);
  const [before, after] = [base, revision].map((schemas) => canonical(schemas.map(({ node }) => node)));
  // Their meaning is the same: `allOf` with one schema, a `$ref` in place of the schema, a `const` for an `enum`.
  if (comparison.findings.added === count && before !== after) {
    comparison.findings.add('patch', revision[0] as Located, 'is written differently');
  }
}
