import type { RawResult, Send } from '../generated/client.ts';
import type { ApiResponse, ResponsePromise } from '../generated/requests.ts';
import { ProblemError } from './errors.ts';

/**
 * Resolves with a response of openapi-fetch.
 *
 * @param bodies - Successes that are not JSON, by status. 204 and 304 are always empty.
 * @throws {ProblemError} when it is no success or its body is not JSON
 */
export async function readResponse<Data>(
  operation: string,
  result: Promise<RawResult>,
  bodies: NonNullable<Parameters<Send>[3]> = {},
): Promise<ApiResponse<Data>> {
  const { data, error, response } = await result;
  const { status, headers, ok } = response;
  const isEmpty = status === 204 || status === 304 || bodies[status] === 'empty';
  if (!ok && !isEmpty) throw new ProblemError(response, error, operation);
  const facts = {
    status,
    headers,
    etag: headers.get('etag') ?? undefined,
    requestId: headers.get('x-request-id') ?? undefined,
  };
  if (bodies[status] === 'text') return { data: (data ?? '') as Data, ...facts };
  try {
    return { data: (isEmpty ? undefined : JSON.parse(data ?? '')) as Data, ...facts };
  } catch {
    throw new ProblemError(response, undefined, operation, 'the body is not JSON');
  }
}

/** Promise of the data of a response, which can be asked for the response itself. */
export class ResponseDataPromise<Data> extends Promise<Data> implements ResponsePromise<Data> {
  readonly #response: Promise<ApiResponse<Data>>;

  constructor(response: Promise<ApiResponse<Data>>) {
    super((resolve) => resolve(undefined as Data));
    this.#response = response;
  }

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // A promise of its own for the data would be an unhandled rejection where only the response is awaited.
  // biome-ignore lint/suspicious/noThenProperty: it overrides the one of `Promise`.
  override then<A = Data, B = never>(
    onFulfilled?: ((value: Data) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#response.then(({ data }) => data).then(onFulfilled, onRejected);
  }

  withResponse(): Promise<ApiResponse<Data>> {
    return this.#response;
  }
}
