/** The types that hold handlers to the description: a missing one, a wrong body or an undocumented status fails `tsc`. */
import type { OperationId, operations as operationTable } from '../generated/operations.ts';
import type { operations } from '../generated/types.ts';
import type { problems } from '../generated/values.ts';
import type { Scope } from './keys/tokens.ts';
import type { ProblemName, Rejection } from './problem.ts';
import type { AppRecord } from './store/store.ts';

/**
 * The holder of the token that a request was sent with.
 * @example
 * const caller: Caller = { accountId: 'acme', tokenId: 'session-1', scopes: ['read', 'write'] };
 */
export interface Caller {
  /** The id of the account whose apps the caller sees. */
  readonly accountId: string;
  /** The id of the token or session, for the audit and the rate limit. */
  readonly tokenId: string;
  /** The scopes of the caller, such as `read`. */
  readonly scopes: readonly Scope[];
  /** The app that the request reads, where the store has found it together with the token. */
  readonly app?: AppRecord;
  /** The state of the database when the token was found, for lists from a replica. */
  readonly mark?: number;
}

/** The caller of an operation; undefined where the description says `security: []`. */
export type CallerOf<Id extends OperationId> = (typeof operationTable)[Id]['security'] extends readonly []
  ? undefined
  : Caller;

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : undefined;
type RequestBody<Id extends OperationId> = operations[Id] extends { requestBody: infer Body } ? Json<Body> : undefined;
type Responses<Id extends OperationId> = operations[Id]['responses'];

/** The parameters and the body of a request, once they are known to be what the description says. */
export interface ValidatedRequest<Id extends OperationId = OperationId> {
  readonly path: NonNullable<operations[Id]['parameters']['path']>;
  readonly query: NonNullable<operations[Id]['parameters']['query']>;
  /** The headers that the description has for the operation, spelled as it spells them. */
  readonly headers: NonNullable<operations[Id]['parameters']['header']>;
  readonly body: RequestBody<Id>;
}

/** A valid request with its caller. */
export interface OperationRequest<Id extends OperationId = OperationId> extends ValidatedRequest<Id> {
  readonly caller: CallerOf<Id>;
  readonly requestId: string;
}

type Headers = Readonly<Record<string, string>>;
/** Headers that the server adds to every response. */
export type OwnHeader = 'X-Request-Id' | 'Content-Type';
/** The headers that a response of the description always has and that the server does not add by itself. */
type RequiredHeaders<Described> = {
  readonly [Name in keyof Described as string extends Name
    ? never
    : object extends Pick<Described, Name>
      ? never
      : Exclude<Name, OwnHeader>]: string;
};
type HeadersOf<Response> = Response extends { headers: infer Described }
  ? object extends RequiredHeaders<Described>
    ? { readonly headers?: Headers }
    : { readonly headers: Headers & RequiredHeaders<Described> }
  : { readonly headers?: Headers };
/** A list in slices, each of which is a valid body: their `data` is sent as one list, with the rest of the last slice. */
export type Slices<Body> = AsyncGenerator<Body, void>;

type BodyOf<Body> =
  | { readonly body: Body }
  | (Body extends { data: unknown[] } ? { readonly slices: Slices<Body> } : never);
/** A response of another media type than JSON, which is sent as it is. */
type TextOf<Content> = {
  [MediaType in Exclude<keyof Content, `${string}json`>]: { readonly mediaType: MediaType; readonly text: string };
}[Exclude<keyof Content, `${string}json`>];
type ContentOf<Response> = Response extends { content: { 'application/json': infer Body } }
  ? BodyOf<Body>
  : Response extends { content?: never }
    ? { readonly body?: undefined }
    : Response extends { content: infer Content }
      ? TextOf<Content>
      : never;
type SuccessOf<Status, Response> = { readonly status: Status } & HeadersOf<Response> & ContentOf<Response>;

/** A documented response that is not a problem. */
export type Success<Id extends OperationId> = Id extends OperationId
  ? { [Status in keyof Responses<Id>]: SuccessOf<Status, Responses<Id>[Status]> }[keyof Responses<Id>]
  : never;

/** The problems whose status the operation documents. */
export type ProblemOf<Id extends OperationId> = Id extends OperationId
  ? { [Name in ProblemName]: (typeof problems)[Name]['status'] extends keyof Responses<Id> ? Name : never }[ProblemName]
  : never;

/** The result of a handler: a documented success, or a rejection with a documented problem. */
export type OperationResponse<Id extends OperationId = OperationId> = Success<Id> | Rejection<ProblemOf<Id>>;

/** One handler per operation of the description, named by its operationId. */
export type Handlers = {
  readonly [Id in OperationId]: (request: OperationRequest<Id>) => Promise<OperationResponse<Id>>;
};

/** The operations whose response is a list of these records: those of another list do not compile in their place. */
export type ListOf<Shown> = {
  [Id in OperationId]: Json<Responses<Id>[200 & keyof Responses<Id>]> extends { data: (infer Item)[] }
    ? [Shown, Item] extends [Item, Shown]
      ? Id
      : never
    : never;
}[OperationId];

/** The handlers of the operations with a tag, which are those of one resource. */
export type HandlersOf<Tag extends string> = Pick<
  Handlers,
  { [Id in OperationId]: Tag extends (typeof operationTable)[Id]['tags'][number] ? Id : never }[OperationId]
>;
