/** The types that hold handlers to the description: a missing one, a wrong body or an undocumented status fails `tsc`. */
import type { OperationId } from '../generated/operations.ts';
import type { operations } from '../generated/types.ts';
import type { problems } from '../generated/values.ts';
import type { ProblemName, Refusal } from './problem.ts';
import type { Scope } from './keys/tokens.ts';

/** Who sent a request, as its token says. */
export interface Caller {
  readonly accountId: string;
  readonly tokenId: string;
  readonly scopes: readonly Scope[];
}

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type RequestBody<Id extends OperationId> = operations[Id] extends { requestBody: infer Body } ? Json<Body> : undefined;
type Responses<Id extends OperationId> = operations[Id]['responses'];

/** A request that passed every check of the description. */
export interface OperationRequest<Id extends OperationId> {
  readonly caller: Caller;
  readonly requestId: string;
  readonly path: NonNullable<operations[Id]['parameters']['path']>;
  readonly query: NonNullable<operations[Id]['parameters']['query']>;
  readonly headers: NonNullable<operations[Id]['parameters']['header']>;
  readonly body: RequestBody<Id>;
}

/** A documented answer that is not a problem. */
export type Success<Id extends OperationId> = {
  [Status in keyof Responses<Id>]: Responses<Id>[Status] extends { content: { 'application/json': infer Body } }
    ? { readonly status: Status; readonly body: Body; readonly headers?: Readonly<Record<string, string>> }
    : Responses<Id>[Status] extends { content?: never }
      ? { readonly status: Status; readonly body?: undefined; readonly headers?: Readonly<Record<string, string>> }
      : never;
}[keyof Responses<Id>];

/** The problems whose status the operation documents. */
export type ProblemOf<Id extends OperationId> = {
  [Name in ProblemName]: (typeof problems)[Name]['status'] extends keyof Responses<Id> ? Name : never;
}[ProblemName];

export type Reply<Id extends OperationId> = Success<Id> | Refusal<ProblemOf<Id>>;

/** One handler per operation of the description, named by its operationId. */
export type Handlers = {
  [Id in OperationId]: (request: OperationRequest<Id>) => Promise<Reply<Id>>;
};
