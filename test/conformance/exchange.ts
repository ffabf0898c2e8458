import type { Level } from './contract.ts';

/** Names of the checks. They are Schemathesis's where the meaning is the same. */
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

/** Request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Response as it was received. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Body parsed as JSON, undefined where it is not JSON. */
  readonly json: unknown;
}

/** Request and its response. */
export interface Exchange {
  readonly operationId: string;
  readonly request: SentRequest;
  readonly response: ReceivedResponse;
}

/** Statement of the contract that an implementation violates, with the request that shows it. Contains no secret. */
export interface Finding {
  readonly check: CheckName;
  readonly operationId: string;
  readonly caseName: string;
  /** Description of the violation, in one sentence. */
  readonly message: string;
  /** JSON pointer into the bundle to the violated statement. */
  readonly pointer: string;
  /** Level of the violated statement. */
  readonly provenance: Level;
  /** Request in one line, cut after 600 characters, with secrets masked. */
  readonly request: string;
  /** Response in one line, cut after 600 characters, with secrets masked. */
  readonly response: string;
  /** Shell command that sends the request again. Tokens are the variables `TOKEN` and `OTHER_TOKEN`. */
  readonly curl: string;
}

const maxTextLength = 600;

/** Length from which secrets are masked anywhere. Masking shorter ones would also mask ordinary text. */
const minMaskedLength = 6;
const secretField = /("client_secret"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

/** Masks secrets in a text, and cuts the text after 600 characters. The value of a `client_secret` is always masked. */
export function maskText(text: string, secrets: Iterable<string>): string {
  let masked = text.replace(secretField, '$1"*****"');
  for (const secret of secrets) {
    if (secret.length < minMaskedLength) continue;
    masked = masked.replaceAll(secret, '*****').replaceAll(JSON.stringify(secret).slice(1, -1), '*****');
  }
  return masked.length > maxTextLength ? `${masked.slice(0, maxTextLength)}… (${masked.length} characters)` : masked;
}

/** Formats a request in one line of text without secrets. */
export function formatRequest({ method, url, body }: SentRequest, secrets: Iterable<string>): string {
  const { pathname, search } = new URL(url);
  return maskText(`${method} ${pathname}${search}${body === undefined ? '' : ` ${body}`}`, secrets);
}

/** Formats a response in one line of text without secrets. */
export function formatResponse({ status, headers, text }: ReceivedResponse, secrets: Iterable<string>): string {
  return maskText(`${status} ${headers.get('content-type') ?? ''} ${text}`, secrets);
}
