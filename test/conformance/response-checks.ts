import {
  type Contract,
  generalPointer,
  higherLevel,
  pointerOf,
  provenanceOf,
  responsePointer,
  type Schema,
  type ValidationFailure,
} from './contract.ts';
import { checkCharset, checkEncoding } from './encoding-checks.ts';
import type { CheckName, ReceivedResponse } from './exchange.ts';
import { checkSecrets } from './secret-checks.ts';
import { findUnknownProperties } from './unknown-properties.ts';
import type { ResponseContext, Violation } from './violation.ts';

/** Checks applied to every response, whatever the request was. */

/** Names of the checks that a response to any request may fail. */
export const responseChecks: readonly CheckName[] = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'problem_shape',
  'secret_masking',
];

interface Header {
  required?: boolean;
  schema: Schema;
}

interface DocumentedResponse {
  headers?: Record<string, object>;
  content?: Record<string, { schema: Schema }>;
}

/** Returns the media type of a response in lower case, because media types are case-insensitive (RFC 9110, 8.3.1). */
export const mediaTypeOf = ({ headers }: ReceivedResponse) =>
  (headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
const isJson = (mediaType: string) => /^application\/([\w.-]+\+)?json$/.test(mediaType);

function checkStatus({ operation, response: { status } }: ResponseContext): Violation[] {
  if (status >= 500) {
    const pointer = responsePointer(operation, operation.responses[500] === undefined ? 200 : 500);
    const message = `the server failed with ${status}`;
    return [{ check: 'not_a_server_error', message, cause: 'the server fails', pointer }];
  }
  if (operation.responses[status] !== undefined) return [];
  const message = `${status} is not documented for ${operation.operationId}`;
  const documented = Object.keys(operation.responses).filter((each) => each[0] === String(status)[0]);
  return [
    {
      check: 'status_code_conformance',
      message,
      cause: `${status} is not documented`,
      expected: documented.join(' or '),
      got: String(status),
      pointer: `${operation.pointer}/responses`,
    },
  ];
}

function checkMediaType(context: ResponseContext, documented: readonly string[]): Violation[] {
  const { contract, operation, response } = context;
  const mediaType = mediaTypeOf(response);
  const isProblem = response.status >= 400;
  // Sequin's pages show errors as JSON. Problem details are an extension.
  const isExtension = isProblem && isJson(mediaType);
  if (documented.includes(mediaType) || (isExtension && !contract.includes('extension'))) return [];
  const check = isProblem ? 'problem_shape' : 'content_type_conformance';
  const message = `the media type is ${mediaType || 'missing'}, not ${documented.join(' or ')}`;
  const cause = `the media type of ${isProblem ? 'errors' : 'a response'} is ${mediaType || 'missing'}`;
  const provenance = isExtension ? 'extension' : 'documented';
  return [
    {
      check,
      message,
      cause,
      // The page of a framework is another cause than errors of another shape.
      followsFrom: isJson(mediaType) ? [plainErrors, ...followsFromForeign(response)] : [],
      pointer: responsePointer(operation, response.status),
      provenance,
    },
  ];
}

/** Rules for headers that the description states in prose, not in a schema. */
const headerRules: Readonly<Record<string, readonly [rule: RegExp, violation: string]>> = {
  'Cache-Control': [/\bno-store\b/i, 'lets caches store the response'],
  'WWW-Authenticate': [/^Bearer\b/i, 'is not a Bearer challenge'],
  ETag: [/^"[!#-~]*"$/, 'is not a strong entity tag'],
};

/** Causes that also explain a wrong header. */
const followsFromHeader: Readonly<Record<string, readonly string[]>> = {
  Allow: ['allow_header_conformance: the header Allow is missing'],
  ETag: ['conditional_requests: a proxy in between rewrites ETags'],
};

function findHeaderViolations(contract: Contract, name: string, { required, schema }: Header, value: string | null) {
  if (value === null || value === '') return required || value === '' ? [`the header ${name} is missing`] : [];
  const { type } = contract.deref<Schema>(schema);
  const parsed = type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
  const [rule, violation] = headerRules[name] ?? [/^/, ''];
  return [
    ...contract
      .validate(schema, parsed)
      .map(({ message }) => `the header ${name}: ${message.replace('the body ', '')}`),
    ...(rule.test(value) ? [] : [`the header ${name} ${violation}`]),
  ];
}

/**
 * Returns what explains missing headers of an error: it is the one of a framework, without the members that every error
 * of the description has.
 */
export function followsFromForeign(response: ReceivedResponse): string[] {
  const { status, json } = response;
  const isForeign = typeof json !== 'object' || json === null || !('summary' in json || 'instance' in json);
  return status >= 400 && isForeign
    ? [`problem_shape: ${otherErrors}`, 'problem_shape: the media type of errors*']
    : [];
}

function checkHeaders(
  { contract, operation, response }: ResponseContext,
  headers: Record<string, object>,
): Violation[] {
  return Object.entries(headers).flatMap(([name, node]) => {
    const header = contract.deref<Header>(node);
    if (!contract.requires(header)) return [];
    return findHeaderViolations(contract, name, header, response.headers.get(name)).map((message) => ({
      check: 'response_headers_conformance' as const,
      message,
      followsFrom: [...(followsFromHeader[name] ?? []), ...followsFromForeign(response)],
      pointer: `${responsePointer(operation, response.status)}${pointerOf('headers', name)}`,
      provenance: provenanceOf(header),
    }));
  });
}

/** Cause of errors of another shape: they lack the only member that every documented error has. */
export const otherErrors = 'errors lack summary';
/** Cause of errors that have none of the members of problem details. */
const plainErrors = 'problem_shape: errors are not problem details (RFC 9457)';
/** Returns whether an error lacks the only member that every documented one has. */
const lacksSummary = ({ json }: ReceivedResponse) => typeof json !== 'object' || json === null || !('summary' in json);
/** Returns the cause of an error whose members are those of another status, which the request has to get. */
function followsFromOtherStatus({ status, json }: ReceivedResponse): string[] {
  const own = (json as { status?: unknown } | null | undefined)?.status;
  return typeof own === 'number' && own !== status
    ? [`negative_data_rejection: requests that have to get ${own} get ${status}`]
    : [];
}
/** Returns causes that also make the other members of an error wrong. */
const followsFromErrors = (response: ReceivedResponse) => [
  plainErrors,
  ...followsFromOtherStatus(response),
  ...(lacksSummary(response) ? [`problem_shape: ${otherErrors}`] : []),
];
/** Statement about every error. */
const everyError = { pointer: generalPointer, topic: 'Errors' };
const otherStatus = 'the problem details have another status';
/** Number of missing members from which an error counts as something else than problem details. */
const minMissingMembers = 3;

/** Returns a failure of a schema as a violation. Errors that lack most members of problem details have one cause. */
function toViolation(
  failure: ValidationFailure,
  check: CheckName,
  pointer: string,
  response: ReceivedResponse,
): Violation {
  const { message, cause, provenance } = failure;
  const isPlainError =
    check === 'problem_shape' &&
    failure.isMissing &&
    cause.startsWith('the body') &&
    provenance === 'extension' &&
    message.split("'").length > 2 * minMissingMembers;
  const isProblem = check === 'problem_shape' && provenance === 'extension';
  const isStatus = cause.startsWith('status must');
  const followsFrom = isProblem
    ? [...followsFromErrors(response), ...(isStatus ? [`problem_shape: ${otherStatus}`] : [])]
    : followsFromOtherStatus(response);
  const violation = { check, message, cause, provenance, pointer, followsFrom };
  if (isPlainError) {
    const followsFromOther = followsFromErrors(response).filter((each) => each !== plainErrors);
    const cause = plainErrors.slice('problem_shape: '.length);
    return { ...violation, ...everyError, cause, followsFrom: followsFromOther };
  }
  const isOther = check === 'problem_shape' && failure.isMissing && message.includes("property 'summary'");
  return isOther ? { ...violation, ...everyError, cause: otherErrors, followsFrom: [] } : violation;
}

/** Checks a body by the schema of a media type. Of bodies that are not JSON, only texts have one that says something. */
function checkBody(context: ResponseContext, described: string, schema: Schema): Violation[] {
  const { contract, operation, response, isStrict } = context;
  const check = response.status >= 400 ? ('problem_shape' as const) : ('response_schema_conformance' as const);
  const pointer = responsePointer(operation, response.status);
  if (!isJson(described)) {
    const failures = described.startsWith('text/') ? contract.validate(schema, response.text) : [];
    return failures.map((failure) => toViolation(failure, check, pointer, response));
  }
  if (response.json === undefined) {
    const mediaType = mediaTypeOf(response);
    const followsFrom = isJson(mediaType)
      ? []
      : ['problem_shape: the media type*', 'content_type_conformance: the media type*'];
    return [{ check, message: 'the body is not JSON', pointer, followsFrom }];
  }
  const unknown = isStrict ? findUnknownProperties(contract, schema, response.json) : [];
  return [
    ...contract.validate(schema, response.json).map((failure) => toViolation(failure, check, pointer, response)),
    ...[...new Set(unknown)].map((name) => ({
      check,
      message: `${name} is not in the description`,
      cause: `${name.replace(/^data\[\]\./, '')} is not in the description`,
      pointer,
    })),
  ];
}

/** Checks that problem details agree with their response, which JSON Schema cannot express. */
function checkProblem({ contract, operation, response }: ResponseContext): Violation[] {
  const { status, headers, json } = response;
  if (status < 400 || !contract.includes('extension') || typeof json !== 'object' || json === null) return [];
  const problem = json as { status?: unknown; instance?: unknown };
  const requestId = headers.get('x-request-id');
  const hasOtherStatus = problem.status !== undefined && problem.status !== status;
  const hasOtherInstance = requestId !== null && !String(problem.instance).includes(requestId);
  const violations: Pick<Violation, 'message' | 'cause' | 'followsFrom'>[] = [];
  if (hasOtherStatus) {
    const message = `the problem details have the status ${problem.status}, the response ${status}`;
    violations.push({ message, cause: otherStatus, followsFrom: followsFromErrors(response) });
  }
  if (hasOtherInstance) {
    const header = 'response_headers_conformance: the header X-Request-Id*';
    const followsFrom = [...followsFromErrors(response), 'problem_shape: instance*', header];
    violations.push({ message: 'instance does not contain the X-Request-Id', followsFrom });
  }
  const pointer = responsePointer(operation, status);
  return violations.map((each) => ({ ...each, check: 'problem_shape', pointer, provenance: 'extension' }));
}

/** Returns every violation of the contract that a response shows without regard to its request. */
export function checkResponse(context: ResponseContext): Violation[] {
  const { contract, operation, response, isHead } = context;
  const general = [...checkStatus(context), ...checkSecrets(context)];
  const node = operation.responses[response.status];
  // A failed server does not choose its response. Its headers and body say nothing about the implementation.
  if (node === undefined || response.status >= 500) return general;
  const documented = contract.deref<DocumentedResponse>(node);
  const content = Object.entries(documented.content ?? {});
  const [first] = content;
  const pointer = responsePointer(operation, response.status);
  const mediaTypes = content.map(([name]) => name);
  const ofStatus = [...checkHeaders(context, documented.headers ?? {})];
  if (first === undefined || isHead) {
    const message = 'the response has a body, which it must not have';
    if (response.text !== '') ofStatus.push({ check: 'response_schema_conformance', message, pointer });
  } else {
    const [described, { schema }] = content.find(([name]) => name === mediaTypeOf(response)) ?? first;
    ofStatus.push(
      ...checkMediaType(context, mediaTypes),
      ...checkCharset(context),
      ...checkEncoding(context),
      ...checkBody(context, described, schema),
      ...checkProblem(context),
    );
  }
  // A response that is an extension makes all its violations extensions. Where the level does not require the response,
  // the level of the operation counts, because errors of all levels share one body.
  const ownLevel = provenanceOf(operation);
  const lowest = contract.requires(node) ? higherLevel(ownLevel, provenanceOf(node)) : ownLevel;
  return [
    ...general,
    ...ofStatus.map((violation) => ({
      ...violation,
      provenance: higherLevel(violation.provenance ?? lowest, lowest),
    })),
  ];
}
