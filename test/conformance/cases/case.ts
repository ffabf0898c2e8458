import type { Breach } from '../checks.ts';
import { bodySchemaOf, type Operation } from '../contract.ts';
import type { CheckName, Exchange } from '../exchange.ts';
import type { Sending, Session } from '../session.ts';

/** One thing that is tried. It reports what it finds to the session. */
export interface Case {
  /** What should be the case, as a sentence. */
  readonly name: string;
  readonly operationId: string;
  /** The check that reports when it is not. */
  readonly check: CheckName;
  /** Left out where the case changes nothing. */
  readonly changesThings?: boolean;
  /** Whether it needs a token of another account. */
  readonly needsOtherToken?: boolean;
  run(session: Session): Promise<void>;
}

/** How much to generate, and from what. */
export interface Effort {
  /** Where random values begin. */
  readonly seed: number;
  /** Generated values per case. */
  readonly cases: number;
}

/** An OAuth app as an answer shows it. */
export type ShownApp = Readonly<Record<string, unknown>> & { readonly id: string };

/** The first example of the body that an operation takes. */
export function exampleBody(session: Pick<Session, 'contract'>, operation: Operation): Record<string, unknown> {
  return structuredClone(bodySchemaOf(session.contract, operation)?.examples[0] ?? {});
}

/** Makes an app to try something on; undefined when creating fails, which is reported. */
export async function makeApp(
  session: Session,
  change: Record<string, unknown> = {},
  sending: Sending = {},
): Promise<{ app: ShownApp; body: Record<string, unknown>; exchange: Exchange } | undefined> {
  const create = session.contract.find('create');
  if (create === undefined) return undefined;
  const body = { ...exampleBody(session, create), ...change };
  const exchange = await session.send(create, { body, ...sending });
  const isMade = session.expectStatus(exchange, create, 200, {
    check: 'positive_data_acceptance',
    message: `a valid body is refused with ${exchange.response.status}`,
    pointer: `${create.pointer}/requestBody`,
  });
  const app = exchange.response.json as ShownApp | undefined;
  return isMade && typeof app?.id === 'string' ? { app, body, exchange } : undefined;
}

/** Whether two JSON values are the same, whatever the order of names. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const [mine, theirs] = [Object.entries(left), Object.entries(right)];
  return mine.length === theirs.length && mine.every(([name, value]) => isSame(value, (right as never)[name]));
}

/** Reports when a condition does not hold. */
export function expectTrue(session: Session, exchange: Exchange, operation: Operation, holds: boolean, breach: Breach) {
  if (!holds && exchange.response.status < 500) session.report(exchange, operation, breach);
}

/** The app as it is now, through `get`; undefined when that is no success. */
export async function readApp(session: Session, id: string, sending: Sending = {}) {
  const get = session.contract.find('get');
  if (get === undefined) return undefined;
  const exchange = await session.send(get, { id, ...sending });
  return { get, exchange, app: exchange.response.status === 200 ? (exchange.response.json as ShownApp) : undefined };
}
