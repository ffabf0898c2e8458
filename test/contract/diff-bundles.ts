import type { Bundle } from '../../openapi/generate/bundle.ts';
import type { Edit } from './diff-edit-places.ts';

type Node = Readonly<Record<string, unknown>> | readonly unknown[];

/** Returns a copy of a node with one value changed. All other nodes are shared, whose texts the comparison keeps. */
function change(node: Node, [name = '', ...rest]: readonly string[], value: unknown): Node {
  const copy = Array.isArray(node) ? [...node] : { ...node };
  const next = rest.length > 0 ? change(Reflect.get(copy, name), rest, value) : value;
  if (Array.isArray(copy) && name === '-') copy.push(next);
  else if (next !== undefined) Reflect.set(copy, name, next);
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else Reflect.deleteProperty(copy, name);
  return copy;
}

/** Returns a copy of the bundle with some values changed. */
export function edit(original: Bundle, ...edits: readonly Edit[]): Bundle {
  const toNames = (pointer: string) =>
    pointer
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/'));
  const edited = edits.reduce<Node>(
    (node, [pointer, value]) => change(node, toNames(pointer), value),
    original as unknown as Node,
  );
  return edited as unknown as Bundle;
}
