/** What every section of the benchmarks gets. */
export interface Bench {
  /** A fresh folder, gone after the run. */
  readonly folder: string;
  /** How often each measurement is repeated. */
  readonly rounds: number;
  /** Whether there is time for the long measurements. */
  readonly isFull: boolean;
  /** Tells how far it has got. */
  readonly say: (text: string) => void;
}

/** A section gives the rows of its table. */
export type Section = (bench: Bench) => Promise<object[]>;
