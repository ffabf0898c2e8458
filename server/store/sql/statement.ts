/** A value that a parameter can have. */
export type Value = string | number | null;

/** A compiled statement: its SQL, and the names of its parameters in the order of the SQL. */
export interface Statement {
  /** The name under which a session may keep it prepared. Statements of the same name are equal. Left out: it is not
   * prepared. */
  readonly name?: string;
  readonly sql: string;
  readonly parameters: readonly string[];
}

/** Returns the values of a statement's parameters in their order. */
export const bindParameters = (
  { parameters }: Statement,
  values: Readonly<Record<string, Value | undefined>>,
): Value[] => parameters.map((name) => values[name] ?? null);
