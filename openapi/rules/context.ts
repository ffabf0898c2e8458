/** The types that the lint rules share. */

/** An object in the description. */
export type Node = Record<string, unknown>;
/** A location in a file of the description. */
export interface Location {
  source: { absoluteRef: string };
  /** Returns the location of a descendant. */
  child(path: (string | number)[]): Location;
}
/** The members of Redocly's rule context that the rules use. */
export interface Context {
  /** The location of the visited node. */
  location: Location;
  /** Reports a violation at `location`. */
  report(problem: { message: string; location?: Location }): void;
  /** Returns the node that a `$ref` points to, and its location; neither when it points nowhere. */
  resolve(ref: unknown): { node?: unknown; location?: Location };
}
