import type { Level } from './contract.ts';

/**
 * Names of the checks. They are Schemathesis's where the meaning is the same.
 *
 * @example
 * console.log(checkNames.includes('ignored_auth')); // true
 */
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
  'request_conformance',
] as const;
/**
 * Name of a check.
 * @example
 * const only: CheckName[] = ['ignored_auth'];
 * const suite = createSuite({ baseUrl, token, only });
 */
export type CheckName = (typeof checkNames)[number];

/** Request as it was sent. */
export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** @default '1.1' */
  readonly httpVersion?: '1.0' | '1.1';
  /** Encoding of the body where it is not UTF-8. */
  readonly bodyEncoding?: 'latin1';
}

/** Response as it was received. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Body decoded as UTF-8, with its byte order mark. */
  readonly text: string;
  /** Whether the body is valid UTF-8. @default true */
  readonly isUtf8?: boolean;
  /** Body parsed as JSON, undefined where it is not JSON. */
  readonly json: unknown;
}

/** Request and its response. */
export interface Exchange {
  readonly operationId: string;
  readonly request: SentRequest;
  readonly response: ReceivedResponse;
}

/**
 * Statement of the contract that an implementation violates, with the request that shows it. Contains no secret.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const message = ({ check, message }: Finding) => `${check}: ${message}`;
 * console.log(result.findings.map(message)); // []
 */
export interface Finding {
  /** Seed of the run, hash of the case, and hash of the cause, for `verify --replay`. */
  readonly id: string;
  /** Check that made the finding. */
  readonly check: CheckName;
  /** Operation that was requested. */
  readonly operationId: string;
  /** Name of the case. */
  readonly caseName: string;
  /** Description of the violation, in one sentence. */
  readonly message: string;
  /** Message without values. Findings of a check with the same cause are reported as one. */
  readonly cause: string;
  /** Causes, each as `check: cause`, that explain this finding where the run has one of them. */
  readonly followsFrom: readonly string[];
  /** JSON pointer into the bundle to the violated statement. */
  readonly pointer: string;
  /** First sentence of the description at the pointer, or above it. */
  readonly sentence: string;
  /** Level of the violated statement. */
  readonly provenance: Level;
  /** The demand of the contract, where the message alone does not say it. */
  readonly expected?: string;
  /** The result of the implementation. */
  readonly got?: string;
  /** Status of the response, 0 without a response. */
  readonly status: number;
  /** Request in one line, cut after 600 characters, with secrets masked. */
  readonly request: string;
  /** Response in one line, cut after 600 characters, with secrets masked. */
  readonly response: string;
  /** Shell command that sends the request again. Tokens are the variables `TOKEN` and `OTHER_TOKEN`. */
  readonly curl: string;
  /** Shell script that makes the records that the request needs, and sends it again. */
  readonly again: string;
}
