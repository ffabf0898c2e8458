import type { Contract, Level, Operation } from './contract.ts';
import type { CheckName, ReceivedResponse } from './exchange.ts';

/** Violation of one statement of the contract. */
export interface Violation {
  readonly check: CheckName;
  readonly message: string;
  /**
   * Message without values. Violations of a check with the same cause are reported as one.
   *
   * @default the message
   */
  readonly cause?: string;
  /**
   * Causes, each as `check: cause`, that explain the violation where the run has one of them. A `*` at the end stands
   * for any text. `operationId check: cause` is about the findings of one operation.
   *
   * @default none
   */
  readonly followsFrom?: readonly string[];
  /** The demand of the contract. Left out where the message says it. */
  readonly expected?: string;
  /** The result of the implementation. Left out where the message says it. */
  readonly got?: string;
  /** JSON pointer into the bundle to the violated statement. */
  readonly pointer: string;
  /** First words of the paragraph that states it, where the pointer leads to a longer text. */
  readonly topic?: string;
  /**
   * Level of the violated statement.
   *
   * @default the level of the case
   */
  readonly provenance?: Level;
}

/** Response to check, and the facts about its request that the checks need. */
export interface ResponseContext {
  readonly contract: Contract;
  readonly operation: Operation;
  readonly response: ReceivedResponse;
  /** Secrets that were sent. A response contains them only where the request asked for full secrets. */
  readonly secrets: readonly string[];
  /** Whether the request asked for full secrets. */
  readonly isReveal: boolean;
  /** Parameter that reveals secrets, where the request has it with a value that is not documented. */
  readonly misspelt?: string;
  /** Whether response properties that the description does not have are reported. */
  readonly isStrict: boolean;
  /** Whether the request was a HEAD, whose response has no body. */
  readonly isHead: boolean;
}
