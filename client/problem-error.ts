import type { Problem, ValidationProblem } from '../generated/types.ts';

/** The problem that goes with a status. */
type ProblemOf<Status extends number> = Status extends 422 ? ValidationProblem : Problem;

/** An answer that is no success, or not what the description says. Holds neither the token nor what was sent. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** The HTTP status code. */
  readonly status: number;
  /** The problem details (RFC 9457); undefined when the answer had none, as from a proxy on the way. */
  readonly problem: Problem | ValidationProblem | undefined;
  /** The value of `X-Request-Id`, to quote when asking for help. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(`${response.status}: ${problem?.summary ?? 'the answer has no problem details'}`);
    this.status = response.status;
    this.problem = problem;
    this.requestId = response.headers.get('x-request-id') ?? undefined;
  }

  /** Whether it is the problem of a status, and narrows it: `error.is(422)` has `validation_errors`. */
  is<Status extends number>(status: Status): this is { status: Status; problem: ProblemOf<Status> } {
    return this.status === status && this.problem !== undefined;
  }
}

function isProblem(body: unknown): body is Problem | ValidationProblem {
  return typeof body === 'object' && body !== null && typeof (body as { summary?: unknown }).summary === 'string';
}
