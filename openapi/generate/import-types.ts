/** Names that the code uses from the language. */
const globalNames = ['AbortSignal', 'AsyncGenerator', 'Awaited', 'NonNullable', 'Omit', 'Parameters', 'Promise'];
const moreGlobalNames = ['Readonly', 'Record', 'Response', 'ReturnType'];

/** The line that the imports of types replace. */
const marker = "import type {} from './types.ts';\n";

/**
 * Imports the types that code names as `types.Name`. They get no prefix, because editors show them without one; a schema
 * whose name is taken in the code keeps the prefix.
 *
 * @param always - Names that the code uses without a prefix.
 */
export function importTypes(text: string, always: readonly string[] = []): string {
  const declared = [...text.matchAll(/^(?:export )?(?:interface|type|const) (\w+)|^import type \{ (.+) \}/gm)];
  const names = declared.flatMap(([, name, imported = '']) => name ?? imported.split(', '));
  const own = new Set([...globalNames, ...moreGlobalNames, ...names]);
  const isFree = (name: string) => /^[A-Z]/.test(name) && !own.has(name);
  const used = new Set([...text.matchAll(/(?<!\/)\btypes\.([A-Za-z_]\w*)/g)].map(([, name = '']) => name));
  const named = [...always, ...[...used].filter(isFree)].sort().join(', ');
  const imports = [
    ...([...used].some((name) => !isFree(name)) ? ["import type * as types from './types.ts';\n"] : []),
    ...(named === '' ? [] : [`import type { ${named} } from './types.ts';\n`]),
  ];
  return text
    .replace(marker, imports.join(''))
    .replaceAll(/(?<!\/)\btypes\.([A-Za-z_]\w*)/g, (whole, name: string) => (isFree(name) ? name : whole));
}
