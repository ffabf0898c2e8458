import { operations } from '../../generated/operations.ts';
import { toField, toReason } from '../../generated/validation.ts';
import { patternMessages } from '../../generated/values.ts';
import { problemOfStatus, type Rejection, reject } from '../problem.ts';

/** A failure as the library reports it, thrown or not. */
export interface LibraryFailure {
  readonly status: number;
  readonly errors?: readonly { readonly path?: string; readonly message?: string }[];
}

const inRequest = /^\/(body|query|params|headers)\/(.+)$/;

/** The headers as the description spells them, by the lower-case name that Node gives them. */
const headerNames = new Map(
  Object.values(operations).flatMap(({ headers }) => headers.map((name) => [name.toLowerCase(), name])),
);

/** Returns the field of the request that a pointer such as `/body/metadata/a` means. */
function fieldOf(path = ''): string {
  const [, part, pointer] = inRequest.exec(path) ?? [];
  if (pointer === undefined) return toField('');
  return (part === 'headers' && headerNames.get(pointer)) || toField(`/${pointer}`);
}

/** Rejects a request that the library found invalid, with the reasons by field. */
export function rejectFailure({ status, errors = [] }: LibraryFailure): Rejection {
  // An unexpected property without a name is reported without any path.
  const isInvalid = errors.some(({ path = '' }) => inRequest.test(path) || path === '/body' || path === '');
  if (status !== 400 || !isInvalid) return reject(problemOfStatus(status) ?? 'ServerFault');
  const reasons = new Map<string, string[]>();
  for (const { path, message } of errors) {
    const field = fieldOf(path);
    reasons.set(field, [...(reasons.get(field) ?? []), toReason(message, patternMessages)]);
  }
  return reject('ValidationFailed', { validationErrors: reasons });
}
