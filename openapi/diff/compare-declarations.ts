/** Rates the changes of the declarations that the package exports. */
import type { Declaration, Member, Surface } from './declarations.ts';
import { type Findings, namesOf, type Rating } from './finding.ts';

/** Types that the package alone makes, though programs hand their values back to it. */
const madeByPackage: ReadonlySet<string> = new Set([
  ...['OAuthAppsClient', 'OAuthAppsBackend', 'ResponsePromise', 'ApiResponse', 'RequestEvent', 'KeyRing'],
  ...['Validator', 'Issue', 'Finding', 'Cause', 'CaseResult', 'CoverageItem', 'SuiteResult', 'NotTried'],
]);

/** A rating with its reason where it is a break. */
type Verdict = readonly [rating: Rating, reason?: string];

/** Whether programs of callers make values of the type. */
const isMadeByCallers = (name: string, { directions, isGenerated }: Declaration) =>
  directions.has('in') && !isGenerated && !madeByPackage.has(name);
const isMadeByPackage = ({ directions }: Declaration) => directions.has('out') && !directions.has('in');

const literals = (text: string) => new Set(text.match(/"(?:[^"\\]|\\.)*"/g));
const frame = (text: string) => text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').replaceAll(/[\s|,]+/g, ' ');

/** Whether a type has the same parts and more literals: `"a" | "b"` for `"a"`. */
function hasMoreValues(before: string, after: string): boolean {
  const [was, now] = [literals(before), literals(after)];
  return was.size > 0 && [...was].every((one) => now.has(one)) && frame(before).trim() === frame(after).trim();
}

const withoutUndefined = ({ text, isOptional }: Member) => (isOptional ? text.replace(/ \| undefined$/, '') : text);

/** Rates another type of a member, and whether it may be left out. */
function rateChange(key: string, was: Member, now: Member, at: Declaration): Verdict | undefined {
  const [before, after] = [withoutUndefined(was), withoutUndefined(now)];
  const isArgument = / argument \d+$/.test(key);
  const isInput = isArgument ? !at.directions.has('in') : !at.directions.has('out');
  if (before !== after) {
    const isMore = hasMoreValues(before, after) && (isInput || at.isGenerated || key === 'value');
    return isMore ? ['minor'] : ['major', `it was ${was.isOptional ? 'optional ' : ''}${before}`];
  }
  if (now.isReadonly === true && was.isReadonly !== true) return ['major', 'programs may set it'];
  if (was.isOptional === now.isOptional) return undefined;
  if (now.isOptional) return isInput || isArgument ? ['minor'] : ['major', 'programs rely on it'];
  return isMadeByPackage(at) && !isArgument ? ['minor'] : ['major', 'programs that leave it out no longer compile'];
}

/** Rates a further member. */
function rateAddition(name: string, key: string, now: Member, at: Declaration): Verdict {
  if (key === '' || now.isOptional || / result$/.test(key)) return ['minor'];
  // A function of a caller may take fewer arguments than it gets.
  if (/ argument \d+$/.test(key) && !at.directions.has('out')) return ['minor'];
  if (/ (?:argument|type parameter) \d+$/.test(key) || isMadeByCallers(name, at))
    return ['major', 'programs that leave it out no longer compile'];
  return ['minor'];
}

const toToken = (text: string) => text.replaceAll('~', '~0').replaceAll('/', '~1');
const shown = (name: string) => name.replace(/^\.(\/\S*)? /, (_, path = '') => `${path === '' ? '' : `.${path} `}`);

/** Adds the changes from one surface to another to the findings. What no rule knows to be harmless is a break. */
export function compareSurfaces(before: Surface, after: Surface, findings: Findings): void {
  const add = (name: string, message: string, [rating, reason]: Verdict) =>
    findings.add(rating, { pointer: `#/package/${toToken(shown(name))}`, node: undefined }, message, reason);
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [was, now] = [before.get(name), after.get(name)];
    // Declarations that only others refer to are new together with them.
    if (was === undefined) add(name, 'was added', ['minor']);
    else if (now === undefined) add(name, 'was removed', ['major', 'programs import it, or have it in their types']);
    else compareMembers(name, was, now, add);
  }
}

function compareMembers(
  name: string,
  was: Declaration,
  now: Declaration,
  add: (name: string, message: string, verdict: Verdict) => void,
): void {
  // The arguments of a function or an overload that is new itself break no caller.
  const isNewFunction = (key: string) => key.includes(') ') && !was.members.has(key.replace(/\) [^)]*$/, ') result'));
  const members = (of: Declaration) => ({ pointer: '', node: Object.fromEntries(of.members) });
  for (const key of namesOf(members(was), members(now))) {
    const [before, after] = [was.members.get(key), now.members.get(key)];
    const label = key === '' ? 'the type' : key;
    if (before === undefined && after !== undefined) {
      add(name, `${label} was added`, isNewFunction(key) ? ['minor'] : rateAddition(name, key, after, now));
    } else if (after === undefined) add(name, `${label} was removed`, ['major', 'programs use it']);
    else if (before !== undefined) {
      const verdict = rateChange(key, before, after, now);
      if (verdict) add(name, `${label} changed to ${after.isOptional ? 'optional ' : ''}${after.text}`, verdict);
    }
  }
}
