import type { Contract, Level, Operation } from '../contract.ts';
import type { CheckName, Exchange } from '../exchange.ts';
import { type RequestOptions, toQuery } from '../http-client.ts';
import { NotTried, type Session } from '../session.ts';
import type { Violation } from '../violation.ts';
import { listFilters, makeUnique, shownSecrets, validBody } from './fields.ts';

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

/** Returns whether a request succeeded. Another 2xx than the documented one is reported by the response checks. */
export const isSuccess = ({ response }: Exchange) => response.status >= 200 && response.status < 300;

/** Statuses of a server that does not have an operation. */
const missingStatuses: readonly number[] = [404, 405, 501];

/** Returns the cause of an operation that does not accept its plainest request. */
export const rejectingCause = ({ operationId }: Operation) => `${operationId} rejects a valid request`;

/**
 * Reports a rejected request that has to be accepted. Returns whether it was accepted.
 *
 * @param kind - Kind of the value that the request is about; undefined for the plainest request.
 */
export function expectSuccess(
  session: Session,
  exchange: Exchange,
  operation: Operation,
  subject: string,
  kind?: string,
  followsFrom: readonly string[] = [],
): boolean {
  if (isSuccess(exchange)) return true;
  const { status } = exchange.response;
  const isPlain = kind === undefined || missingStatuses.includes(status);
  const plain = rejectingCause(operation);
  session.expectStatus(exchange, operation, 200, {
    check: 'positive_data_acceptance',
    message: `${subject} was rejected with ${status}`,
    cause: isPlain ? plain : `${kind} is rejected`,
    followsFrom: [
      ...(isPlain ? [] : [`positive_data_acceptance: ${plain}`]),
      ...(kind === generatedKind ? ['positive_data_acceptance: *'] : []),
      ...(kind?.includes(' of emoji')
        ? [`positive_data_acceptance: ${kind.replace(' of emoji', '')} is rejected`]
        : []),
      ...followsFrom,
    ],
    pointer: operation.pointer,
  });
  return false;
}

/** Kind of generated values. What is wrong with them shows in the value, and often in another case too. */
export const generatedKind = 'a generated body';

/** Returns explanations of a violation: the operation does not accept a valid request at all. */
export const followsFromRejecting = (...operations: (Operation | undefined)[]) =>
  operations.flatMap((operation) => (operation ? [`positive_data_acceptance: ${rejectingCause(operation)}`] : []));

/**
 * Returns whether a create request may be judged. An account that takes no more records is no violation. A rule about
 * equal values is one, and it is reported.
 *
 * @throws {NotTried} for an account that takes no more records
 */
