/** What the rules use of the context that Redocly gives to each visitor. */
export interface Context {
  location: Location;
  report(problem: { message: string; location?: Location }): void;
  /** Returns the node that a `$ref` of the visited file points to, and its location. */
  resolve(ref: unknown): { node?: unknown; location?: Location };
}
/** A place in a file. */
export interface Location {
  source: { absoluteRef: string };
  child(path: (string | number)[]): Location;
}
export type Node = Record<string, unknown>;

/** The kind and the name that a file of components/ gives its component. */
export function componentOf(file: string): { kind: string; name: string } | undefined {
  const [, kind, name] = /\/components\/(\w+)\/([^/]+)\.yaml$/.exec(file) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind, name };
}
