/** The effect of a changed keyword on the values that a schema accepts. The table of rules in CONTRIBUTING shows them. */
import { canonicalData, type Rating } from './finding.ts';

/** Whether a schema accepts more values, fewer, the same, or whether no rule knows. */
export type Effect = 'wider' | 'narrower' | 'same' | 'unclear';

/** Whether the values of a schema are sent by callers or by the server. */
export type Direction = 'request' | 'response';

/** Ratings of an effect. A request must still be accepted, a response must still be understood. */
export const ratingsOf: Readonly<Record<Direction, Readonly<Record<Effect, Rating>>>> = {
  request: { wider: 'minor', narrower: 'major', same: 'patch', unclear: 'major' },
  response: { wider: 'major', narrower: 'minor', same: 'patch', unclear: 'major' },
};

const reasons: Readonly<Record<Direction, Partial<Record<Effect, string>>>> = {
  request: { narrower: 'a request that was valid may be rejected' },
  response: { wider: 'a response may hold what callers do not expect' },
};

/** Returns the reason why an effect is a break. */
export const reasonOf = (direction: Direction, effect: Effect): string =>
  reasons[direction][effect] ?? 'no rule knows that it is harmless';

/** A rule for a keyword: the effect of its addition, its removal and another value. */
type Rule = (before: unknown, after: unknown) => Effect;

const invert = (effect: Effect): Effect => (effect === 'wider' ? 'narrower' : effect === 'narrower' ? 'wider' : effect);

const compareNumbers = (before: number, after: number): Effect =>
  after === before ? 'same' : after > before ? 'wider' : after < before ? 'narrower' : 'unclear';

const limit = (value: unknown, none: number) =>
  value === undefined ? none : typeof value === 'number' ? value : Number.NaN;
/** An upper limit: higher or none is wider. */
const upper: Rule = (before, after) =>
  compareNumbers(limit(before, Number.POSITIVE_INFINITY), limit(after, Number.POSITIVE_INFINITY));
/** Returns the rule of a lower limit: lower or none is wider. */
const lowerFrom =
  (none: number): Rule =>
  (before, after) =>
    invert(compareNumbers(limit(before, none), limit(after, none)));

/** Returns the effect for sets of allowed values: more values are wider. Undefined allows all. */
function compareSets(before: readonly string[] | undefined, after: readonly string[] | undefined): Effect {
  if (before === undefined || after === undefined) return before === after ? 'same' : before ? 'wider' : 'narrower';
  const [isWider, isNarrower] = [
    after.some((one) => !before.includes(one)),
    before.some((one) => !after.includes(one)),
  ];
  if (isWider && isNarrower) return 'unclear';
  return isWider ? 'wider' : isNarrower ? 'narrower' : 'same';
}

/** Returns the types of the keyword `type`. A number may be an integer. */
function readTypes(value: unknown): string[] | undefined {
  const types = value === undefined ? undefined : ([value].flat() as string[]);
  return types?.includes('number') ? [...types, 'integer'] : types;
}

const typeOf = (value: unknown) => {
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
};

/** Returns the types of the values of an `enum`, which a `type` beside it may repeat. */
export const typesOfValues = (values: unknown): string[] | undefined =>
  values === undefined ? undefined : [...new Set((values as unknown[]).map(typeOf))];

const listValues = (value: unknown) => (value as unknown[] | undefined)?.map(canonicalData);

/** A constraint whose values cannot be compared. */
const constraint: Rule = (before, after) =>
  after === undefined ? 'wider' : before === undefined ? 'narrower' : 'unclear';
/** A flag: `true` is narrower. */
const flag: Rule = (before = false, after = false) => (before === after ? 'same' : after ? 'narrower' : 'wider');

/** The rules for keywords that stand alone. */
export const effectRules: Readonly<Record<string, Rule>> = {
  // `number` includes `integer`.
  type: (before, after) => compareSets(readTypes(before), readTypes(after)),
  enum: (before, after) => compareSets(listValues(before), listValues(after)),
  ...Object.fromEntries(
    ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'].map((name) => [
      name,
      upper,
    ]),
  ),
  ...Object.fromEntries(['minLength', 'minItems', 'minProperties'].map((name) => [name, lowerFrom(0)])),
  ...Object.fromEntries(['minimum', 'exclusiveMinimum'].map((name) => [name, lowerFrom(Number.NEGATIVE_INFINITY)])),
  minContains: lowerFrom(1),
  // A divisor is wider, a multiple is narrower.
  multipleOf(before, after) {
    if (before === undefined || after === undefined) return constraint(before, after);
    if (Number(before) % Number(after) === 0) return 'wider';
    return Number(after) % Number(before) === 0 ? 'narrower' : 'unclear';
  },
  pattern: constraint,
  format: constraint,
  uniqueItems: flag,
  required: (before = [], after = []) => invert(compareSets(before as string[], after as string[])),
};

/** Keywords that only inform readers. */
export const wordKeywords = new Set('$comment description summary title example examples externalDocs'.split(' '));

/** Extensions that only inform readers, of this project and of documentation tools. */
export const wordExtensions = new Set(
  'x-provenance x-generated x-pattern-message x-codeSamples x-displayName x-logo x-tagGroups x-traitTag'.split(' '),
);

/** Returns the rating of an own limit, such as `x-max-depth`, which the server applies to requests. */
export function rateOwnLimit(before: unknown, after: unknown, direction: Direction): Rating {
  return direction === 'response' ? 'minor' : ratingsOf.request[upper(before, after)];
}
