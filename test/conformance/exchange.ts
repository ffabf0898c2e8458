import type { Level } from './contract.ts';

/** The names of the checks: Schemathesis's where they mean the same, and ours. */
export const checkNames = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'positive_data_acceptance',
  'missing_required_header',
  'unsupported_method',
  'allow_header_conformance',
  'use_after_free',
  'ensure_resource_availability',
  'ignored_auth',
  'secret_masking',
  'read_your_writes',
  'partial_update',
  'filter_semantics',
  'account_isolation',
  'problem_shape',
  'conditional_requests',
  'idempotent_repeats',
  'stable_paging',
] as const;
export type CheckName = (typeof checkNames)[number];

/** A request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer as it was received. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, undefined when it is none. */
  readonly json: unknown;
}

/** A request and its answer. */
export interface Exchange {
  readonly operationId: string;
  readonly request: SentRequest;
  readonly response: ReceivedResponse;
}

/** One sentence of the contract that an implementation breaks, and how to see it again. Holds no secret. */
export interface Finding {
  readonly check: CheckName;
  readonly operationId: string;
  readonly caseName: string;
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** The place in the bundle that says so, as a JSON pointer. */
  readonly pointer: string;
  readonly provenance: Level;
  readonly request: string;
  readonly response: string;
  /** A command that sends the request again; the token is to be put in. */
  readonly curl: string;
}

const longestShown = 600;

/** Shorter ones would also hide ordinary letters; the field that holds them is hidden in any case. */
const shortestHidden = 6;
const secretField = /("client_secret"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** Text without secrets, and not longer than somebody reads. */
export function maskText(text: string, secrets: Iterable<string>): string {
  let masked = text.replace(secretField, '$1"*****"');
  for (const secret of secrets) {
    if (secret.length < shortestHidden) continue;
    masked = masked.replaceAll(secret, '*****').replaceAll(JSON.stringify(secret).slice(1, -1), '*****');
  }
  return masked.length > longestShown ? `${masked.slice(0, longestShown)}… (${masked.length} characters)` : masked;
}

/** A request in one line of text. */
export function showRequest({ method, url, body }: SentRequest, secrets: Iterable<string>): string {
  const { pathname, search } = new URL(url);
  return maskText(`${method} ${pathname}${search}${body === undefined ? '' : ` ${body}`}`, secrets);
}

/** An answer in one line of text. */
export function showResponse({ status, headers, text }: ReceivedResponse, secrets: Iterable<string>): string {
  return maskText(`${status} ${headers.get('content-type') ?? ''} ${text}`, secrets);
}
