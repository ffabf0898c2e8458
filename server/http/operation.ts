import { type OperationId, operations } from '../../generated/operations.ts';
import type { Scope } from '../keys/tokens.ts';
import type { Caller, CallerOf, Handlers, OperationRequest, OperationResponse } from '../operation-types.ts';
import { type Rejection, rejectScope } from '../problem.ts';
import type { OperationValidator, Validators } from '../validation/validators.ts';
import { listSpellings, type Spelling } from './query.ts';

/** Everything that serves one operation, looked up once at start. */
export interface Operation<Id extends OperationId = OperationId> {
  readonly operationId: Id;
  /** In capitals. */
  readonly method: string;
  /** As the description has it: `/v1/oauth-apps/{id}`. */
  readonly path: string;
  /** The scopes that a token needs; undefined where the operation needs no token. */
  readonly scopes: readonly Scope[] | undefined;
  readonly takesBody: boolean;
  /** The share of an account's capacity that a request takes: a list reads many rows. */
  readonly cost: number;
  readonly spellings: readonly Spelling[];
  readonly validator: OperationValidator<Id>;
  handle(request: OperationRequest<Id>): Promise<OperationResponse<Id>>;
}

/** The capacity that a list takes of its account. */
const listCost = 8;

function bindOperation<Id extends OperationId>(
  operationId: Id,
  handlers: Handlers,
  validators: Validators,
): Operation<Id> {
  const { method, path, security, requestMediaTypes } = operations[operationId];
  const requirements: readonly Readonly<Record<string, readonly Scope[]>>[] = security;
  return {
    operationId,
    method: method.toUpperCase(),
    path,
    scopes: requirements.length === 0 ? undefined : requirements.flatMap((scheme) => Object.values(scheme).flat()),
    takesBody: requestMediaTypes.length > 0,
    cost: method === 'get' && !path.endsWith('}') ? listCost : 1,
    spellings: listSpellings(operationId),
    validator: validators[operationId],
    handle: handlers[operationId],
  };
}

/** Binds every operation of the description to its handler and its validator. */
export function bindOperations(handlers: Handlers, validators: Validators): readonly Operation[] {
  const operationIds = Object.keys(operations) as OperationId[];
  return operationIds.map((operationId) => bindOperation(operationId, handlers, validators));
}

/** Returns the caller as the operation's handler takes it. Rejects a caller whose token lacks a scope. */
export function authorize<Id extends OperationId>(
  { scopes }: Operation<Id>,
  caller: Caller | undefined,
): CallerOf<Id> | Rejection<'Forbidden'> {
  const missing = scopes?.find((scope) => !caller?.scopes.includes(scope));
  return missing === undefined ? (caller as CallerOf<Id>) : rejectScope(missing);
}
