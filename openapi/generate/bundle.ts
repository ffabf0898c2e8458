/** The parts of the bundled description that the generators read. */
export interface Bundle {
  openapi: string;
  info: { title: string; version: string; summary?: string; description?: string };
  servers?: { url: string; description?: string }[];
  tags?: unknown[];
  paths: Record<string, PathItem>;
  components: {
    schemas: Record<string, Schema>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Response>;
    headers?: Record<string, Header>;
    examples: Record<string, { value: unknown }>;
    securitySchemes: Record<string, Record<string, unknown>>;
  };
  security?: Security;
  [extension: `x-${string}`]: unknown;
}

/** Alternatives of security schemes, each with its scopes. An empty list needs no token. */
export type Security = Record<string, string[]>[];
export interface Ref {
  $ref: string;
}
export interface Schema extends Partial<Ref> {
  enum?: unknown[];
  pattern?: string;
  [keyword: string]: unknown;
}
export type Examples = Record<string, Ref | { summary?: string; value: unknown }>;
export interface Header {
  required?: boolean;
  description?: string;
  schema: Schema;
  example?: unknown;
  examples?: Examples;
}
export interface Parameter extends Header {
  name: string;
  in: 'path' | 'query' | 'header' | 'cookie';
  /** The media type of the text, such as `application/json`. `contentMediaType` makes some tools send no text. */
  'x-content-media-type'?: string;
}
export interface MediaType {
  schema: Schema;
  example?: unknown;
  examples?: Examples;
}
export interface Response {
  description: string;
  headers?: Record<string, Header | Ref>;
  content?: Record<string, MediaType>;
}
export interface RequestBody {
  required?: boolean;
  content: Record<string, MediaType>;
}
export interface Operation {
  operationId: string;
  tags?: string[];
  summary?: string;
  description?: string;
  deprecated?: boolean;
  parameters?: (Parameter | Ref)[];
  requestBody?: RequestBody | Ref;
  responses: Record<string, Response | Ref>;
  security?: Security;
}
export type PathItem = { parameters?: (Parameter | Ref)[] } & Partial<Record<Method, Operation>>;

export const methods = ['get', 'put', 'post', 'patch', 'delete'] as const;
export type Method = (typeof methods)[number];

/** An operation whose references are resolved, with its method, its path and the security in force. */
export interface ResolvedOperation extends Operation {
  /** The operationId where the description has no summary. */
  summary: string;
  description: string;
  method: Method;
  path: string;
  parameters: Parameter[];
  requestBody?: RequestBody;
  responses: Record<string, Response>;
  security: Security;
}

/** The names in the local pointers that have been read. A description has few different ones, each in many places. */
const namesByPointer = new Map<string, readonly string[]>();

/** Returns the names of the members that a local `$ref` leads through. */
function readPointer($ref: string): readonly string[] {
  const known = namesByPointer.get($ref);
  if (known !== undefined) return known;
  const names = $ref
    .replace('#/', '')
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  namesByPointer.set($ref, names);
  return names;
}

/**
 * Returns the node that a local `$ref` points to, and any other node unchanged.
 *
 * @throws Error when the `$ref` points nowhere.
 */
export function deref<T extends object>(bundle: Bundle, node: T | Ref): T {
  if (!('$ref' in node) || typeof node.$ref !== 'string') return node as T;
  const target = readPointer(node.$ref).reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], bundle);
  if (target === undefined) throw new Error(`${node.$ref} points nowhere.`);
  return deref(bundle, target as T);
}

/** Returns a bundle with every kind of component that the generators read, empty where the description has none. */
export function completeBundle(
  bundle: Omit<Bundle, 'components'> & { components?: Partial<Bundle['components']> },
): Bundle {
  const empty = { schemas: {}, parameters: {}, responses: {}, examples: {}, securitySchemes: {} };
  // The kinds that are there keep their order.
  return { ...bundle, components: { ...bundle.components, ...empty, ...bundle.components } };
}

