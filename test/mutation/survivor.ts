/** A mutant that no test notices, and why. It is known by its text, so that it keeps its reason where lines move. */
export interface Survivor {
  readonly file: string;
  /** The first line of the mutant, without indentation. */
  readonly line: string;
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

export type Row = readonly [line: string, original: string, replacement: string, reason: string];
/** Returns the survivors in a file. */
export const inFile = (file: string, ...rows: Row[]): Survivor[] =>
  rows.map(([line, original, replacement, reason]) => ({ file, line, original, replacement, reason }));
