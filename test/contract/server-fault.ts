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
