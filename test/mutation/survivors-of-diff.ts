// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code.
/** The survivors in the rating of changes. */
import { inFile, type Survivor } from './survivor.ts';

type Mutant = readonly [line: string, original: string, replacement: string];
const because = (file: string, reason: string, ...mutants: Mutant[]) =>
  inFile(`openapi/diff/${file}.ts`, ...mutants.map((mutant) => [...mutant, reason] as const));
/** Survivors in which `?.` is only for the compiler. */
const defined = (file: string, ...places: (readonly [line: string, original: string])[]) => {
  const mutants = places.map(([line, original]): Mutant => [line, original, original.replace('?.', '.')]);
  return because(file, 'The `?.` is for the compiler: the value is there.', ...mutants);
};

export const survivorsOfDiff: readonly Survivor[] = [
  ...because(
    'effects',
    'Equal numbers are the same before this is asked.',
    [
      "after === before ? 'same' : after > before ? 'wider' : after < before ? 'narrower' : 'unclear';",
      'after > before',
      'after >= before',
    ],
    [
      "after === before ? 'same' : after > before ? 'wider' : after < before ? 'narrower' : 'unclear';",
      'after < before',
      'after <= before',
    ],
  ),
  ...because(
    'finding',
    'No keyword has this name.',
    ["export function canonical(value: unknown, name = '', isData = false): string {", "''", '"Stryker was here!"'],
    ["const items = value.map((item) => canonical(item, '', isInData));", "''", '"Stryker was here!"'],
    [
      "export const canonicalData = (value: unknown): string => canonical(value, '', true);",
      "''",
      '"Stryker was here!"',
    ],
  ),
  ...because('finding', 'No other value has this text: JSON has none.', [
    "if (!isObject(value)) return JSON.stringify(value) ?? 'undefined';",
    "'undefined'",
    '""',
  ]),
  ...because(
    'finding',
    'The cache only saves time.',
    ['if (known !== undefined) return known;', 'known !== undefined', 'false'],
    ['cache.set(value, text);', 'cache.set(value, text);', ';'],
  ),
  ...because('version', 'The two numbers differ.', [
    'return index === -1 || (actual[index] ?? 0) > (least[index] ?? 0);',
    '(actual[index] ?? 0) > (least[index] ?? 0)',
    '(actual[index] ?? 0) >= (least[index] ?? 0)',
  ]),
  ...because('branches', 'A list that is missing is no disjoint one anyway.', [
    'const all = lists.flatMap((list) => list ?? []);',
    '[]',
    '["Stryker was here"]',
  ]),
  ...because('branches', 'There is at least one branch.', [
    'const names = [...(flats[0]?.properties.keys() ?? [])];',
    '[]',
    '["Stryker was here"]',
  ]),
  ...defined('branches', ['const names = [...(flats[0]?.properties.keys() ?? [])];', 'flats[0]?.properties']),
  ...because('document', 'A fact is missing: a component that one description alone uses.', [
    'if (one.base.reached.has(pointer) && one.revision.reached.has(pointer)) return;',
    'one.base.reached.has(pointer) && one.revision.reached.has(pointer)',
    'one.base.reached.has(pointer) || one.revision.reached.has(pointer)',
  ]),
  ...because('document', 'No keyword has this name.', [
    "const isOther = meaningOf(comparison.base, server, '') !== meaningOf(comparison.revision, other, '');",
    "''",
    '"Stryker was here!"',
  ]),
  ...because('document', 'One of both is there.', [
    "else if (current) one.findings.add('minor', current, 'was added');",
    'current',
    'true',
  ]),
  ...because('document', 'Only whether two positions are the same counts.', [
    "const key = place === 'path' ? positions.indexOf(name) + 1 : place === 'header' ? name.toLowerCase() : name;",
    'positions.indexOf(name) + 1',
    'positions.indexOf(name) - 1',
  ]),
  ...because('document', 'Only whether two texts are the same counts.', [
    "const minorOf = (located: Located | undefined) => String(located?.node).split('.').slice(0, 2).join('.');",
    "'.'",
    '""',
  ]),
  ...because(
    'document',
    'The condition is for the compiler: a description is an object.',
    [
      'if (!isObject(before?.node) || !isObject(after?.node)) return;',
      '!isObject(before?.node) || !isObject(after?.node)',
      'false',
    ],
    [
      'if (!isObject(before?.node) || !isObject(after?.node)) return;',
      '!isObject(before?.node) || !isObject(after?.node)',
      '!isObject(before?.node) && !isObject(after?.node)',
    ],
  ),
  ...because('document', 'The default is for the compiler: there are two lists.', [
    'const [base, revision] = [was ?? [], now ?? []];',
    '[]',
    '["Stryker was here"]',
  ]),
  ...defined(
    'document',
    ['if (!isObject(before?.node) || !isObject(after?.node)) return;', 'before?.node'],
    ['if (!isObject(before?.node) || !isObject(after?.node)) return;', 'after?.node'],
  ),
  ...because('flatten', 'A branch without this type is no string either.', [
    "keywords.get('type')?.node === 'string' &&",
    "keywords.get('type')?.node === 'string'",
    'true',
  ]),
  ...because('flatten', 'No pointer is this text.', [
    'for (const schema of schemas) addSchema(side, flat, schema, []);',
    '[]',
    '["Stryker was here"]',
  ]),
  ...because('flatten', 'The condition is for the compiler: a keyword that is missing has no types.', [
    'if (located === undefined || types === undefined) continue;',
    'located === undefined',
    'false',
  ]),
  ...because('flatten', 'The condition is for the compiler: no branch accepts every string.', [
    'if (anyOf === undefined) return;',
    'anyOf === undefined',
    'false',
  ]),
  ...because('meaning', 'A `$ref` is a text.', [
    "const isKnown = name !== '$ref' || typeof value !== 'string' || within.includes(value);",
    "typeof value !== 'string'",
    'false',
  ]),
  ...because('meaning', 'No `$ref` is this text.', [
    'export const meaningOf = (side: Side, node: unknown, name: string): string => canonical(copy(side, node, []), name);',
    '[]',
    '["Stryker was here"]',
  ]),
  ...because('nodes', 'A fact is missing: the same member beside both of two `$ref`s.', [
    'if (canonical(member.before?.node, name) !== canonical(member.after?.node, name))',
    'canonical(member.before?.node, name) !== canonical(member.after?.node, name)',
    'true',
  ]),
  ...because('nodes', 'Every direction but `response` is rated so.', [
    "const rating = rateOwnLimit(member.before?.node, member.after?.node, 'request');",
    "'request'",
    '""',
  ]),
  ...because(
    'nodes',
    'It finds the same again, which counts once.',
    ['if (comparison.compared.has(pair)) return;', 'comparison.compared.has(pair)', 'false'],
    ['comparison.compared.add(pair);', 'comparison.compared.add(pair);', ';'],
  ),
  ...because('nodes', 'One of both is there.', ['else if (now) added(comparison, now, name);', 'now', 'true']),
  ...because(
    'nodes',
    'The reason of every other text is the same.',
    ["else breaks(reasonOf(direction, 'unclear'))(comparison, member);", "'unclear'", '""'],
    ["const unknown = breaks(reasonOf('request', 'unclear'));", "'unclear'", '""'],
  ),
  ...defined(
    'nodes',
    [
      'else if (JSON.stringify(member.before?.node) !== JSON.stringify(member.after?.node)) words(comparison, member);',
      'member.before?.node',
    ],
    [
      'else if (JSON.stringify(member.before?.node) !== JSON.stringify(member.after?.node)) words(comparison, member);',
      'member.after?.node',
    ],
  ),
  ...because('schemas', 'An empty word separates the two lists as well.', [
    "const key = [direction, ...base.map(({ pointer }) => pointer), 'and', ...revision.map(({ pointer }) => pointer)].join(",
    "'and'",
    '""',
  ]),
  ...because('schemas', 'Every pointer begins with `#`, which separates them as well.', ["' ',", "' '", '""']),
  ...because(
    'schemas',
    'It is called for keywords with a rule alone.',
    ["const effect = effectRules[change.name]?.(before, after) ?? 'unclear';", "'unclear'", '""'],
    [
      "const effect = effectRules[change.name]?.(before, after) ?? 'unclear';",
      'effectRules[change.name]?.(before, after)',
      'effectRules[change.name](before, after)',
    ],
  ),
  ...because('schemas', 'One of both is there.', [
    '} else if (after) addProperty(comparison, was, name, after, direction);',
    'after',
    'true',
  ]),
  ...defined(
    'schemas',
    ['if (meaningOf(base, before?.node, name) === meaningOf(revision, after?.node, name)) return;', 'before?.node'],
    ['if (meaningOf(base, before?.node, name) === meaningOf(revision, after?.node, name)) return;', 'after?.node'],
    ['const kept = Object.entries(was?.mapping ?? {}).every(', 'was?.mapping'],
    ['([key, value]) => Reflect.get(now?.mapping ?? {}, key) === value,', 'now?.mapping'],
    [
      'else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) compareWords(comparison, change);',
      'before?.node',
    ],
    [
      'else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) compareWords(comparison, change);',
      'after?.node',
    ],
    ['} else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) {', 'before?.node'],
    ['} else if (JSON.stringify(before?.node) !== JSON.stringify(after?.node)) {', 'after?.node'],
    ["report(comparison, change, 'same', describeList(name, before?.node, after?.node));", 'before?.node'],
    ["report(comparison, change, 'same', describeList(name, before?.node, after?.node));", 'after?.node'],
  ),
];
