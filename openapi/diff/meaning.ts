/** Brings a node of which no rule knows more than whether it is the same to a comparable text. */
import { wordExtensions, wordKeywords } from './effects.ts';
import { canonical, dataKeywords, isObject, type Members } from './finding.ts';
import { lookUp, type Side } from './flatten.ts';

/** Whether a member only informs readers. In a map, a name such as `title` has a schema, a list or a boolean as its value. */
const isWord = (name: string, value: unknown) =>
  (wordKeywords.has(name) || wordExtensions.has(name)) && ['string', 'number'].includes(typeof value);

/** Copies a node without words, and with what its `$ref`s point to. A `$ref` to a node around it stays. */
function copy(side: Side, node: unknown, within: readonly string[]): unknown {
  if (Array.isArray(node)) return node.map((item) => copy(side, item, within));
  if (!isObject(node)) return node;
  const members = Object.entries(node).flatMap(([name, value]) => {
    if (isWord(name, value)) return [];
    const isKnown = name !== '$ref' || typeof value !== 'string' || within.includes(value);
    if (isKnown) return [[name, dataKeywords.has(name) ? value : copy(side, value, within)]];
    return [[name, copy(side, lookUp(side, value).node, [...within, value])]];
  });
  return Object.fromEntries(members) as Members;
}

/** Returns a member as text that differs where more than its words differs, there or behind a `$ref`. */
export const meaningOf = (side: Side, node: unknown, name: string): string => canonical(copy(side, node, []), name);
