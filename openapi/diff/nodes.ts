/** Compares the nodes of a description other than schemas. A member that no rule knows is a break. */
import { type Direction, rateOwnLimit, reasonOf, wordExtensions } from './effects.ts';
import { canonical, describeChange, isObject, type Located, memberOf, namesOf, type Rating } from './finding.ts';
import { follow } from './flatten.ts';
import { meaningOf } from './meaning.ts';
import { type Comparison, compareSchemas } from './schemas.ts';

/** A member of two nodes. One of the nodes may lack it. */
export interface Member {
  readonly name: string;
  /** The two nodes, the later one first in doubt. */
  readonly owner: Located;
  readonly before: Located | undefined;
  readonly after: Located | undefined;
}

/** Compares a member of two nodes that differs. A deep rule also compares equal members, whose `$ref` may lead to others. */
export type Rule = ((comparison: Comparison, member: Member) => void) & { readonly isDeep?: boolean };

/** Marks a rule as deep. */
export const deep = (rule: Rule): Rule => Object.assign(rule, { isDeep: true });

/** The rules for the members of a kind of node. */
export type Rules = Readonly<Record<string, Rule>>;

/** Reports a change of a member. */
export function reportMember({ findings }: Comparison, member: Member, rating: Rating, reason?: string): void {
  const { name, owner, before, after } = member;
  findings.add(rating, owner, describeChange(name, before?.node, after?.node), reason);
}

/** A member that only informs readers. */
export const words: Rule = (comparison, member) => reportMember(comparison, member, 'patch');

/** Whether more than words differs between two members, there or behind a `$ref`. */
const isOther = ({ base, revision }: Comparison, { name, before, after }: Omit<Member, 'owner'>) =>
  meaningOf(base, before?.node, name) !== meaningOf(revision, after?.node, name);

/** A member whose every change but of words is a break. */
export const breaks = (reason: string): Rule =>
  deep((comparison, member) => {
    if (isOther(comparison, member)) reportMember(comparison, member, 'major', reason);
    else if (JSON.stringify(member.before?.node) !== JSON.stringify(member.after?.node)) words(comparison, member);
  });

/** A map to which entries may be added. Every other change of an entry but of words is a break. */
export const additive = (reason: string): Rule =>
  deep((comparison, member) => {
    const isEmpty = namesOf(member.before, member.after).length === 0;
    // Whether an empty map is written out.
    if (isEmpty && (member.before === undefined || member.after === undefined)) return words(comparison, member);
    compareEntries(comparison, member, {
      added: ({ findings }, entry) => findings.add('minor', entry, 'was added'),
      removed: ({ findings }, entry) => findings.add('major', entry, 'was removed', reason),
      kept(one, before, after, name) {
        const change = isOther(one, { name, before, after });
        if (change) one.findings.add('major', after, 'changed', reason);
        else if (canonical(before.node) !== canonical(after.node)) one.findings.add('patch', after, 'has other words');
      },
    });
  });

/** A member that announces a removal: an addition to what callers know. */
export const notice: Rule = (comparison, member) => reportMember(comparison, member, 'minor');

/** Rules that every kind of node shares. */
const commonRules: Rules = { summary: words, description: words, externalDocs: words, tags: words, deprecated: notice };

const unknown = breaks(reasonOf('request', 'unclear'));

function ruleFor(name: string, rules: Rules): Rule {
  if (name.startsWith('x-max-')) {
    return (comparison, member) => {
      const rating = rateOwnLimit(member.before?.node, member.after?.node, 'request');
      reportMember(comparison, member, rating, reasonOf('request', 'narrower'));
    };
  }
  return rules[name] ?? commonRules[name] ?? (wordExtensions.has(name) ? words : unknown);
}

/** Compares what stands beside a `$ref`, which its target does not have. */
function compareSiblings(comparison: Comparison, before: Located, after: Located): void {
  if (![before, after].some(({ node }) => isObject(node) && '$ref' in node)) return;
  const [was, now] = [before, after].map(({ node, pointer }): Located => {
    const { $ref, ...siblings } = isObject(node) ? node : {};
    return { node: $ref === undefined ? {} : siblings, pointer };
  }) as [Located, Located];
  for (const name of namesOf(was, now)) {
    const member = { name, owner: after, before: memberOf(was, name), after: memberOf(now, name) };
    if (canonical(member.before?.node, name) !== canonical(member.after?.node, name))
      ruleFor(name, {})(comparison, member);
  }
}

/** Compares two nodes of a kind, member by member. A `$ref` is followed. */
export function compareNodes(comparison: Comparison, before: Located, after: Located, rules: Rules): void {
  compareSiblings(comparison, before, after);
  const [was, now] = [follow(comparison.base, before), follow(comparison.revision, after)];
  const pair = `${was.pointer} ${now.pointer}`;
  if (comparison.compared.has(pair)) return;
  comparison.compared.add(pair);
  for (const name of namesOf(was, now)) {
    const member = { name, owner: now, before: memberOf(was, name), after: memberOf(now, name) };
    const rule = ruleFor(name, rules);
    const isChanged = () => canonical(member.before?.node, name) !== canonical(member.after?.node, name);
    if (rule.isDeep || isChanged()) rule(comparison, member);
  }
}

/** The members of a map: what happens to an entry that was added, that was removed, or that both maps have. */
export interface EntryRules {
  readonly added: (comparison: Comparison, entry: Located, name: string) => void;
  readonly removed: (comparison: Comparison, entry: Located, name: string) => void;
  readonly kept: (comparison: Comparison, before: Located, after: Located, name: string) => void;
}

/** Compares two maps entry by entry. A map that is left out is empty. */
export function compareEntries(
  comparison: Comparison,
  { before, after }: Pick<Member, 'before' | 'after'>,
  { added, removed, kept }: EntryRules,
): void {
  for (const name of namesOf(before, after)) {
    const [was, now] = [before && memberOf(before, name), after && memberOf(after, name)];
    if (was && now) kept(comparison, was, now, name);
    else if (was) removed(comparison, was, name);
    else if (now) added(comparison, now, name);
  }
}

/** Returns the rule of the `schema` of a parameter, a header or a media type. */
export const schemaRule = (direction: Direction): Rule =>
  deep((comparison, member) => {
    const { before, after } = member;
    if (before && after) compareSchemas(comparison, [before], [after], direction);
    else breaks(reasonOf(direction, 'unclear'))(comparison, member);
  });
