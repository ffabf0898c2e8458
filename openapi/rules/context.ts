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

/** A check of a visited node, which reports what it refuses. */
export type Check = (node: Node, context: Context) => void;
/** The way to a descendant. */
export type Path = (string | number)[];

/** Names that generated code can have. */
export const identifier = /^[A-Za-z]\w*$/;

/** Whether a value is an object or an array. */
export const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Reports a message at a descendant of the visited node. */
export function refuse({ report, location }: Context, path: Path, message: string): void {
  // `child([])` would be another place.
  report({ message, location: path.length === 0 ? location : location.child(path) });
}

/** Returns the node that a `$ref` points to, and any other node unchanged. */
export function follow(node: unknown, { resolve }: Context): Node {
  const target = isNode(node) && '$ref' in node ? resolve(node).node : node;
  return isNode(target) ? target : {};
}
