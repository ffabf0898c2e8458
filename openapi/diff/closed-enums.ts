import { type Bundle, methods, type Schema } from '../generate/bundle.ts';

const toStep = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const toName = (step: string) => step.replaceAll('~1', '/').replaceAll('~0', '~');

/** A schema that takes every string. Beside it an `enum` only names the values that are known. */
const isOpen = ({ type, ...rest }: Schema) =>
  type === 'string' && Object.keys(rest).every((keyword) => /^(title|description|x-.*)$/.test(keyword));

/**
 * Pointers of the enums that answers are closed over: a caller may rely on getting no other value. An `anyOf` of an
 * enum and a bare string is open: its caller was told to expect more.
 */
export function listClosedEnums(bundle: Bundle): Set<string> {
  const closed = new Set<string>();
  const seen = new Set<string>();

  function visit(node: unknown, pointer: string): void {
    if (typeof node !== 'object' || node === null || seen.has(pointer)) return;
    seen.add(pointer);
    const { $ref, enum: values, anyOf } = node as Schema;
    if (Array.isArray(values)) closed.add(`${pointer}/enum`);
    if (typeof $ref === 'string') visit(lookUp($ref), $ref);
    for (const [name, child] of Object.entries(node)) {
      if (child === anyOf && Array.isArray(anyOf) && anyOf.some(isOpen)) continue;
      visit(child, `${pointer}/${toStep(name)}`);
    }
  }

  const lookUp = (pointer: string) =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[toName(step)], bundle);

  for (const [path, item] of Object.entries(bundle.paths)) {
    for (const method of methods) visit(item[method]?.responses, `#/paths/${toStep(path)}/${method}/responses`);
  }
  return closed;
}
