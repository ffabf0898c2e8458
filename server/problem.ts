import type { ErrorRequestHandler } from 'express';
import { operations } from '../generated/operations.ts';
import type { Problem, ValidationProblem } from '../generated/types.ts';
import { toField, toReason } from '../generated/validation.ts';
import { patternMessages, problems } from '../generated/values.ts';
import type { Log } from './log.ts';
import type { Answer, SendAnswer } from './http/send.ts';
import { http } from './node-http.ts';
import { StoreUnavailable } from './store/store.ts';
import type { Scope } from './keys/tokens.ts';

/** The name of a shared problem response of the description. */
export type ProblemName = keyof typeof problems;

/** Reasons by field, parameter or dotted path. */
export type ValidationErrors = ReadonlyMap<string, readonly string[]>;

/** A request that gets a problem for an answer. A value, returned by handlers and handed to `next` by middleware. */
export interface Refusal<Name extends ProblemName = ProblemName> {
  readonly problem: Name;
  /** What went wrong in this case; the problem's own summary where it is left out. Holds no submitted value. */
  readonly summary?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly validationErrors?: ValidationErrors;
}

/** Names the problem that answers a request. */
export function refuse<Name extends ProblemName>(problem: Name, details: Omit<Refusal, 'problem'> = {}): Refusal<Name> {
  return { problem, ...details };
}

/** A validation problem with the reasons of one field. */
export function refuseField(field: string, ...reasons: string[]): Refusal<'ValidationFailed'> {
  return refuse('ValidationFailed', { validationErrors: new Map([[field, reasons]]) });
}

/** The protection space that challenges name (RFC 9110, section 11.5). */
const challenge = 'Bearer realm="oauth-apps"';

/** The answer to a request without a valid token (RFC 6750, section 3.1): the reason only where a token was sent. */
export function refuseToken(wasSent: boolean): Refusal<'Unauthorized'> {
  const reason = wasSent ? ', error="invalid_token"' : '';
  return refuse('Unauthorized', { headers: { 'WWW-Authenticate': `${challenge}${reason}` } });
}

/** The answer to a token that is valid and yet lacks a scope (RFC 6750, section 3.1). */
export function refuseScope(scope: Scope): Refusal<'Forbidden'> {
  const reason = `error="insufficient_scope", scope="${scope}"`;
  return refuse('Forbidden', { headers: { 'WWW-Authenticate': `${challenge}, ${reason}` } });
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'problem' in value && String(value.problem) in problems;
}

/** The problem of a status, for errors that libraries throw with nothing but a status. */
const byStatus = new Map(Object.entries(problems).map(([name, { status }]) => [status as number, name as ProblemName]));

/** An error of express-openapi-validator, or of any library that marks its errors with a status. */
interface StatusError {
  status?: number;
  headers?: Record<string, string>;
  errors?: { path?: string; message?: string }[];
}

const inRequest = /^\/(body|query|params|headers)\/(.+)$/;

/** Headers as the description spells them; Node hands them on in lower case. */
const headerNames = new Map(
  Object.values(operations).flatMap(({ headers }) => headers.map((name) => [name.toLowerCase(), name])),
);

/** The field of the request that the validator speaks of by a pointer such as `/body/metadata/a`. */
function fieldOf(path = ''): string {
  const [, part, pointer] = inRequest.exec(path) ?? [];
  if (pointer === undefined) return toField('');
  return (part === 'headers' && headerNames.get(pointer)) || toField(`/${pointer}`);
}

/** What keeps a store from answering is mostly a lock that passes. */
const retryAfterSeconds = '1';

/** Any thrown or handed-on value as the refusal that answers it; what nobody foresaw is a server fault. */
export function toRefusal(error: unknown): Refusal {
  if (isRefusal(error)) return error;
  if (error instanceof StoreUnavailable)
    return refuse('Unavailable', { headers: { 'Retry-After': retryAfterSeconds } });
  const { status, headers, errors } = (error ?? {}) as StatusError;
  // A body that is not to have a property without a name gets no path at all.
  if (status === 400 && errors?.some(({ path = '' }) => inRequest.test(path) || path === '/body' || path === '')) {
    const reasons = new Map<string, string[]>();
    for (const { path, message } of errors) {
      const field = fieldOf(path);
      reasons.set(field, [...(reasons.get(field) ?? []), toReason(message, patternMessages)]);
    }
    return refuse('ValidationFailed', { validationErrors: reasons });
  }
  return refuse(byStatus.get(status ?? 500) ?? 'ServerFault', headers ? { headers } : {});
}

/** The body of a refusal: RFC 9457 problem details with Sequin's `summary` and `validation_errors` in them. */
export function problemBody(refusal: Refusal, requestId: string): Problem | ValidationProblem {
  const { type, title, status, summary } = problems[refusal.problem];
  return {
    type,
    title,
    status,
    instance: `urn:uuid:${requestId}`,
    summary: refusal.summary ?? summary,
    ...(refusal.validationErrors && { validation_errors: Object.fromEntries(refusal.validationErrors) }),
  } as Problem | ValidationProblem;
}

/** The problem of a request that was not even HTTP, or took too long: no operation has it (RFC 9457, section 4.2.1). */
export function transportProblem(status: number, requestId: string): Problem {
  const title = http.STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, instance: `urn:uuid:${requestId}`, summary: `${title}.` };
}

/** The answer to a refusal. Every problem of the server goes through here. */
function toAnswer(refusal: Refusal, requestId: string): Answer {
  return {
    status: problems[refusal.problem].status,
    headers: { 'Cache-Control': 'no-store', ...refusal.headers },
    mediaType: 'application/problem+json',
    body: problemBody(refusal, requestId),
  };
}

/** Whatever went wrong becomes a problem; a fault of ours is logged without its message. */
export function answerProblems(log: Log, send: SendAnswer): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    const refusal = toRefusal(error);
    if (refusal.problem === 'ServerFault') log.fault(res.locals.requestId, error);
    if (error instanceof StoreUnavailable) log.unavailable(res.locals.requestId, error.code);
    if (res.headersSent) res.destroy();
    else send(res, toAnswer(refusal, res.locals.requestId));
  };
}

/**
 * The last resort, mounted behind `answerProblems`: the description has no such problem for the operation, so it was not
 * sent. Faults are sent as they are.
 */
export function answerBrokenProblems(log: Log, send: SendAnswer): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    log.fault(res.locals.requestId, error);
    send(res, toAnswer(refuse('ServerFault'), res.locals.requestId));
  };
}