export async function expectRoom(
  session: Session,
  exchange: Exchange,
  create: Operation,
  body: Record<string, unknown>,
): Promise<boolean> {
  if (exchange.response.status !== 409 || create.responses[409] === undefined) return true;
  const other = await session.send(create, { body: makeUnique(session, create, body) });
  if (!isSuccess(other)) throw new NotTried('the account takes no more apps (409)');
  session.report(exchange, create, {
    check: 'positive_data_acceptance',
    message: 'a second app with the same values was rejected with 409',
    pointer: `${create.pointer}/description`,
    provenance: 'inferred',
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
  const body = { ...(await validBody(session, create)), ...change };
  const exchange = await session.send(create, { body, ...options });
  if (!(await expectRoom(session, exchange, create, body))) return undefined;
  const isCreated = expectSuccess(session, exchange, create, 'a valid app');
  const app = exchange.response.json as ReceivedApp | undefined;
  return isCreated && typeof app?.id === 'string' ? { app, body, exchange } : undefined;
}

/** Returns the cause of a request that was not rejected as it has to be. */
export function rejectionCause(kind: string, got: number, expected: number | readonly number[]): string {
  if (got < 400) return `${kind} is accepted`;
  return `requests that have to get ${[expected].flat().join(' or ')} get ${got}`;
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

/** Returns the fields in which two responses show an app differently. Its health may change at any time. */
const differingFields = (before: ReceivedApp, after: ReceivedApp) =>
  Object.keys({ ...before, ...after }).filter(
    (field) => field !== 'health' && !isDeepEqual(before[field], after[field]),
  );

/**
 * Returns whether a later read shows an app as its create response did. A difference that every app has is none. The app
 * may have been unreadable.
 */
export async function isUnchanged(session: Session, before: ReceivedApp, after: ReceivedApp | undefined) {
  const fields = after === undefined ? [] : differingFields(before, after);
  if (fields.length === 0) return true;
  const control = await createTestApp(session);
  const read = control && (await readApp(session, control.app.id))?.app;
  const usual = control && read ? differingFields(control.app, read) : fields;
  return fields.every((field) => usual.includes(field));
}

/** Returns explanations of whatever an operation accepts: it is a stub that does not look at its request. */
export const followsFromStub = (operation: Operation) => [
  ...followsFromRejecting(operation),
  ...(operation.verb === 'delete' ? ['use_after_free: a deleted app is found'] : []),
  ...(operation.verb === 'get' ? ['ensure_resource_availability: the response shows a different app*'] : []),
];

/** Causes that also explain a wrong field of a response. */
export const followsFromField = (field: string) => [...followsFromShape, `response_schema_conformance: ${field} must*`];

/** Causes that also explain what an update does with a field. */
export const followsFromUpdate = ({ verb }: Operation, field: string) =>
  verb === 'update' ? [`partial_update: an update does not store ${field}`] : [];

/** Causes that also make an app look different from what was sent. */
export const followsFromShape: readonly string[] = [
  'response_schema_conformance: the body must*',
  'ensure_resource_availability: the response shows a different app*',
];

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
  const cause = 'an existing app is not found';
  if (!isSuccess(exchange)) session.expectStatus(exchange, get, 200, { ...violation, message, cause });
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
  const list = session.contract.findOperation('list');
  if (list === undefined) return undefined;
  const exchange = await session.send(list, { query: toQuery(query), authorization });
  if (!expectSuccess(session, exchange, list, 'a valid query')) return undefined;
  const { next_cursor: next } = (exchange.response.json ?? {}) as List;
  return { list, exchange, apps: listedApps(exchange), next: typeof next === 'string' ? next : undefined };
}

export const hasId = (apps: readonly ReceivedApp[], id: string) => apps.some((app) => app.id === id);

/** Length up to which a JSON object is used as a filter. Not every server accepts longer queries. */
const maxFilterLength = 1_000;

/** Returns a query that finds an app by its own values. */
function narrowingQuery(contract: Contract, app: ReceivedApp): Record<string, unknown> {
  const filters = listFilters(contract).filter(({ isSettable }) => isSettable);
  return Object.fromEntries(
    filters.flatMap(({ name, field, isJson, values }): [string, unknown][] => {
      const value = app[field];
      if (!isJson) return values.includes(value) ? [[name, value]] : [];
      const text = JSON.stringify(value ?? {});
      return contract.includes('inferred') && text.length <= maxFilterLength ? [[name, text]] : [];
    }),
  );
}

/**
 * Lists an app with its secrets in full. Returns undefined where no query reveals them, and where the list lacks the app,
 * which is reported.
 */
export async function revealSecrets(session: Session, shown: ReceivedApp) {
  const { contract } = session;
  const names = shownSecrets(contract).filter(([, { revealedBy }]) => revealedBy !== undefined);
  const [revealed] = names;
  if (revealed === undefined || contract.findOperation('list') === undefined) return undefined;
  const [name = '', value] = revealed[1].revealedBy?.split('=') ?? [];
  const listed = await listApps(session, { [name]: value, ...narrowingQuery(contract, shown) });
  if (listed === undefined) return undefined;
  const app = listed.apps.find((each) => each.id === shown.id);
  const pointer = `${listed.list.pointer}/parameters`;
  const message = "a list filtered by an app's own values does not contain the app";
  const isFound = app !== undefined;
  const followsFrom = [
    ...followsFromShape,
    'filter_semantics: *',
    'ensure_resource_availability: an app is not listed*',
  ];
  const violation = { check: 'filter_semantics' as const, message, pointer, followsFrom };
  expectTrue(session, listed.exchange, listed.list, isFound, violation);
  const masked = names.filter(([field, { mask }]) => app?.[field] === mask);
  const hidden = `${name}=${value} does not show secrets in full`;
  const reveal = { check: 'read_your_writes' as const, message: hidden, pointer };
  expectTrue(session, listed.exchange, listed.list, masked.length === 0, reveal);
  if (app === undefined || masked.length > 0) return undefined;
  return { ...listed, app, names: names.map(([field]) => field), query: `${name}=${value}` };
}
