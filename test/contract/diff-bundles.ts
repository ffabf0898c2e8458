import type { Bundle } from '../../openapi/generate/bundle.ts';
import type { Edit } from './diff-edit-places.ts';

type Node = Record<string, unknown>;

/** Returns a copy of the bundle with some values changed. */
export function edit(original: Bundle, ...edits: readonly Edit[]): Bundle {
  const copy = structuredClone(original);
  for (const [pointer, value] of edits) {
    const names = pointer.split('/').slice(1);
    const [last = '', ...rest] = names.map((name) => name.replaceAll('~1', '/')).reverse();
    const parent = rest.reverse().reduce((at, name) => at[name] as Node, copy as unknown as Node);
    if (Array.isArray(parent) && last === '-') parent.push(value);
    else if (Array.isArray(parent) && value === undefined) parent.splice(Number(last), 1);
    else if (value === undefined) delete parent[last];
    else parent[last] = value;
  }
  return copy;
}
