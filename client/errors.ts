import type { Problem, ValidationProblem } from '../generated/types.ts';
import { readRetryAfter } from './retry-after.ts';

/** The problem details that a response with a status has. */
type ProblemOf<Status extends number> = Status extends 422 ? ValidationProblem : Problem;

const problemBrand = Symbol.for('oauth-apps-contract.ProblemError');
const connectionBrand = Symbol.for('oauth-apps-contract.ConnectionError');
const timeoutBrand = Symbol.for('oauth-apps-contract.TimeoutError');

/** Whether a value has a brand. Unlike a prototype, a brand is the same in every copy of this package. */
const hasBrand = (value: unknown, brand: symbol): boolean =>
  typeof value === 'object' && value !== null && brand in value;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Returns problem details with the `summary` that gateways leave out; `undefined` for any other body. */
function readProblem(body: unknown, { headers }: Response): Problem | ValidationProblem | undefined {
  if (!isObject(body)) return undefined;
  const summary = [body.summary, body.detail, body.title].find((text) => typeof text === 'string');
  const isProblem = headers.get('content-type')?.includes('problem+json');
  if (summary === undefined && !isProblem) return undefined;
  return { ...body, summary: summary ?? 'no summary' } as Problem;
}

/** Returns the message of a response without problem details. */
function describe({ status, type }: Response): string {
  const isRedirect = type === 'opaqueredirect' || (status > 300 && status < 400);
  return isRedirect
    ? 'the server redirects, which the client does not follow; check baseUrl'
    : 'the response has no problem details';
}

/** Returns the names of the fields that failed validation, where they look like names. */
function listFields(problem: object | undefined): string {
  const errors = problem && (problem as { validation_errors?: unknown }).validation_errors;
  const names = isObject(errors) ? Object.keys(errors).filter((name) => /^[\w.[\]-]{1,64}$/.test(name)) : [];
  return names.length > 0 ? ` (${names.slice(0, 9).join(', ')})` : '';
}

/**
 * Error of a response that is no success (2xx) or whose body is not JSON. It holds neither the token nor the request.
 * `instanceof` works across copies of this package.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 * @example if (error instanceof ProblemError && error.status === 404) return undefined;
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** HTTP status code; 0 for a redirect in a browser, which does not tell it. */
  readonly status: number;
  /** Problem details (RFC 9457); `undefined` when the response had none, for example one of a proxy. */
  readonly problem: Problem | ValidationProblem | undefined;
  /** Headers of the response. */
  readonly headers: Headers;
  /** Delay that `Retry-After` asks for, in milliseconds. */
  readonly retryAfter: number | undefined;
  /** Value of `X-Request-Id`, for a question to the operator. */
  readonly requestId: string | undefined;
  /** Operation of the request, such as `getOAuthApp`. */
  readonly operation: string | undefined;

  constructor(response: Response, body?: unknown, operation?: string, message = describe(response)) {
    const problem = readProblem(body, response);
    const text = problem ? problem.summary + listFields(problem) : message;
    super(`${response.status}: ${text}${operation ? ` [${operation}]` : ''}`);
    this.status = response.status;
    this.problem = problem;
    this.headers = response.headers;
    this.retryAfter = readRetryAfter(response);
    this.requestId = response.headers.get('x-request-id') ?? undefined;
    this.operation = operation;
  }

  /**
   * Whether the response had a status, and the problem details of that status. Narrows `problem` to them.
   *
   * @example if (error.is(422)) console.log(error.problem.validation_errors);
   */
  is<Status extends number>(status: Status): this is { status: Status; problem: ProblemOf<Status> } {
    const { problem } = this;
    return this.status === status && problem !== undefined && (status !== 422 || 'validation_errors' in problem);
  }

  get [problemBrand](): true {
    return true;
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(value, problemBrand);
  }
}

/** Returns the code of an error or of its causes, such as `ECONNREFUSED`. */
function findCode(error: unknown): string {
  for (let at = error; isObject(at); at = at.cause) {
    if (typeof at.code === 'string') return ` (${at.code})`;
  }
  return '';
}

/**
 * Facts about a request that got no response.
 *
 * @example
 * const facts: ConnectionFacts = { attempts: 3, mayHaveArrived: true };
 * console.log(new ConnectionError(facts, new Error('ECONNRESET')).mayHaveArrived); // true
 */
export interface ConnectionFacts {
  /** Number of attempts. */
  readonly attempts: number;
  /** Whether the server may have received the request. A write may then have happened. */
  readonly mayHaveArrived: boolean;
}

/**
 * Error of a request without a response, or with one that does not tell whether a write has happened. The error of
 * `fetch` is its `cause`. `instanceof` works across copies of this package.
 *
 * @example if (error instanceof ConnectionError && !error.mayHaveArrived) console.log('Nothing was written.');
 */
export class ConnectionError extends Error {
  override readonly name: string = 'ConnectionError';
  /** Number of attempts. */
  readonly attempts: number;
  /** Whether the server may have received the request. A write may then have happened. */
  readonly mayHaveArrived: boolean;

  constructor(facts: ConnectionFacts, cause?: unknown, message = 'no response') {
    const end = facts.mayHaveArrived ? 'the request may have arrived' : 'the request has not arrived';
    super(`${message}${findCode(cause)}: ${end}`, { cause });
    this.attempts = facts.attempts;
    this.mayHaveArrived = facts.mayHaveArrived;
  }

  get [connectionBrand](): true {
    return true;
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(value, connectionBrand);
  }
}

/**
 * Error of a request that ended at `timeout` or `totalTimeout`.
 *
 * @example
 * const slow = await client.listOAuthApps({}, { timeout: 1, retry: { limit: 0 } }).catch((error) => error);
 * if (slow instanceof TimeoutError) console.log(slow.attempts);
 */
export class TimeoutError extends ConnectionError {
  override readonly name = 'TimeoutError';

  constructor(facts: ConnectionFacts, milliseconds: number) {
    super(facts, undefined, `no response within ${milliseconds} ms`);
  }

  get [timeoutBrand](): true {
    return true;
  }
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(value, timeoutBrand);
  }
}
