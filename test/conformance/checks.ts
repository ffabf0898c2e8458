import {
  type Contract,
  type Level,
  laterOf,
  type Operation,
  pointerOf,
  provenanceOf,
  type Schema,
} from './contract.ts';
import type { CheckName, ReceivedResponse } from './exchange.ts';

/** What every answer has to keep, whatever the request was. */

/** A broken sentence of the contract. */
export interface Breach {
  readonly check: CheckName;
  readonly message: string;
  readonly pointer: string;
  /** Where the sentence comes from. Left out where it is what the case is about. */
  readonly provenance?: Level;
}

export interface AnswerContext {
  readonly contract: Contract;
  readonly operation: Operation;
  readonly response: ReceivedResponse;
  /** Secrets that were sent. None of them may come back where they are not asked for. */
  readonly secrets: readonly string[];
  /** Whether the request asked for full secrets. */
  readonly isReveal: boolean;
  /** Whether a response property that the description does not have is reported. */
  readonly isStrict: boolean;
  /** Whether the request was a HEAD: its answer has headers only. */
  readonly isHead: boolean;
}

/** The checks that an answer to any request may fail. */
export const answerChecks: readonly CheckName[] = [
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

interface Documented {
  headers?: Record<string, object>;
  content?: Record<string, { schema: Schema }>;
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
  const isExtension = isProblem && isJson(mediaType);
  if (documented.includes(mediaType) || (isExtension && !contract.includes('extension'))) return [];
  const check = isProblem ? 'problem_shape' : 'content_type_conformance';
  const message = `the answer is ${mediaType || 'of no media type'}, not ${documented.join(' or ')}`;
  const provenance = isExtension ? 'extension' : 'documented';
  return [{ check, message, pointer: responsePointer(operation, response.status), provenance }];
}

/** What the schema of a header does not say, and its words do. */
const headerRules: Readonly<Record<string, readonly [rule: RegExp, words: string]>> = {
  'Cache-Control': [/\bno-store\b/i, 'lets caches store the answer'],
  'WWW-Authenticate': [/^Bearer\b/i, 'is no Bearer challenge'],
  ETag: [/^"[!#-~]*"$/, 'is no strong entity tag'],
};

function findHeaderFaults(contract: Contract, name: string, { required, schema }: Header, value: string | null) {
  if (value === null) return required ? [`the header ${name} is missing`] : [];
  const { type } = contract.deref<Schema>(schema);
  const parsed = type === 'integer' && /^\d+$/.test(value) ? Number(value) : value;
  const [rule, words] = headerRules[name] ?? [/^/, ''];
  return [
    ...contract.validate(schema, parsed).map(({ message }) => `the header ${name}: ${message}`),
    ...(rule.test(value) ? [] : [`the header ${name} ${words}`]),
  ];
}

function checkHeaders({ contract, operation, response }: AnswerContext, headers: Record<string, object>): Breach[] {
  return Object.entries(headers).flatMap(([name, node]) => {
    const header = contract.deref<Header>(node);
    if (!contract.demands(header)) return [];
    return findHeaderFaults(contract, name, header, response.headers.get(name)).map((message) => ({
      check: 'response_headers_conformance' as const,
      message,
      pointer: `${responsePointer(operation, response.status)}${pointerOf('headers', name)}`,
      provenance: provenanceOf(header),
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
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property ? findUnknown(contract, property, item, `${path}.${name}`) : [`${path}.${name}`.slice(1)];
  });
}

function checkBody(context: AnswerContext, schema: Schema): Breach[] {
  const { contract, operation, response, isStrict } = context;
  const check = response.status >= 400 ? ('problem_shape' as const) : ('response_schema_conformance' as const);
  const pointer = responsePointer(operation, response.status);
  if (response.json === undefined) return [{ check, message: 'the body is not JSON', pointer }];
  const unknown = isStrict ? findUnknown(contract, schema, response.json) : [];
  return [
    ...contract.validate(schema, response.json).map((mistake) => ({ check, pointer, ...mistake })),
    ...[...new Set(unknown)].map((name) => ({ check, message: `${name} is not in the description`, pointer })),
  ];
}

/** What JSON Schema cannot say of a problem: that it tells the same as the answer around it. */
function checkProblem({ contract, operation, response }: AnswerContext): Breach[] {
  const { status, headers, json } = response;
  if (status < 400 || !contract.includes('extension') || typeof json !== 'object' || json === null) return [];
  const problem = json as { status?: unknown; instance?: unknown };
  const requestId = headers.get('x-request-id');
  const isOther = problem.status !== undefined && problem.status !== status;
  const isAnother = requestId !== null && !String(problem.instance).includes(requestId);
  return [
    ...(isOther ? [`the problem says status ${problem.status}, the answer ${status}`] : []),
    ...(isAnother ? ['instance is not the X-Request-Id'] : []),
  ].map((message) => {
    const pointer = responsePointer(operation, status);
    return { check: 'problem_shape' as const, message, pointer, provenance: 'extension' as const };
  });
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

function checkSecrets({ contract, operation, response, secrets, isReveal }: AnswerContext): Breach[] {
  if (isReveal && response.status === 200) return [];
  const shared = {
    check: 'secret_masking' as const,
    pointer: pointerOf('components', 'schemas', 'OAuthApp', 'properties', 'client_secret'),
  };
  const isLeaking = (secret: string) =>
    response.text.includes(secret) || response.text.includes(JSON.stringify(secret).slice(1, -1));
  if (secrets.some((secret) => isTelling(secret) && isLeaking(secret))) {
    return [{ ...shared, message: `${operation.operationId} shows a secret that was sent`, provenance: 'documented' }];
  }
  const isUnmasked = response.status < 400 && findApps(response.json).some((app) => app.client_secret !== mask);
  if (!isUnmasked || !contract.includes('inferred')) return [];
  return [{ ...shared, message: 'client_secret is not ten asterisks', provenance: 'inferred' }];
}

/** Every breach of the contract that an answer shows by itself. */
export function checkAnswer(context: AnswerContext): Breach[] {
  const { contract, operation, response, isHead } = context;
  const general = [...checkStatus(context), ...checkSecrets(context)];
  const node = operation.responses[response.status];
  if (node === undefined) return general;
  const documented = contract.deref<Documented>(node);
  const content = Object.entries(documented.content ?? {});
  const [first] = content;
  const pointer = responsePointer(operation, response.status);
  const mediaTypes = content.map(([name]) => name);
  const special = [...checkHeaders(context, documented.headers ?? {})];
  if (first === undefined || isHead) {
    const message = 'there is a body where none belongs';
    if (response.text !== '') special.push({ check: 'response_schema_conformance', message, pointer });
  } else {
    special.push(
      ...checkMediaType(context, mediaTypes),
      ...checkBody(context, first[1].schema),
      ...checkProblem(context),
    );
  }
  // An answer that is an extension is so as a whole; where the level has none, all errors have a body alike.
  const own = provenanceOf(operation);
  const least = contract.demands(node) ? laterOf(own, provenanceOf(node)) : own;
  return [
    ...general,
    ...special.map((breach) => ({ ...breach, provenance: laterOf(breach.provenance ?? least, least) })),
  ];
}
