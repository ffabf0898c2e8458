/** A fault of the product that a change could bring in, and the tests that have to notice it. */
export interface ProductFault {
  /** The fault, as a noun phrase. */
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Test files, or `types` for the compiler. */
  readonly caughtBy: string;
}

/** Makes a fault. */
export const fault = (name: string, file: string, from: string, to: string, caughtBy: string): ProductFault => ({
  ...{ name, file, from, to },
  caughtBy,
});
