import type { CheckName } from '../conformance/index.ts';
import type { Tokens } from '../helpers/fault-builders.ts';
import type { FaultInjector } from '../helpers/faulty-fetch.ts';

/** Seeded fault of a server, and the finding that has to report it. */
export interface ServerFault {
  /** Fault, as a sentence. */
  readonly name: string;
  readonly check: CheckName;
  /** Pattern of the finding's message. */
  readonly message: RegExp;
  /** Creates the fault for one run, because it may have state. */
  readonly createInjector: (tokens: Tokens) => FaultInjector;
}

/** Name of a fault, pattern of the message, and the fault, or a function that creates it for a run. */
export type Row = readonly [name: string, message: RegExp, fault: FaultInjector | ServerFault['createInjector']];

/** Returns whether a function is an injector, which takes two arguments. A function that creates one takes at most one. */
const isInjector = (fault: Row[2]): fault is FaultInjector => fault.length === 2;

/** Returns the faults that a check has to report. */
export const faultsOf = (check: CheckName, rows: readonly Row[]): ServerFault[] =>
  rows.map(([name, message, fault]) => ({
    ...{ name, check, message },
    createInjector: isInjector(fault) ? () => fault : fault,
  }));