/**
 * Replaces the `$ref` of every success with a body by the response itself, because swagger-typescript-api reads no body
 * through a `$ref`. Drops shared responses that nothing refers to any more.
 */
export function inlineSuccesses(bundle: Bundle): Bundle {
  const copy = structuredClone(bundle);
  const shared = new Set<string>();
  for (const { responses } of Object.values(copy.paths).flatMap((item) =>
    methods.flatMap((name) => item[name] ?? []),
  )) {
    for (const [status, node] of Object.entries(responses)) {
      if (!status.startsWith('2') || !('$ref' in node)) continue;
      const response = deref<Response>(copy, node);
      if (response.content === undefined) continue;
      responses[status] = structuredClone(response);
      shared.add(node.$ref);
    }
  }
  const text = JSON.stringify(copy);
  for (const pointer of shared) {
    if (!text.includes(JSON.stringify(pointer))) delete copy.components.responses[pointer.split('/').at(-1) ?? ''];
  }
  return copy;
}

/** Returns the parameters of an operation and those of its path that it does not override. */
function listParameters(bundle: Bundle, item: PathItem, operation: Operation): Parameter[] {
  const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
  const resolved = parameters.map((parameter) => deref<Parameter>(bundle, parameter));
  return [...new Map(resolved.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values()];
}

/** Returns every operation of the bundle, in the order of the description. */
export function listOperations(bundle: Bundle): ResolvedOperation[] {
  return Object.entries(bundle.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => item[method])
      .map((method) => {
        const operation = item[method] as Operation;
        return {
          ...operation,
          summary: operation.summary ?? operation.operationId,
          description: operation.description ?? '',
          method,
          path,
          parameters: listParameters(bundle, item, operation),
          requestBody: operation.requestBody && deref<RequestBody>(bundle, operation.requestBody),
          responses: Object.fromEntries(
            Object.entries(operation.responses).map(([status, response]) => [
              status,
              deref<Response>(bundle, response),
            ]),
          ),
          security: operation.security ?? bundle.security ?? [],
        };
      }),
  );
}

/** A JSON request body, with the operations that take it. */
export interface Body {
  /** Name of its schema; of its first operation, with `Body` behind it, where the schema has none. */
  name: string;
  /** Whether its schema has the name. */
  isNamed: boolean;
  schema: Schema;
  operationIds: string[];
}

/** Lists the JSON request bodies in the order of their first operations. A schema that several take is one body. */
export function listBodies(bundle: Bundle): Body[] {
  const bodies = new Map<string, Body>();
  for (const { operationId, requestBody } of listOperations(bundle)) {
    const { schema } = requestBody?.content['application/json'] ?? {};
    if (schema === undefined) continue;
    const [, schemaName] = /^#\/components\/schemas\/(\w+)$/.exec(schema.$ref ?? '') ?? [];
    const name = schemaName ?? `${pascal(operationId)}Body`;
    const body = bodies.get(name) ?? { name, isNamed: schemaName !== undefined, schema, operationIds: [] };
    body.operationIds.push(operationId);
    bodies.set(name, body);
  }
  return [...bodies.values()];
}

/** Returns a name with its first letter in upper case. */
export const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Returns a JSON value as TypeScript source. Keys that need no quotes have none. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string')
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => literal(item, indent)).join(', ')}]`;
  const deeper = `${indent}  `;
  const key = (name: string) => (/^([A-Za-z_$][\w$]*|[1-9]\d*)$/.test(name) ? name : literal(name));
  const lines = Object.entries(value).map(([name, item]) => `${deeper}${key(name)}: ${literal(item, deeper)},\n`);
  return lines.length === 0 ? '{}' : `{\n${lines.join('')}${indent}}`;
}

/** Returns paragraphs as a doc comment. The end of a comment within a text is escaped. */
export function docComment(paragraphs: string[], indent = ''): string {
  const lines = paragraphs
    .map((text) => text.trim().replaceAll('*/', '*\\/'))
    .join('\n\n')
    .split('\n');
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`].join('\n');
}
