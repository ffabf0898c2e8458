/** Compares all of a description: operations, components, servers. */
import { canonical, describeChange, isObject, type Located, memberOf, namesOf, type Rating } from './finding.ts';
import { follow, type Side } from './flatten.ts';
import { meaningOf } from './meaning.ts';
import { bodyRule, compareParameters, componentRules, responsesRule } from './messages.ts';
import {
  additive,
  breaks,
  compareEntries,
  compareNodes,
  deep,
  type Rule,
  type Rules,
  reportMember,
  words,
} from './nodes.ts';
import { type Comparison, compareSchemas } from './schemas.ts';

const methods = 'get put post patch delete options head trace query'.split(' ');
const skip: Rule = () => {};
const moves = 'callers send requests to another place';

type Server = { readonly url: string; readonly description?: string; readonly variables?: object };

/** Servers by URL. The first is the one that clients take; the order of the others is another way to write them. */
const serversRule: Rule = (comparison, { before, after, owner }) => {
  const [was, now] = [before, after].map((located) => (located?.node ?? []) as Server[]);
  const [base, revision] = [was ?? [], now ?? []];
  const place = { node: owner.node, pointer: `${owner.pointer}/servers` };
  const add = (rating: Rating, message: string) => comparison.findings.add(rating, place, message, moves);
  const listOf = (servers: Server[]) => JSON.stringify(servers.map(({ url }) => url));
  const isLost = base.some(({ url }) => !revision.some((one) => one.url === url)) || base[0]?.url !== revision[0]?.url;
  const isMore = revision.some(({ url }) => !base.some((one) => one.url === url));
  if (isLost || isMore) add(isLost ? 'major' : 'minor', `servers changed from ${listOf(base)} to ${listOf(revision)}`);
  for (const server of base) {
    const other = revision.find(({ url }) => url === server.url);
    if (other === undefined || canonical(server) === canonical(other)) continue;
    const isOther = meaningOf(comparison.base, server, '') !== meaningOf(comparison.revision, other, '');
    add(isOther ? 'major' : 'patch', isOther ? `server ${server.url} changed` : 'servers have other words');
  }
};

const operationRules: Rules = {
  operationId: breaks('client methods and handlers have this name'),
  parameters: skip,
  requestBody: bodyRule,
  responses: responsesRule,
  callbacks: additive('callers receive these requests'),
  security: skip,
  servers: breaks(moves),
};

/** Returns the parameters of an operation and of its path by `in name`; those of the path by their position in it. */
function listParameters(side: Side, path: string, item: Located, operation: Located): Map<string, Located> {
  const positions = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
  const lists = [item, operation].map((owner) => memberOf(owner, 'parameters'));
  const parameters = lists.flatMap((list) => namesOf(list).map((index) => memberOf(list as Located, index) as Located));
  return new Map(
    parameters.map((parameter) => {
      const { node } = follow(side, parameter);
      const { in: place, name } = node as { in: string; name: string };
      const key = place === 'path' ? positions.indexOf(name) + 1 : place === 'header' ? name.toLowerCase() : name;
      return [`${place} ${key}`, parameter];
    }),
  );
}

/** Compares two path items. */
function comparePath(comparison: Comparison, [was, before]: PathEntry, [now, after]: PathEntry): void {
  const operationsRule = deep((one, { before: old, after: current }) => {
    if (old && current) {
      compareNodes(one, old, current, operationRules);
      const base = listParameters(one.base, was, before, old);
      compareParameters(one, base, listParameters(one.revision, now, after, current));
    } else if (old) reportOperation(one, old, 'removed');
    else if (current) one.findings.add('minor', current, 'was added');
  });
  const rules = Object.fromEntries(methods.map((method) => [method, operationsRule]));
  // Parameters of a path are those of its operations.
  compareNodes(comparison, before, after, { ...rules, parameters: words, servers: breaks(moves) });
}

function reportOperation({ findings }: Comparison, operation: Located, change: string): void {
  const { operationId } = operation.node as { operationId?: string };
  findings.add('major', operation, `Operation \`${operationId}\` was ${change}`, 'callers may use it');
}

type PathEntry = readonly [path: string, item: Located];

