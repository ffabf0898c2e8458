/** The context of a section of the benchmarks. */
export interface Bench {
  /** A new folder that is removed after the run. */
  readonly folder: string;
  /** The number of rounds of each measurement. */
  readonly rounds: number;
  /** Whether long measurements are allowed (`--full`). */
  readonly isFull: boolean;
  /** Prints the progress. */
  readonly report: (text: string) => void;
}

/** A section, which returns the rows of its table. */
export type Section = (bench: Bench) => Promise<object[]>;
