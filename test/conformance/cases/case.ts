import { bodySchemaOf, type Level, type Operation } from '../contract.ts';
import type { CheckName, Exchange } from '../exchange.ts';
import { type RequestOptions, toQuery } from '../http-client.ts';
import type { Violation } from '../response-checks.ts';
import type { Session } from '../session.ts';

/** Test of one behaviour. It reports its findings to the session. */
export interface Case {
  /** Expected behaviour, as a sentence. */
  readonly name: string;
  readonly operationId: string;
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
  run(session: Session): Promise<void>;
}

/** Number and seed of generated values. */
export interface GenerationOptions {
  readonly seed: number;
  /** Number of generated values per case. */
  readonly cases: number;
}

/** OAuth app as a response shows it. */
export type ReceivedApp = Readonly<Record<string, unknown>> & { readonly id: string };

/** Returns the first example of an operation's request body. */
export function exampleBody(session: Pick<Session, 'contract'>, operation: Operation): Record<string, unknown> {
  return structuredClone(bodySchemaOf(session.contract, operation)?.examples[0] ?? {});
}

/** Returns whether a request succeeded. Another 2xx than the documented one is reported by the response checks. */
export const isSuccess = ({ response }: Exchange) => response.status >= 200 && response.status < 300;

/** Reports a rejected request that has to be accepted. Returns whether it was accepted. */
export function expectSuccess(session: Session, exchange: Exchange, operation: Operation, subject: string): boolean {
  if (isSuccess(exchange)) return true;
  const message = `${subject} was rejected with ${exchange.response.status}`;
  session.expectStatus(exchange, operation, 200, {
    check: 'positive_data_acceptance',
    message,
    pointer: operation.pointer,
  });
  return false;
}

/** Creates an app to test with. Returns undefined, and reports it, where that fails. */
export async function createTestApp(
  session: Session,
  change: Record<string, unknown> = {},
  options: RequestOptions = {},
): Promise<{ app: ReceivedApp; body: Record<string, unknown>; exchange: Exchange } | undefined> {
  const create = session.contract.findOperation('create');
  if (create === undefined) return undefined;
  const body = { ...exampleBody(session, create), ...change };
  const exchange = await session.send(create, { body, ...options });
  const isCreated = expectSuccess(session, exchange, create, 'a valid app');
  const app = exchange.response.json as ReceivedApp | undefined;
  return isCreated && typeof app?.id === 'string' ? { app, body, exchange } : undefined;
}

/** Returns whether two JSON values are equal, whatever the order of their names. */
export function isDeepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  const isEqualIn = (name: string) =>
    Object.hasOwn(right, name) && isDeepEqual(left[name as never], right[name as never]);
  return names.length === Object.keys(right).length && names.every(isEqualIn);
}

/** Returns whether an app is the same at two times. Its health may change, and it may have been unreadable. */
export const isUnchanged = (before: ReceivedApp, after: ReceivedApp | undefined) =>
  after === undefined || isDeepEqual({ ...after, health: 0 }, { ...before, health: 0 });

/** Reports a violation unless a condition holds. A server error has been reported already. */
export function expectTrue(
  session: Session,
  exchange: Exchange,
  operation: Operation,
  holds: boolean,
  violation: Violation,
) {
  if (!holds && exchange.response.status < 500) session.report(exchange, operation, violation);
}

/** Reads an app that has to exist. A missing app is reported. */
export async function readApp(session: Session, id: string) {
  const get = session.contract.findOperation('get');
  if (get === undefined) return undefined;
  const exchange = await session.send(get, { id });
  const { status } = exchange.response;
  const violation = { check: 'ensure_resource_availability' as const, pointer: get.pointer };
  const message = `an existing app got ${status} instead of 200`;
  if (!isSuccess(exchange)) session.expectStatus(exchange, get, 200, { ...violation, message });
  const app = (isSuccess(exchange) ? (exchange.response.json ?? {}) : undefined) as ReceivedApp | undefined;
  if (app !== undefined && app.id !== undefined && app.id !== id) {
    session.report(exchange, get, {
      ...violation,
      message: 'the response shows a different app than the requested one',
    });
  }
  return { get, exchange, app };
}

interface List {
  data?: ReceivedApp[];
  next_cursor?: unknown;
}

/** Returns the apps of a list. Items that are not objects have been reported already. */
export function listedApps({ response }: Exchange): ReceivedApp[] {
  const { data } = (response.json ?? {}) as List;
  return Array.isArray(data) ? data.filter((app) => typeof app === 'object' && app !== null) : [];
}

/** Lists apps by a valid query. Returns undefined, and reports it, where the query is rejected. */
export async function listApps(session: Session, query: Record<string, unknown>, authorization?: string) {
  const list = session.contract.findOperation('list') as Operation;
  const exchange = await session.send(list, { query: toQuery(query), authorization });
  if (!expectSuccess(session, exchange, list, 'a valid query')) return undefined;
  const { next_cursor: next } = (exchange.response.json ?? {}) as List;
  return { list, exchange, apps: listedApps(exchange), next: typeof next === 'string' ? next : undefined };
}

export const hasId = (apps: readonly ReceivedApp[], id: string) => apps.some((app) => app.id === id);

/** Length up to which metadata is used as a filter. Not every server accepts longer queries. */
const maxFilterLength = 1_000;

/** Reveals the secret of an app through a list. Returns undefined, and reports it, where the list lacks the app. */
export async function revealSecret(session: Session, { id, provider, metadata }: ReceivedApp) {
  const text = JSON.stringify(metadata ?? {});
  const canFilter = session.contract.includes('inferred') && text.length <= maxFilterLength;
  const query = {
    truncate_secrets: false,
    ...(typeof provider === 'string' && { provider }),
    ...(canFilter && { metadata: text }),
  };
  const listed = await listApps(session, query);
  if (listed === undefined) return undefined;
  const app = listed.apps.find((each) => each.id === id);
  const pointer = `${listed.list.pointer}/parameters`;
  const message = "a list filtered by an app's own values does not contain the app";
  const isFound = app !== undefined;
  expectTrue(session, listed.exchange, listed.list, isFound, { check: 'filter_semantics', message, pointer });
  return isFound ? { ...listed, secret: app.client_secret } : undefined;
}
