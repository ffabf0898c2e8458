import type { CompiledOperation, RequestData, RequestFailure } from './library.ts';
import type { LibraryFailure } from './rejection.ts';

type Values = Readonly<Record<string, unknown>>;

/** The parts of a request as it was sent, its body parsed. */
export interface RequestParts {
  readonly target: { readonly path: string; readonly query: string };
  /** The path parameters by name, decoded. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: Values;
  /** By name in lower case. */
  readonly headers: Values;
  readonly body: unknown;
}

/** The data of a valid request, or its failure. */
export type Verdict = { readonly data: RequestData } | { readonly failure: RequestFailure | LibraryFailure };

/** A query in which the library finds nothing reserved, nested or empty to parse. */
const harmless = /^[\w.~%-]+=[\w.~%-]+(?:&[\w.~%-]+=[\w.~%-]+)*$/;

/** Whether the compiled schemas alone can decide on a query: every parameter is known and plain text. */
function isPlainQuery({ target, query }: RequestParts, names: ReadonlySet<string> | undefined): boolean {
  if (names === undefined) return false;
  if (target.query === '') return true;
  if (!harmless.test(target.query)) return false;
  for (const name in query) {
    if (!names.has(name) || typeof query[name] !== 'string' || query[name] === '') return false;
  }
  return true;
}

const isFailure = (error: unknown): error is LibraryFailure =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status < 500;

/**
 * Validates a request. The compiled schemas decide on plain requests; the library as a whole, which looks up and parses
 * more, decides on all others, so that verdicts and words are always its own.
 * @param headers The headers that the description has, and the content type, by name in lower case.
 */
export function validateRequest(operation: CompiledOperation, parts: RequestParts, headers: Values): Verdict {
  const { target, path, query, body } = parts;
  // Copies, because the library turns numbers and booleans into such in place.
  const data: RequestData = {
    query: { ...query },
    headers: { ...headers },
    params: { ...path },
    cookies: undefined,
    body,
  };
  if (isPlainQuery(parts, operation.plainQuery)) {
    const failure = operation.validateCompiled(data, target.path);
    return failure === undefined ? { data } : { failure };
  }
  try {
    operation.validateWhole(data, target);
    return { data };
  } catch (error) {
    if (isFailure(error)) return { failure: error };
    throw error;
  }
}