/** Compares the paths. One that differs only in the names of its parameters is another name of the same path. */
const pathsRule = deep((comparison, { before, after }) => {
  const list = (side: Side, paths: Located | undefined): PathEntry[] =>
    namesOf(paths).map((path) => [path, follow(side, memberOf(paths as Located, path) as Located)]);
  const [was, now] = [list(comparison.base, before), list(comparison.revision, after)];
  const shapeOf = (path: string) => path.replaceAll(/\{[^}]+\}/g, '{}');
  for (const one of was) {
    const other = now.find(([path]) => shapeOf(path) === shapeOf(one[0]));
    if (other === undefined) {
      for (const method of methods) {
        const operation = memberOf(one[1], method);
        if (operation) reportOperation(comparison, operation, 'removed');
      }
      continue;
    }
    if (one[0] !== other[0]) {
      const reason = 'the types of `paths` have this name';
      comparison.findings.add('major', other[1], describeChange('its name', one[0], other[0]), reason);
    }
    comparePath(comparison, one, other);
  }
  const shapes = new Set(was.map(([path]) => shapeOf(path)));
  for (const [path, item] of now) if (!shapes.has(shapeOf(path))) comparison.findings.add('minor', item, 'was added');
});

const scopeEntries = {
  added: ({ findings }: Comparison, entry: Located, name: string) =>
    findings.add('minor', entry, `scope ${name} was added`),
  removed: ({ findings }: Comparison, entry: Located, name: string) =>
    findings.add('major', entry, `scope ${name} was removed`, 'tokens may have it'),
  kept: ({ findings }: Comparison, before: Located, after: Located, name: string) => {
    if (before.node !== after.node) findings.add('patch', after, `scope ${name} has other words`);
  },
};

const schemeRules: Rules = {
  bearerFormat: words,
  'x-scopes': (comparison, member) => compareEntries(comparison, member, scopeEntries),
};

const schemesRule: Rule = (comparison, member) =>
  compareEntries(comparison, member, {
    added: ({ findings }, entry) => findings.add('minor', entry, 'was added'),
    removed: ({ findings }, entry) => findings.add('major', entry, 'was removed', 'callers sign in with it'),
    kept: (one, before, after) => compareNodes(one, before, after, schemeRules),
  });

const exampleRules: Rules = { value: words, externalValue: words, dataValue: words, serializedValue: words };
const examplesRule: Rule = (comparison, member) =>
  compareEntries(comparison, member, {
    added: ({ findings }, entry) => findings.add('patch', entry, 'was added'),
    removed: ({ findings }, entry) => findings.add('patch', entry, 'was removed'),
    kept: (one, before, after) => compareNodes(one, before, after, exampleRules),
  });

/** Compares shared components that no operation uses. The others are compared where they are used. */
const unusedRule = (kind: string): Rule =>
  deep((comparison, member) =>
    compareEntries(comparison, member, {
      added: () => {},
      removed: () => {},
      kept(one, before, after, name) {
        const pointer = `#/components/${kind}/${name}`;
        if (one.base.reached.has(pointer) && one.revision.reached.has(pointer)) return;
        if (kind === 'schemas') {
          for (const direction of ['request', 'response'] as const) compareSchemas(one, [before], [after], direction);
        } else compareNodes(one, before, after, componentRules[kind] ?? {});
      },
    }),
  );

const componentsRules: Rules = {
  securitySchemes: schemesRule,
  examples: examplesRule,
  ...Object.fromEntries(['schemas', ...Object.keys(componentRules)].map((kind) => [kind, unusedRule(kind)])),
};

const documentRules: Rules = {
  openapi: (comparison, member) => {
    const minorOf = (located: Located | undefined) => String(located?.node).split('.').slice(0, 2).join('.');
    const isPatch = minorOf(member.before) === minorOf(member.after);
    reportMember(comparison, member, isPatch ? 'patch' : 'major', 'tools may not know this version');
  },
  info: (comparison, { before, after }) => {
    const rules = Object.fromEntries(['title', 'termsOfService', 'contact', 'license'].map((name) => [name, words]));
    if (before && after) compareNodes(comparison, before, after, { ...rules, version: skip });
  },
  servers: serversRule,
  paths: pathsRule,
  security: skip,
  components: skip,
  webhooks: additive('callers receive these requests'),
};

/** Compares two descriptions but for the security, and for the names that the package publishes. */
export function compareDocuments(comparison: Comparison): void {
  const [before, after] = [comparison.base, comparison.revision].map(({ bundle }) => ({ node: bundle, pointer: '#' }));
  if (!isObject(before?.node) || !isObject(after?.node)) return;
  compareNodes(comparison, before, after, documentRules);
  // Last, because by then the components are known that operations use.
  const [was, now] = [memberOf(before, 'components'), memberOf(after, 'components')];
  if (was && now) compareNodes(comparison, was, now, componentsRules);
}
