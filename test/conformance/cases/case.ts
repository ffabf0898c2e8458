import type { Breach } from '../checks.ts';
import { bodySchemaOf, type Level, type Operation } from '../contract.ts';
import type { CheckName, Exchange } from '../exchange.ts';
import { type Sending, toQuery } from '../sender.ts';
import type { Session } from '../session.ts';

/** One thing that is tried. It reports what it finds to the session. */
export interface Case {
  /** What should be the case, as a sentence. */
  readonly name: string;
  readonly operationId: string;
  /** The check that reports when it is not. */
  readonly check: CheckName;
  /** Other checks that it makes on the way, besides those that hold for every answer. */
  readonly alsoChecks?: readonly CheckName[];
  /** Where it comes from that this is so. Default: documented. */
  readonly level?: Level;
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

/** Whether a request succeeded. That a success has another status than the documented one is reported already. */
export const isSuccess = ({ response }: Exchange) => response.status >= 200 && response.status < 300;

/** Reports when what has to be accepted is not. Gives whether it is. */
export function expectSuccess(session: Session, exchange: Exchange, operation: Operation, what: string): boolean {
  if (isSuccess(exchange)) return true;
  const message = `${what} is refused with ${exchange.response.status}`;
  session.expectStatus(exchange, operation, 200, {
    check: 'positive_data_acceptance',
    message,
    pointer: operation.pointer,
  });
  return false;
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
  const isMade = expectSuccess(session, exchange, create, 'a valid app');
  const app = exchange.response.json as ShownApp | undefined;
  return isMade && typeof app?.id === 'string' ? { app, body, exchange } : undefined;
}

/** Whether two JSON values are the same, whatever the order of names. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  const isShared = (name: string) => Object.hasOwn(right, name) && isSame(left[name as never], right[name as never]);
  return names.length === Object.keys(right).length && names.every(isShared);
}

/** Reports when a condition does not hold. */
export function expectTrue(session: Session, exchange: Exchange, operation: Operation, holds: boolean, breach: Breach) {
  if (!holds && exchange.response.status < 500) session.report(exchange, operation, breach);
}

/** The app as it is now, through `get`. It has to be there: undefined is reported. */
export async function readApp(session: Session, id: string) {
  const get = session.contract.find('get');
  if (get === undefined) return undefined;
  const exchange = await session.send(get, { id });
  const { status } = exchange.response;
  const breach = { check: 'ensure_resource_availability' as const, pointer: get.pointer };
  const message = `an app that is there is answered with ${status}`;
  if (!isSuccess(exchange)) session.expectStatus(exchange, get, 200, { ...breach, message });
  const app = (isSuccess(exchange) ? (exchange.response.json ?? {}) : undefined) as ShownApp | undefined;
  if (app !== undefined && app.id !== undefined && app.id !== id) {
    session.report(exchange, get, { ...breach, message: 'another app is shown than the one that was asked for' });
  }
  return { get, exchange, app };
}

interface List {
  data?: ShownApp[];
  next_cursor?: unknown;
}

/** The apps of a list. What is no app has been reported already. */
export function listedApps({ response }: Exchange): ShownApp[] {
  const { data } = (response.json ?? {}) as List;
  return Array.isArray(data) ? data.filter((app) => typeof app === 'object' && app !== null) : [];
}

/** The listed apps. The query has to be accepted: undefined is reported. */
export async function listApps(session: Session, query: Record<string, unknown>, authorization?: string) {
  const list = session.contract.find('list') as Operation;
  const exchange = await session.send(list, { query: toQuery(query), authorization });
  if (!expectSuccess(session, exchange, list, 'a valid query')) return undefined;
  const { next_cursor: next } = (exchange.response.json ?? {}) as List;
  return { list, exchange, apps: listedApps(exchange), next: typeof next === 'string' ? next : undefined };
}

export const hasId = (apps: readonly ShownApp[], id: string) => apps.some((app) => app.id === id);

/** Longer metadata does not fit into a query everywhere. */
const longestFilter = 1_000;

/** The secret of an app, as the list shows it in full; undefined where the list does not show the app. */
export async function revealSecret(session: Session, { id, provider, metadata }: ShownApp) {
  const text = JSON.stringify(metadata ?? {});
  const canFilter = session.contract.includes('inferred') && text.length <= longestFilter;
  const query = {
    truncate_secrets: false,
    ...(typeof provider === 'string' && { provider }),
    ...(canFilter && { metadata: text }),
  };
  const listed = await listApps(session, query);
  if (listed === undefined) return undefined;
  const app = listed.apps.find((each) => each.id === id);
  const pointer = `${listed.list.pointer}/parameters`;
  const message = 'an app is not found by what it has';
  const isFound = app !== undefined;
  expectTrue(session, listed.exchange, listed.list, isFound, { check: 'filter_semantics', message, pointer });
  return isFound ? { ...listed, secret: app.client_secret } : undefined;
}
