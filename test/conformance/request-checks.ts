import { valueAt } from './cases/fields.ts';
import { bodySchemaOf, type Contract, type Operation, provenanceOf, type Schema } from './contract.ts';
import type { RecordedExchange } from './passive.ts';
import { isSecret, shownSecretOf } from './resources.ts';
import type { Violation } from './violation.ts';

/** Checks of a recorded request: whether the contract allows it, and whether its response fits to that. */

function parse(text: string | undefined): unknown {
  try {
    return text === undefined || text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reason why the contract does not allow a request. */
interface Reason {
  readonly message: string;
  readonly pointer: string;
  readonly provenance: Violation['provenance'];
}

/** Returns the value of a parameter as its schema has it: text may stand for a number or a boolean. */
function toValue({ type }: Schema, text: string): unknown {
  const name = type as unknown;
  if (name === 'integer' || name === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  return name === 'boolean' && /^(true|false)$/.test(text) ? text === 'true' : text;
}

function checkQuery(contract: Contract, operation: Operation, url: string): Reason[] {
  const pointer = `${operation.pointer}/parameters`;
  const parameters = operation.parameters.filter(({ in: where }) => where === 'query').filter(contract.requires);
  return [...new URL(url).searchParams].flatMap(([name, text]): Reason[] => {
    const parameter = parameters.find((each) => each.name === name);
    if (parameter === undefined)
      return [{ message: 'a query parameter is not in the description', pointer, provenance: 'extension' }];
    const schema = contract.deref<Schema>(parameter.schema);
    const failures = contract.validate(parameter.schema, toValue(schema, text));
    return failures.map(({ message }) => ({
      message: `${name} ${message.replace('the body ', '')}`,
      pointer,
      provenance: provenanceOf(parameter),
    }));
  });
}

function checkBody(contract: Contract, operation: Operation, text: string | undefined, body: unknown): Reason[] {
  const media = operation.requestBody?.content['application/json'];
  if (media === undefined) return [];
  const schema = bodySchemaOf(contract, operation);
  const pointer = schema?.pointer ?? operation.pointer;
  if (body === undefined) {
    const message = text === undefined || text === '' ? 'the body is missing' : 'the body is not JSON';
    return [{ message, pointer, provenance: 'documented' }];
  }
  return contract
    .validate(media.schema, body)
    .map(({ message, cause, provenance }) => ({ message: cause || message, pointer, provenance }));
}

/** Reports fields of a response that differ from the request that wrote them. */
function checkStored(operation: Operation, body: unknown, { response }: RecordedExchange): Violation[] {
  const { fields = {} } = operation.resource ?? {};
  const isWrite = operation.verb === 'create' || operation.verb === 'update';
  if (!isWrite || response.status >= 300 || typeof body !== 'object' || body === null) return [];
  const changed = Object.entries(body).filter(([name, value]) => {
    const field = fields[name];
    if (field === undefined || shownSecretOf(field) || isSecret(field)) return false;
    const shown = valueAt(response.json, name);
    return shown !== undefined && JSON.stringify(sortNames(shown)) !== JSON.stringify(sortNames(value));
  });
  return changed.map(([name]) => ({
    check: 'read_your_writes',
    message: `the response differs from the request in ${name}`,
    cause: `${name} is not stored as it was sent`,
    pointer: operation.pointer,
    provenance: 'inferred',
  }));
}

/** Returns a JSON value whose objects have their names in order. */
function sortNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, item]) => [name, sortNames(item)]),
  );
}

/** Reports a request that the contract does not allow: to the server where it was accepted, else to the client. */
function judgeReasons(reasons: readonly Reason[], status: number): Violation[] {
  return reasons.map(({ message, pointer, provenance }) => {
    const isAccepted = status < 400;
    return {
      check: isAccepted ? 'negative_data_rejection' : 'request_conformance',
      message: isAccepted
        ? `a request was accepted although ${message}`
        : `a client sent a request although ${message}`,
      cause: `${message}, and the request was ${isAccepted ? 'accepted' : 'rejected'}`,
      expected: isAccepted ? '422' : 'a request that the contract allows',
      got: String(status),
      pointer,
      provenance,
    };
  });
}

/** Returns the violations that a request and its response show together, and the parsed body of the request. */
export function checkRequest(contract: Contract, operation: Operation, exchange: RecordedExchange) {
  const { request, response } = exchange;
  const body = parse(request.body);
  const { status } = response;
  const needsToken = operation.security.length > 0;
  const hasToken = request.headers.authorization !== undefined;
  // The server looks at nothing else before the token.
  if (status === 401 || status >= 500) return { body, violations: [] };
  const isOpen = needsToken && !hasToken && status < 400;
  const noToken: Violation = {
    check: 'missing_required_header',
    message: `a request without a token got ${status} instead of 401`,
    cause: 'a request without a token is accepted',
    pointer: '/components/securitySchemes',
  };
  const reasons = [
    ...checkQuery(contract, operation, request.url),
    ...(request.method === 'HEAD' ? [] : checkBody(contract, operation, request.body, body)),
  ];
  const isPlain = reasons.length === 0 && !/[?&]cursor=/.test(request.url) && !request.headers['idempotency-key'];
  const isUnfounded =
    isPlain && (status === 400 || status === 422) && request.headers['content-encoding'] === undefined;
  const unfounded: Violation = {
    check: 'positive_data_acceptance',
    message: `a valid request was rejected with ${status}`,
    cause: `${operation.operationId} rejects a valid request`,
    expected: '200',
    got: String(status),
    pointer: operation.pointer,
  };
  return {
    body,
    violations: [
      ...(isOpen ? [noToken] : []),
      ...judgeReasons(reasons, status),
      ...(isUnfounded ? [unfounded] : []),
      // The result of an invalid request is no promise.
      ...(reasons.length === 0 ? checkStored(operation, body, exchange) : []),
    ],
  };
}
