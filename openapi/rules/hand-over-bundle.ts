import { parentPort } from 'node:worker_threads';
import { type Context, componentOf, type Node } from './context.ts';

/** The description in one document: what `$ref`s point to in components/ is under `components`, the rest in its place. */
function bundle(root: Node, { location, resolve }: Context): Node {
  const components: Record<string, Node> = {};
  const begun = new Set<string>();

  /** What a `$ref` in the file `from` points to. Nothing where it points nowhere, which Redocly's own rules report. */
  const follow = (ref: Node, from: string) => {
    const { node, location: at } = resolve(ref, from);
    return at && { node, file: at.source.absoluteRef };
  };
  const define = (kind: string, name: string, node: unknown, from: string) => {
    if (begun.has(`${kind}/${name}`)) return;
    begun.add(`${kind}/${name}`);
    const content = copy(node, from);
    components[kind] = { ...components[kind], [name]: content };
  };
  /** Files that are being copied in place: one that refers to itself has no end, and a rule of its own reports it. */
  const open = new Set<string>();
  const inline = (ref: Node, { node, file }: { node: unknown; file: string }) => {
    if (open.has(file)) return ref;
    open.add(file);
    const content = copy(node, file);
    open.delete(file);
    return content;
  };
  const copyRef = (ref: Node, from: string): unknown => {
    const target = follow(ref, from);
    if (target === undefined) return ref;
    const component = componentOf(target.file);
    if (component === undefined) return inline(ref, target);
    const { kind, name } = component;
    define(kind, name, target.node, target.file);
    return { ...ref, $ref: `#/components/${kind}/${name}` };
  };
  const copy = (node: unknown, from: string): unknown => {
    if (Array.isArray(node)) return node.map((item) => copy(item, from));
    if (typeof node !== 'object' || node === null) return node;
    if ('$ref' in node) return copyRef(node as Node, from);
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, copy(value, from)]));
  };

  const file = location.source.absoluteRef;
  for (const [kind, named] of Object.entries((root.components ?? {}) as Record<string, Node>)) {
    for (const [name, node] of Object.entries(named)) {
      const target = follow(node as Node, file);
      define(kind, name, target?.node ?? node, target?.file ?? file);
    }
  }
  const document = Object.keys(root).map((key) => [key, key === 'components' ? components : copy(root[key], file)]);
  return Object.fromEntries(document);
}

/**
 * Finds no faults: hands the bundle of the description to the program that runs Redocly in a thread, so that each
 * file is read and parsed once for both. `redocly bundle` gives the same, as test/contract/bundle.test.ts shows.
 */
export function handOverBundle() {
  return {
    Root(root: Node, context: Context) {
      parentPort?.postMessage({ bundle: bundle(root, context) });
    },
  };
}
