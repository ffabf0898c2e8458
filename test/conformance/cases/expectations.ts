import type { Operation } from '../contract.ts';
import type { Exchange } from '../exchange.ts';
import { NotTried } from '../run-errors.ts';
import type { Session } from '../session.ts';
import type { Violation } from '../violation.ts';
import { makeUnique } from './fields.ts';

/** Expectations of cases, and the causes that explain what does not meet them. */

/** Causes that also give a request, which has to get 422, another status. */
export const followsFromRejection = (status: number) => [`negative_data_rejection: ${rejectionCause('', status, 422)}`];

/** Cause of a server whose create responds with an example, as mocks do. */
export const storesNothing = 'create stores nothing: its response shows another app than was sent';

/** Cause that explains whatever a server with fixed responses finds. */
export const followsFromFixed = [`read_your_writes: ${storesNothing}`];

/** Cause that explains whatever bodies are accepted: none is read. */
export const followsFromUnread = ['negative_data_rejection: a body that is not JSON is accepted'];

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
  const hasKey = exchange.request.headers['idempotency-key'] !== undefined;
  session.report(exchange, create, {
    check: 'positive_data_acceptance',
    message: 'a second app with the same values was rejected with 409',
    followsFrom: hasKey ? ['idempotent_repeats: a repeated request is rejected'] : [],
    pointer: `${create.pointer}/description`,
    provenance: 'inferred',
  });
  return false;
}

/** Returns the cause of a request that was not rejected as it has to be. */
export function rejectionCause(kind: string, got: number, expected: number | readonly number[]): string {
  if (got < 400) return `${kind} is accepted`;
  return `requests that have to get ${[expected].flat().join(' or ')} get ${got}`;
}

/** Returns explanations of whatever an operation accepts: it is a stub that does not look at its request. */
export const followsFromStub = (operation: Operation) => [
  ...followsFromRejecting(operation),
  ...(operation.verb === 'delete' ? ['use_after_free: a deleted app is found'] : []),
  ...(operation.verb === 'get' ? [differentApp] : []),
];

/** Causes that also explain a wrong field of a response about the app with an id. */
export const followsFromField = (field: string, app: object | undefined, id: string) => [
  ...followsFromShape(app, id),
  // A missing property explains nothing about those that are there.
  ...(app !== undefined && field in app ? [] : [followsFromBody]),
  `response_schema_conformance: ${field} must*`,
];

/** Causes that also explain what an update does with a field. */
export const followsFromUpdate = ({ verb }: Operation, field: string) =>
  verb === 'update'
    ? [
        `partial_update: an update does not store ${field}`,
        'partial_update: the response to an update shows*',
        'partial_update: after an update*',
      ]
    : [];

/** Cause that also hides the apps of a list, and the fields of an app. */
export const followsFromBody = 'response_schema_conformance: the body must*';

/** Cause of an operation that shows another app than the requested one. */
export const differentApp = 'ensure_resource_availability: the response shows a different app*';

/** Causes by which a response shows something else than the app with an id. One that shows the app has none. */
export function followsFromShape(app: unknown, id: string): string[] {
  const shown = (app as { id?: unknown } | null | undefined)?.id;
  return shown === undefined ? [followsFromBody] : followsFromOther(app, id);
}

/** Causes by which a response shows another app than the one with an id. One that shows the app, or none, has none. */
export function followsFromOther(app: unknown, id: string): string[] {
  const shown = (app as { id?: unknown } | null | undefined)?.id;
  return shown === undefined || shown === id ? [] : [differentApp];
}

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

/** Returns the cause of two operations that show a field of the same app differently. */
export const differenceCause = (field: string, [shown, other]: readonly [string, string]) =>
  `${shown} shows another ${field} than ${other}`;
