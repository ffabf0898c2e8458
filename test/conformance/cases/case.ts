import type { Contract, Level } from '../contract.ts';
import type { CheckName } from '../exchange.ts';
import type { Session } from '../session.ts';

/** Test of one behaviour. It reports its findings to the session. */
export interface Case {
  /** Expected behaviour, as a sentence. */
  readonly name: string;
  readonly operationId: string;
  /** Contract of the resource that the case is about. @default the whole description */
  readonly contract?: Contract;
  /** Parts of the coverage that the case covers: `createOAuthApp name maxLength`. @default none */
  readonly covers?: readonly string[];
  /** Check that the case is about. */
  readonly check: CheckName;
  /** Other checks that the case makes, besides those of every response. */
  readonly alsoChecks?: readonly CheckName[];
  /**
   * Level that requires the behaviour.
   *
   * @default 'documented'
   */
  readonly level?: Level;
  /**
   * Whether the case changes something at the implementation.
   *
   * @default false
   */
  readonly isMutating?: boolean;
  /**
   * Whether the case needs a token of another account.
   *
   * @default false
   */
  readonly needsOtherToken?: boolean;
  /**
   * Whether the case writes to a connection of its own, which a given `fetch` does not offer.
   *
   * @default false
   */
  readonly needsConnection?: boolean;
  /**
   * Kind of the case. Cases of an operation, check and kind get the same responses, but for values.
   *
   * @default the name
   */
  readonly kind?: string;
  /**
   * Whether the case shows that a run cannot change what it did not make. Without that no other case changes anything.
   *
   * @default false
   */
  readonly isGuard?: boolean;
  /**
   * Whether the case judges one response that needs no record. It runs where create stores nothing, too.
   *
   * @default false
   */
  readonly needsNoRecord?: boolean;
  run(session: Session): Promise<void>;
}

/** Number and seed of generated values. */
export interface GenerationOptions {
  readonly seed: number;
  /** Number of generated values per case. */
  readonly cases: number;
}
