/** The part of `package.json` that names the entries. */
interface Manifest {
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** Returns the source file of each entry of a package that has declarations. */
export function listEntries({ exports = {} }: Manifest): Record<string, string> {
  const typesOf = (target: unknown) => (typeof target === 'object' ? (target as { types?: string }).types : undefined);
  return Object.fromEntries(
    Object.entries(exports).flatMap(([entry, target]) => {
      const file = typesOf(target)?.replace('./dist/package/', '').replace('.d.ts', '.ts');
      return file === undefined ? [] : [[entry, file]];
    }),
  );
}
