import { type Contract, type Operation, pointerOf, provenanceOf, type Schema } from './contract.ts';
import type { CheckName, ReceivedResponse } from './exchange.ts';

/** What every answer has to keep, whatever the request was. */

/** A broken sentence of the contract. */
export interface Breach {
  readonly check: CheckName;
  readonly message: string;
  readonly pointer: string;
  readonly node?: object;
}

export interface AnswerContext {
  readonly contract: Contract;
  readonly operation: Operation;
  readonly response: ReceivedResponse;
  /** Secrets that were sent. None of them may come back where they are not asked for. */
  readonly secrets: ReadonlySet<string>;
  /** Whether the request asked for full secrets. */
  readonly isReveal: boolean;
  /** Whether a response property that the description does not have is reported. */
  readonly isStrict: boolean;
  /** Whether the request was a HEAD: its answer has headers only. */
  readonly isHead: boolean;
}

interface Header {
  required?: boolean;
  schema: Schema;
}

/** Where the description has a status of an operation. */
export const responsePointer = (operation: Operation, status: number | string) =>
  `${operation.pointer}${pointerOf('responses', status)}`;

const mediaTypeOf = ({ headers }: ReceivedResponse) => (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
const isJson = (mediaType: string) => /^application\/([\w.-]+\+)?json$/.test(mediaType);

function checkStatus({ operation, response: { status } }: AnswerContext): Breach[] {
  if (status >= 500) {
    const pointer = responsePointer(operation, '200');
    return [{ check: 'not_a_server_error', message: `the server failed with ${status}`, pointer }];
  }
  if (operation.responses[status] !== undefined) return [];
  const message = `${status} is not documented for ${operation.operationId}`;
  return [{ check: 'status_code_conformance', message, pointer: `${operation.pointer}/responses` }];
}

function checkMediaType({ contract, operation, response }: AnswerContext, documented: readonly string[]): Breach[] {
  const mediaType = mediaTypeOf(response);
  const isProblem = response.status >= 400;
  // Sequin's pages show errors as JSON; problem details are an extension.
  const isLenient = isProblem && contract.level !== 'extension';
  if (documented.includes(mediaType) || (isLenient && isJson(mediaType))) return [];
  const check = isProblem ? 'problem_shape' : 'content_type_conformance';
  const message = `the answer is ${mediaType || 'of no media type'}, not ${documented.join(' or ')}`;
  return [{ check, message, pointer: responsePointer(operation, response.status) }];
}

function checkHeaders({ contract, operation, response }: AnswerContext, headers: Record<string, object>): Breach[] {
  return Object.entries(headers).flatMap(([name, node]) => {
    const header = contract.deref<Header>(node);
    if (!contract.demands(header)) return [];
    const pointer = `${responsePointer(operation, response.status)}${pointerOf('headers', name)}`;
    const value = response.headers.get(name);
    if (value === null) {
      if (!header.required) return [];
      const message = `the header ${name} is missing`;
      return [{ check: 'response_headers_conformance' as const, message, pointer, node: header }];
    }
    const { type } = contract.deref<Schema>(header.schema);
    const parsed = type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
    return contract.validate(header.schema, parsed).map((reason) => ({
      check: 'response_headers_conformance' as const,
      message: `the header ${name}: ${reason}`,
      pointer,
      node: header,
    }));
  });
}

/** Properties of an answer that the description does not have. */
function findUnknown(contract: Contract, schema: Schema, value: unknown, path = ''): string[] {
  const { properties, items } = contract.deref<Schema & { properties?: Record<string, Schema>; items?: Schema }>(
    schema,
  );
  if (Array.isArray(value) && items) return value.flatMap((item) => findUnknown(contract, items, item, `${path}[]`));
  if (!properties || typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => {
    const property = properties[name];
    return property ? findUnknown(contract, property, item, `${path}.${name}`) : [`${path}.${name}`.slice(1)];
  });
}

function checkBody(context: AnswerContext, schema: Schema): Breach[] {
  const { contract, operation, response, isStrict } = context;
  const check = response.status >= 400 ? ('problem_shape' as const) : ('response_schema_conformance' as const);
  const pointer = responsePointer(operation, response.status);
  if (response.json === undefined) return [{ check, message: 'the body is not JSON', pointer }];
  const wrong = contract.validate(schema, response.json);
  const unknown = isStrict ? findUnknown(contract, schema, response.json) : [];
  return [
    ...wrong.map((message) => ({ check, message, pointer })),
    ...[...new Set(unknown)].map((name) => ({ check, message: `${name} is not in the description`, pointer })),
  ];
}

/** What JSON Schema cannot say of a problem: that it tells the same as the answer around it. */
function checkProblem({ contract, operation, response }: AnswerContext): Breach[] {
  const { status, headers, json } = response;
  if (status < 400 || contract.level !== 'extension' || typeof json !== 'object' || json === null) return [];
  const problem = json as { status?: unknown; instance?: unknown };
  const pointer = responsePointer(operation, status);
  const requestId = headers.get('x-request-id');
  return [
    ...(problem.status === status ? [] : [`the problem says status ${problem.status}, the answer ${status}`]),
    ...(requestId === null || String(problem.instance).includes(requestId) ? [] : ['instance is not the X-Request-Id']),
  ].map((message) => ({ check: 'problem_shape' as const, message, pointer }));
}

/** Every app-like object in an answer. */
function findApps(value: unknown): { client_secret?: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, item]) => (name === 'metadata' ? [] : findApps(item)));
  return 'client_secret' in value ? [value, ...inside] : inside;
}

