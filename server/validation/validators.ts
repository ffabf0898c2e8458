/** The validators of the operations: what the rest of the server sees of express-openapi-validator. */
import { InternalServerError } from 'express-openapi-validator/dist/framework/types.js';
import { type OperationId, operations } from '../../generated/operations.ts';
import { description as bundle, type Description } from '../description.ts';
import type { Log } from '../log.ts';
import type { OwnHeader, ValidatedRequest } from '../operation-types.ts';
import type { Rejection } from '../problem.ts';
import { type CompiledOperation, compileOperations } from './library.ts';
import { rejectFailure } from './rejection.ts';
import { type RequestParts, validateRequest } from './request.ts';

export type { RequestParts } from './request.ts';

/** The handling of a response that breaks the description: `strict` sends a 500 instead, `report` logs it and sends it. */
export type ResponseValidation = 'strict' | 'report';

/** A response as far as the description speaks of it. */
export interface ResponseToValidate {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly mediaType?: string;
  readonly body?: unknown;
}

/** The validator of one operation. */
export interface OperationValidator<Id extends OperationId = OperationId> {
  /** Returns the request with its values coerced to the types of the description. Rejects an invalid one. */
  validateRequest(parts: RequestParts): ValidatedRequest<Id> | Rejection;
  /**
   * Validates a response. Statuses from 500 on are always valid, so that a fault reaches the client even where the
   * description forgot it.
   * @param path The path of the request, for the log.
   * @throws InternalServerError when a response is invalid and `strict` holds.
   */
  validateResponse(response: ResponseToValidate, path: string): void;
}

/** The validators of all operations. */
export type Validators = { readonly [Id in OperationId]: OperationValidator<Id> };

export interface ValidatorOptions {
  readonly responseValidation: ResponseValidation;
  /** Gets the failures of responses that are sent all the same. */
  readonly log: Pick<Log, 'fault'>;
}

const contentTypeHeader = 'content-type';
const jsonType = 'application/json';

/** A header that the server adds after the validation. */
const ownHeaders: readonly string[] = ['X-Request-Id', 'Content-Type'] satisfies OwnHeader[];

/** Returns the required headers of each status of an operation that its handler has to set. */
function listHandlerHeaders(operationId: OperationId): Readonly<Record<number, readonly string[]>> {
  const required = Object.entries<readonly string[]>(operations[operationId].requiredHeaders);
  return Object.fromEntries(
    required.map(([status, names]) => [status, names.filter((name) => !ownHeaders.includes(name))]),
  );
}

/** Returns the error of a response without a header that the description requires, as the library makes errors. */
const missingHeader = (name: string, path: string) =>
  new InternalServerError({ path, message: `response must have required header ${name}` });

function makeValidator<Id extends OperationId>(
  operationId: Id,
  compiled: CompiledOperation,
  { responseValidation, log }: ValidatorOptions,
): OperationValidator<Id> {
  const documented: Readonly<Record<number, readonly string[]>> = operations[operationId].responses;
  const requiredHeaders = listHandlerHeaders(operationId);
  const described: readonly string[] = operations[operationId].headers;
  const names = described.map((name) => [name, name.toLowerCase()] as const);
  // The library keeps an entry for every distinct content type for ever, so it sees only the one of the description.
  const [contentType] = operations[operationId].requestMediaTypes;
  const fail = (error: unknown) => {
    if (responseValidation === 'strict' || !(error instanceof InternalServerError)) throw error;
    log.fault(undefined, error);
  };
  return {
    validateRequest(parts) {
      const sent: Record<string, unknown> = { [contentTypeHeader]: contentType };
      for (const [, key] of names) sent[key] = parts.headers[key];
      const verdict = validateRequest(compiled, parts, sent);
      if ('failure' in verdict) return rejectFailure(verdict.failure);
      const { query, params: path, headers: valid, body } = verdict.data;
      const headers: Record<string, unknown> = {};
      for (const [name, key] of names) headers[name] = valid[key];
      return { path, query, headers, body } as object as ValidatedRequest<Id>;
    },
    validateResponse(response, path) {
      const { status, headers, mediaType = jsonType } = response;
      for (const name of (status < 500 && requiredHeaders[status]) || []) {
        if (headers?.[name] === undefined) fail(missingHeader(name, path));
      }
      if (status >= 500 || compiled.responses[status]?.(response.body)) return;
      // The library knows no schema of another type than JSON.
      if (!/[/+]json$/.test(mediaType) && documented[status]?.includes(mediaType)) return;
      try {
        compiled.validateResponse(response, path);
      } catch (error) {
        fail(error);
      }
    },
  };
}

/** The compiled bundle. Compiling takes longer than the rest of a start, so all apps of a process share it. */
let compiledBundle: ReturnType<typeof compileOperations> | undefined;

function compile(description: Description) {
  if (description !== bundle) return compileOperations(description);
  compiledBundle ??= compileOperations(bundle);
  return compiledBundle;
}

/**
 * Compiles the validators of every operation.
 * @param description The bundle, unless a test has another one.
 * @throws Error when the description cannot be compiled.
 */
export function loadValidators(options: ValidatorOptions, description: Description = bundle): Validators {
  const compiled = compile(description);
  const operationIds = Object.keys(operations) as OperationId[];
  const validators = operationIds.map((id) => [id, makeValidator(id, compiled[id], options)] as const);
  return Object.fromEntries(validators) as object as Validators;
}
