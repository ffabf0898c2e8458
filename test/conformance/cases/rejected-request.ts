import { type Level, type Operation, responsePointer } from '../contract.ts';
import type { CheckName } from '../exchange.ts';
import type { RequestOptions } from '../http-client.ts';
import type { Session } from '../session.ts';
import { createTestApp } from './apps.ts';
import type { Case } from './case.ts';
import { followsFromStub, isSuccess, rejectionCause } from './expectations.ts';
import { validBody } from './fields.ts';

/** The case of an invalid request, which has to be rejected for its credentials, media type, body, query or id. */

/** Kind of a request for an id that no app has. */
export const unknownId = 'an unknown id';

const isWriting = ({ method }: Operation) => method !== 'get';

/** Returns a valid request of an operation. Creates an app where it needs one. */
async function createValidRequest(
  session: Session,
  operation: Operation,
  needsRecord: boolean,
): Promise<RequestOptions> {
  const created = needsRecord ? await createTestApp(session) : undefined;
  const body = operation.requestBody ? { body: await validBody(session, operation) } : {};
  return { ...(created && { id: created.app.id }), ...body };
}

/** Request that has to be rejected. */
export interface InvalidRequest {
  /** Description of the invalid part: `a wrong token`. */
  readonly label: string;
  /**
   * Label without values.
   *
   * @default the label
   */
  readonly kind?: string;
  /** Cause of a wrong status. @default the one of the kind and the status */
  readonly cause?: string;
  /** More obviously invalid request and its kind. Where it is accepted too, the cause is that of its kind. */
  readonly obvious?: { readonly kind: string; readonly change: RequestOptions };
  /** Causes, each as `check: cause`, that explain an accepted request. */
  readonly followsFrom?: readonly string[];
  readonly check: CheckName;
  /** Statuses that the contract allows. */
  readonly statuses: number | readonly number[];
  /** Difference from a valid request. */
  readonly change: RequestOptions | ((session: Session) => RequestOptions);
  /**
   * JSON pointer to the violated statement.
   *
   * @default the response with the expected status
   */
  readonly pointer?: string;
  /** First words of the paragraph at the pointer. */
  readonly topic?: string;
  readonly level?: Level;
}

const causeOf = (kind: string, got: number, statuses: InvalidRequest['statuses']) =>
  kind === unknownId && got < 400 ? `${unknownId} is found` : rejectionCause(kind, got, statuses);

/** Returns a case that sends an invalid request. */
export function rejectedRequestCase(operation: Operation, invalid: InvalidRequest): Case {
  const { label, kind = label, cause, obvious, followsFrom = [], check, statuses, change, topic, level } = invalid;
  // A request that has an id of its own needs no app, so that a run that may change nothing sends it too.
  const needsRecord = operation.needsRecord && (typeof change === 'function' || change.id === undefined);
  const { pointer = responsePointer(operation, [statuses].flat()[0] ?? 422) } = invalid;
  return {
    name: `${operation.operationId} rejects ${label}`,
    kind: `rejects with ${[statuses].flat().join()}`,
    operationId: operation.operationId,
    check,
    level,
    isMutating: isWriting(operation) || needsRecord || Object.keys(operation.parents).length > 0,
    needsNoRecord: operation.verb === 'create',
    async run(session) {
      const changed = typeof change === 'function' ? change(session) : change;
      const valid = await createValidRequest(session, operation, needsRecord);
      const exchange = await session.send(operation, { ...valid, ...changed });
      const isObviousAccepted =
        obvious && isSuccess(exchange) && isSuccess(await session.send(operation, { ...valid, ...obvious.change }));
      const { status } = exchange.response;
      session.expectStatus(exchange, operation, statuses, {
        check,
        message: `${label} got ${status} instead of ${[statuses].flat().join(' or ')}`,
        cause: cause ?? causeOf(isObviousAccepted ? obvious.kind : kind, status, statuses),
        followsFrom: [...followsFrom, ...followsFromStub(operation)],
        pointer,
        topic,
      });
    },
  };
}
