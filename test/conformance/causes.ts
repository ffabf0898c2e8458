import { type Level, levels } from './contract.ts';
import { type CheckName, checkNames, type Finding } from './exchange.ts';
import { groupBy } from './group-by.ts';

/** Causes: findings that one change of the implementation would end. */

/**
 * Cause of findings.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const show = ({ check, message }: Cause) => `${check}: ${message}`;
 * console.log(result.causes.map(show)); // []
 */
export interface Cause {
  /** Check that found it. */
  readonly check: CheckName;
  /** Description of what is broken, without values. */
  readonly message: string;
  /** Lowest level of the findings. */
  readonly provenance: Level;
  /** Number of findings. */
  readonly count: number;
  /** Operations and the statuses of their responses: `getOAuthApp 200`. */
  readonly operations: readonly string[];
  /** Findings of the cause, those that follow from it last. */
  readonly findings: readonly Finding[];
  /** Finding with the shortest request. */
  readonly example: Finding;
}

interface Group {
  readonly key: string;
  readonly findings: Finding[];
  /** Findings of causes that follow from this one. */
  readonly consequences: Finding[];
}

const keyOf = ({ check, cause }: Pick<Finding, 'check' | 'cause'>) => `${check}: ${cause}`;

/** Returns the groups that a pattern of `followsFrom` names. */
function findGroups(pattern: string, groups: ReadonlyMap<string, Group>): Group[] {
  const [, operationId, key = ''] = /^(?:(\w+) )?(\w+: .*)$/s.exec(pattern) ?? [];
  const own = groups.get(key);
  const start = key.slice(0, -1);
  const named = key.endsWith('*')
    ? [...groups.values()].filter((each) => each.key.startsWith(start))
    : own
      ? [own]
      : [];
  if (operationId === undefined) return named;
  return named.filter(({ findings }) => findings.some((finding) => finding.operationId === operationId));
}

/** Returns the groups that explain each finding of a group. */
const listExplanations = ({ findings }: Group, groups: ReadonlyMap<string, Group>): Group[][] =>
  findings.map(({ followsFrom }) => followsFrom.flatMap((pattern) => findGroups(pattern, groups)));

/** Returns the group that explains most findings of another one, if every finding has an explanation. */
function findRoot(group: Group, groups: ReadonlyMap<string, Group>): Group | undefined {
  const explaining = listExplanations(group, groups).map((roots) => roots.filter((other) => other !== group));
  if (explaining.some((roots) => roots.length === 0)) return undefined;
  const counts = [...groupBy(explaining.flat(), (root) => root).entries()];
  return counts.sort(([, left], [, right]) => right.length - left.length)[0]?.[0];
}

const checkRank = ({ findings }: Group) => checkNames.indexOf(findings[0]?.check ?? 'stable_paging');

/** Returns the last group in a chain of explanations. Of a circle, it is the group of the first check. */
function endOfChain(group: Group, groups: ReadonlyMap<string, Group>): Group {
  const chain = [group];
  for (;;) {
    const root = findRoot(chain.at(-1) as Group, groups);
    if (root === undefined) return chain.at(-1) as Group;
    const start = chain.indexOf(root);
    if (start >= 0) return chain.slice(start).reduce((best, each) => (checkRank(each) < checkRank(best) ? each : best));
    chain.push(root);
  }
}

/**
 * Returns the group from which another one follows. The end of a chain has to explain each finding too, or another end
 * has: if lists show deleted apps, then no filter is ignored, and an accepted filter needs an explanation of its own.
 */
function followRoots(group: Group, groups: ReadonlyMap<string, Group>): Group {
  const root = endOfChain(group, groups);
  const isEnd = (each: Group) => each === root || endOfChain(each, groups) === each;
  const isExplained = listExplanations(group, groups).every((explanations) => explanations.some(isEnd));
  return isExplained ? root : group;
}

const lengthOf = ({ request, response, followsFrom }: Finding) =>
  followsFrom.length * 10_000 + request.length * 4 + response.length;

function toCause({ findings, consequences }: Group): Cause {
  const example = findings.reduce((best, finding) => (lengthOf(finding) < lengthOf(best) ? finding : best));
  const all = [...findings, ...consequences];
  const names = findings.map(({ operationId, status }) => `${operationId} ${status === 0 ? 'no response' : status}`);
  return {
    check: example.check,
    message: example.cause,
    provenance: levels.find((level) => findings.some(({ provenance }) => provenance === level)) ?? 'extension',
    count: all.length,
    operations: [...new Set(names)],
    findings: all,
    example,
  };
}

const rankOf = ({ provenance, check }: Cause) => levels.indexOf(provenance) * 100 + checkNames.indexOf(check);

/**
 * Groups findings by cause: those of the documented level first.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(findCauses(result.findings).length); // 0
 */
export function findCauses(findings: readonly Finding[]): Cause[] {
  const groups = new Map<string, Group>(
    [...groupBy(findings, keyOf)].map(([key, ofKey]) => [key, { key, findings: ofKey, consequences: [] }]),
  );
  const roots = new Set<Group>();
  const rootOf = new Map([...groups.values()].map((group) => [group, followRoots(group, groups)]));
  for (const [group, root] of rootOf) {
    roots.add(root);
    if (root !== group) root.consequences.push(...group.findings);
  }
  return [...roots].map(toCause).sort((left, right) => rankOf(left) - rankOf(right) || right.count - left.count);
}
