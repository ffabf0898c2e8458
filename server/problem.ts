/** The problems of the description as values: code that rejects a request returns one of them. */
import type { Problem, ValidationProblem } from '../generated/types.ts';
import { problems } from '../generated/values.ts';
import type { Scope } from './keys/tokens.ts';

/** The name of a shared problem response of the description. */
export type ProblemName = keyof typeof problems;

/** Reasons by field, parameter or dotted path. */
export type ValidationErrors = ReadonlyMap<string, readonly string[]>;

/** The details of one case of a problem. None of them holds a submitted value. */
export interface RejectionDetails {
  /**
   * One sentence on this case.
   * @default the summary of the problem
   */
  readonly summary?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly validationErrors?: ValidationErrors;
}

/** The rejection of a request with a problem: a value, not an error. */
export class Rejection<Name extends ProblemName = ProblemName> {
  readonly problem: Name;
  readonly details: RejectionDetails;
  constructor(problem: Name, details: RejectionDetails) {
    this.problem = problem;
    this.details = details;
  }
}

/**
 * Rejects a request with a problem.
 * @example return reject('RequestInFlight', { headers: { 'Retry-After': '1' } });
 */
export function reject<Name extends ProblemName>(problem: Name, details: RejectionDetails = {}): Rejection<Name> {
  return new Rejection(problem, details);
}

/** Rejects a request whose field fails validation, with the reasons. */
export function rejectField(field: string, ...reasons: string[]): Rejection<'ValidationFailed'> {
  return reject('ValidationFailed', { validationErrors: new Map([[field, reasons]]) });
}

/** The protection space of the challenges (RFC 9110, section 11.5). */
const challenge = 'Bearer realm="oauth-apps"';

/**
 * Rejects a request without a valid token.
 * @param wasSent Whether a token was sent: the challenge gives a reason only then.
 * @see RFC 6750, section 3.1
 */
export function rejectToken(wasSent: boolean): Rejection<'Unauthorized'> {
  const reason = wasSent ? ', error="invalid_token"' : '';
  return reject('Unauthorized', { headers: { 'WWW-Authenticate': `${challenge}${reason}` } });
}

/**
 * Rejects a request whose token is valid and lacks a scope.
 * @see RFC 6750, section 3.1
 */
export function rejectScope(scope: Scope): Rejection<'Forbidden'> {
  const reason = `error="insufficient_scope", scope="${scope}"`;
  return reject('Forbidden', { headers: { 'WWW-Authenticate': `${challenge}, ${reason}` } });
}

/** Whether a value rejects a request. */
export const isRejection = (value: unknown): value is Rejection => value instanceof Rejection;

const byStatus = new Map(Object.entries(problems).map(([name, { status }]) => [status as number, name as ProblemName]));

/** Returns the problem of a status, for errors of libraries that carry nothing else; undefined where there is none. */
export const problemOfStatus = (status: number): ProblemName | undefined => byStatus.get(status);

/** Returns the problem details of a rejection (RFC 9457), with Sequin's `summary` and `validation_errors` in them. */
export function toProblem({ problem, details }: Rejection, requestId: string): Problem | ValidationProblem {
  const { type, title, status, summary } = problems[problem];
  const { validationErrors } = details;
  return {
    ...{ type, title, status, instance: `urn:uuid:${requestId}`, summary: details.summary ?? summary },
    ...(validationErrors && { validation_errors: Object.fromEntries(validationErrors) }),
  };
}
