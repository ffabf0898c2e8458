import type { Unwrap } from '../generated/client.ts';
import type { Problem, ValidationProblem } from '../generated/types.ts';

/** The problem details that a response with a status has. */
type ProblemOf<Status extends number> = Status extends 422 ? ValidationProblem : Problem;

/**
 * Error of a response that is no success (2xx) or whose body is not JSON. It holds neither the token nor the request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  /** HTTP status code. */
  readonly status: number;
  /** Problem details (RFC 9457); `undefined` when the response had none, for example one of a proxy. */
  readonly problem: Problem | ValidationProblem | undefined;
  /** Value of `X-Request-Id`, for a question to the operator. */
  readonly requestId: string | undefined;

  constructor(response: Response, body: unknown) {
    const problem = isProblem(body) ? body : undefined;
    super(`${response.status}: ${problem?.summary ?? 'the response has no problem details'}`);
    this.status = response.status;
    this.problem = problem;
    this.requestId = response.headers.get('x-request-id') ?? undefined;
  }

  /**
   * Whether the response had a status, and problem details. Narrows `problem` to those of the status.
   *
   * @example if (error.is(422)) console.log(error.problem.validation_errors);
   */
  is<Status extends number>(status: Status): this is { status: Status; problem: ProblemOf<Status> } {
    return this.status === status && this.problem !== undefined;
  }
}

function isProblem(body: unknown): body is Problem | ValidationProblem {
  return typeof body === 'object' && body !== null && typeof (body as { summary?: unknown }).summary === 'string';
}

/** Resolves with the data of a response. Rejects with `ProblemError` when it is no success or its body is not JSON. */
export const unwrap: Unwrap = async <T>(result: Parameters<Unwrap>[0]) => {
  const { data, error, response } = await result;
  if (!response.ok) throw new ProblemError(response, error);
  if (response.status === 204) return undefined as T;
  try {
    return JSON.parse(data ?? '') as T;
  } catch {
    throw new ProblemError(response, undefined);
  }
};
