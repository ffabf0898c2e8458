import { type Bundle, methods, type Schema } from '../generate/bundle.ts';

const toToken = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const toName = (token: string) => token.replaceAll('~1', '/').replaceAll('~0', '~');

/** Whether a schema accepts every string. An `enum` beside it in an `anyOf` only names the known values. */
const isOpen = ({ type, ...rest }: Schema) =>
  type === 'string' && Object.keys(rest).every((keyword) => /^(title|description|x-.*)$/.test(keyword));

/**
 * Returns the JSON pointers of the closed enums in responses. A caller may rely on them: no other value is sent. An
 * `anyOf` of an enum and an unrestricted string is open, because it announces other values.
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
      visit(child, `${pointer}/${toToken(name)}`);
    }
  }

  const lookUp = (pointer: string) =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((at, token) => (at as Record<string, unknown> | undefined)?.[toName(token)], bundle);

  for (const [path, item] of Object.entries(bundle.paths)) {
    for (const method of methods) visit(item[method]?.responses, `#/paths/${toToken(path)}/${method}/responses`);
  }
  return closed;
}
