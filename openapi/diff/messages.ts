/** Compares parameters, bodies and responses of an operation. */
import type { Direction } from './effects.ts';
import { isObject, type Located, memberOf } from './finding.ts';
import { follow } from './flatten.ts';
import {
  breaks,
  compareEntries,
  compareNodes,
  deep,
  type EntryRules,
  type Member,
  type Rule,
  type Rules,
  reportMember,
  schemaRule,
  words,
} from './nodes.ts';
import type { Comparison } from './schemas.ts';

const rejects = 'a request that was valid may be rejected';
const sends = 'callers may send it';
const reads = 'callers may read it';

/** Returns the rule of a flag that is `false` when it is left out. */
const flag =
  (whenSet: 'minor' | 'major', whenUnset: 'minor' | 'major', reason: string): Rule =>
  (comparison, member) => {
    const [was, is] = [member.before?.node === true, member.after?.node === true];
    reportMember(comparison, member, was === is ? 'patch' : is ? whenSet : whenUnset, reason);
  };

/** Returns the rule of a member that has a value when it is left out. */
const withDefault =
  (defaultOf: (member: Member) => unknown, reason: string): Rule =>
  (comparison, member) => {
    const [was, is] = [member.before, member.after].map((located) => located?.node ?? defaultOf(member));
    reportMember(comparison, member, was === is ? 'patch' : 'major', reason);
  };

const nodeOf = ({ owner }: Member) => owner.node as { in?: string; style?: string };
const defaultStyle = (member: Member) => (['query', 'cookie'].includes(nodeOf(member).in ?? '') ? 'form' : 'simple');
const encodes = 'callers encode it in another way';

const mediaTypeRules = (direction: Direction): Rules => ({
  schema: schemaRule(direction),
  example: words,
  examples: words,
  encoding: breaks(encodes),
});

const contentEntries = (direction: Direction): EntryRules => ({
  added: ({ findings }, entry, name) => findings.add('minor', entry, `media type ${name} was added`),
  removed: ({ findings }, entry, name) =>
    findings.add('major', entry, `media type ${name} was removed`, direction === 'request' ? sends : reads),
  kept: (comparison, before, after) => compareNodes(comparison, before, after, mediaTypeRules(direction)),
});

/** Returns the rule of `content`. */
const contentRule = (direction: Direction): Rule =>
  deep((comparison, member) => {
    if (member.before && member.after) compareEntries(comparison, member, contentEntries(direction));
    else reportMember(comparison, member, 'major', direction === 'request' ? rejects : reads);
  });

/** The members of parameters and headers. */
const valueRules = (direction: Direction): Rules => ({
  schema: schemaRule(direction),
  content: contentRule(direction),
  example: words,
  examples: words,
  style: withDefault(defaultStyle, encodes),
  explode: withDefault((member) => (nodeOf(member).style ?? defaultStyle(member)) === 'form', encodes),
  allowReserved: withDefault(() => false, encodes),
});

const parameterRules: Rules = {
  ...valueRules('request'),
  name: breaks(sends),
  in: breaks(sends),
  required: flag('major', 'minor', rejects),
  allowEmptyValue: flag('minor', 'major', rejects),
  'x-content-media-type': breaks('client methods take another type'),
};

const headerRules: Rules = { ...valueRules('response'), required: flag('minor', 'major', reads) };

const headerEntries: EntryRules = {
  added: ({ findings }, entry, name) => findings.add('minor', entry, `header ${name} was added`),
  removed: ({ findings }, entry, name) => findings.add('major', entry, `header ${name} was removed`, reads),
  kept: (comparison, before, after) => compareNodes(comparison, before, after, headerRules),
};

const linkEntries: EntryRules = {
  added: ({ findings }, entry, name) => findings.add('minor', entry, `link ${name} was added`),
  removed: ({ findings }, entry, name) => findings.add('major', entry, `link ${name} was removed`, reads),
  kept: (comparison, before, after) => compareNodes(comparison, before, after, {}),
};

const responseRules: Rules = {
  content: contentRule('response'),
  headers: deep((comparison, member) => compareEntries(comparison, member, headerEntries)),
  links: deep((comparison, member) => compareEntries(comparison, member, linkEntries)),
};

/** The responses of an operation. */
export const responsesRule: Rule = deep((comparison, member) =>
  compareEntries(comparison, member, {
    added({ findings }, entry, status) {
      // A 304 only comes to a request that asks for it.
      const isHarmless = /^(?:[45]|304$)/.test(status);
      const reason = 'callers know only the other successes';
      findings.add(isHarmless ? 'minor' : 'major', entry, `response ${status} was added`, reason);
    },
    removed: ({ findings }, entry, status) =>
      findings.add('major', entry, `response ${status} was removed`, 'callers may handle it'),
    kept: (one, before, after) => compareNodes(one, before, after, responseRules),
  }),
);

const bodyRules: Rules = { content: contentRule('request'), required: flag('major', 'minor', rejects) };

/** The body of a request. */
export const bodyRule: Rule = deep((comparison, member) => {
  const { before, after } = member;
  if (before && after) return compareNodes(comparison, before, after, bodyRules);
  const node = after && follow(comparison.revision, after).node;
  const isOptional = isObject(node) && node.required !== true;
  reportMember(comparison, member, isOptional ? 'minor' : 'major', after ? rejects : sends);
});

/** Compares the parameters that apply to an operation, by place and name, or by position in the path. */
export function compareParameters(
  comparison: Comparison,
  before: ReadonlyMap<string, Located>,
  after: ReadonlyMap<string, Located>,
): void {
  const { findings } = comparison;
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, now] = [before.get(key), after.get(key)];
    if (was && now) {
      // The name of a path parameter is in the path.
      const { name, ...others } = parameterRules;
      compareNodes(comparison, was, now, key.startsWith('path') ? { ...others, name: () => {} } : parameterRules);
    } else if (was) findings.add('major', was, `parameter ${key} was removed`, sends);
    else if (now) {
      const isRequired = memberOf(follow(comparison.revision, now), 'required')?.node === true;
      findings.add(isRequired ? 'major' : 'minor', now, `parameter ${key} was added`, rejects);
    }
  }
}

/** The rules of shared components, by their kind, for those that no operation uses. */
export const componentRules: Readonly<Record<string, Rules>> = {
  parameters: parameterRules,
  responses: responseRules,
  headers: headerRules,
  requestBodies: bodyRules,
  links: {},
  callbacks: {},
  pathItems: {},
};