/** Ten asterisks, whatever the length of the secret. */
const mask = '*'.repeat(10);
/** Shorter or more uniform text could stand in an answer by chance. */
const isTelling = (secret: string) => secret.length >= 16 && new Set(secret).size >= 5;

function checkSecrets({ operation, response, secrets, isReveal }: AnswerContext): Breach[] {
  if (isReveal && response.status === 200) return [];
  const pointer = pointerOf('components', 'schemas', 'OAuthApp', 'properties', 'client_secret');
  const leaks = [...secrets].some((secret) => isTelling(secret) && response.text.includes(secret));
  const isUnmasked = response.status < 400 && findApps(response.json).some((app) => app.client_secret !== mask);
  const messages = [
    ...(leaks ? [`${operation.operationId} shows a secret that was sent`] : []),
    ...(isUnmasked && !leaks ? ['client_secret is not ten asterisks'] : []),
  ];
  return messages.map((message) => ({ check: 'secret_masking', message, pointer }));
}

/** Every breach of the contract that an answer shows by itself. */
export function checkAnswer(context: AnswerContext): Breach[] {
  const { contract, operation, response, isHead } = context;
  const status = checkStatus(context);
  const secrets = checkSecrets(context);
  const node = operation.responses[response.status];
  if (node === undefined) return [...status, ...secrets];
  const documented = contract.deref<{ headers?: Record<string, object>; content?: Record<string, { schema: Schema }> }>(
    node,
  );
  const headers = checkHeaders(context, documented.headers ?? {});
  const content = Object.entries(documented.content ?? {});
  const [first] = content;
  if (first === undefined || isHead) {
    const isEmpty = response.text === '';
    const pointer = responsePointer(operation, response.status);
    const tooMuch = isEmpty
      ? []
      : [{ check: 'response_schema_conformance' as const, message: 'there is a body', pointer }];
    return [...status, ...secrets, ...headers, ...tooMuch];
  }
  const mediaType = checkMediaType(
    context,
    content.map(([name]) => name),
  );
  const body = checkBody(context, first[1].schema);
  return [...status, ...secrets, ...headers, ...mediaType, ...body, ...checkProblem(context)];
}

/** Where the sentence that was broken comes from. */
export const breachProvenance = ({ node }: Breach, operation: Operation) => provenanceOf(node ?? operation);
