/** Renders the bundle in OpenAPI 3.0.3, for tools that do not know 3.1. */
import { type Bundle, methods, type Schema } from './bundle.ts';

type Members = Record<string, unknown>;

const isObject = (node: unknown): node is Members => typeof node === 'object' && node !== null && !Array.isArray(node);

/** Keywords with schemas in them: a schema, a list of schemas, or schemas by name. */
const schemaKeywords = new Set(['items', 'not', 'additionalProperties']);
const listKeywords = new Set(['allOf', 'anyOf', 'oneOf']);
/** Keywords that are the same in both versions. */
const commonKeywords = new Set(
  (
    'title description type format enum default required minLength maxLength pattern minimum maximum multipleOf minItems ' +
    'maxItems uniqueItems minProperties maxProperties readOnly writeOnly deprecated discriminator'
  ).split(' '),
);

/** Converts `type`: a list with `null` becomes `nullable`. */
function convertType(type: unknown): Members {
  if (!Array.isArray(type)) return { type };
  const types = type.filter((one) => one !== 'null');
  const nullable = types.length < type.length && { nullable: true };
  if (types.length === 1) return { type: types[0], ...nullable };
  return { anyOf: types.map((one) => ({ type: one })), ...nullable };
}

function convertKeyword(name: string, value: unknown): Members {
  if (name.startsWith('x-')) return { [name]: value };
  if (name === 'type') return convertType(value);
  if (name === 'const') return { enum: [value] };
  if (name === 'examples') return { example: (value as unknown[])[0] };
  if (name === 'exclusiveMinimum') return { minimum: value, exclusiveMinimum: true };
  if (name === 'exclusiveMaximum') return { maximum: value, exclusiveMaximum: true };
  if (name === '$comment') return {};
  if (commonKeywords.has(name)) return { [name]: value };
  if (name === 'properties') {
    const properties = Object.entries(value as Record<string, Schema>);
    return { properties: Object.fromEntries(properties.map(([key, schema]) => [key, convertSchema(schema)])) };
  }
  if (listKeywords.has(name)) return { [name]: (value as unknown[]).map(convertSchema) };
  if (schemaKeywords.has(name))
    return { [name]: name === 'additionalProperties' && !isObject(value) ? value : convertSchema(value) };
  throw new Error(`OpenAPI 3.0 has no keyword \`${name}\`. Describe the schema in another way, or add a conversion.`);
}

/**
 * Converts a schema. Keywords beside a `$ref` go around it in an `allOf`, because 3.0 ignores them.
 *
 * @throws Error when 3.0 has no such keyword.
 */
function convertSchema(node: unknown): unknown {
  if (node === true) return {};
  if (node === false) return { not: {} };
  if (!isObject(node)) return node;
  const { $ref, ...own } = node;
  const converted: Members = {};
  for (const [name, value] of Object.entries(own)) Object.assign(converted, convertKeyword(name, value));
  if (typeof $ref !== 'string') return converted;
  return Object.keys(converted).length === 0 ? { $ref } : { allOf: [{ $ref }], ...converted };
}

/** Converts every schema below a node, and drops what stands beside other references. */
function convertNode(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(convertNode);
  if (!isObject(node)) return node;
  if (typeof node.$ref === 'string') return { $ref: node.$ref };
  const entries = Object.entries(node).map(([name, value]) => {
    if (name === 'schema') return [name, convertSchema(value)];
    if (name === 'schemas' && isObject(value)) {
      return [name, Object.fromEntries(Object.entries(value).map(([key, schema]) => [key, convertSchema(schema)]))];
    }
    // Values of examples may look like nodes of the description.
    return [name, name === 'value' || name === 'example' || name.startsWith('x-') ? value : convertNode(value)];
  });
  return Object.fromEntries(entries);
}

/** Moves the scopes of tokens to an extension: 3.0 allows scopes for OAuth 2.0 alone. */
function moveScopes(operation: Members): void {
  const security = (operation.security ?? []) as Record<string, string[]>[];
  const scopes = security.flatMap((schemes) => Object.values(schemes).flat());
  if (scopes.length === 0) return;
  operation['x-required-scopes'] = [...new Set(scopes)];
  operation.security = security.map((schemes) => Object.fromEntries(Object.keys(schemes).map((name) => [name, []])));
}

/**
 * Returns the bundle in OpenAPI 3.0.3. It says the same but for scopes, which are an extension.
 *
 * @throws Error when a schema has a keyword that 3.0 does not have.
 */
export function toOpenApi30(bundle: Bundle): object {
  const { openapi: _version, webhooks: _webhooks, ...rest } = convertNode(bundle) as Members & Bundle;
  const { summary: _summary, ...info } = rest.info as Bundle['info'] & { license?: { identifier?: string } };
  if (info.license) delete info.license.identifier;
  for (const item of Object.values(rest.paths)) {
    for (const method of methods) if (item[method]) moveScopes(item[method] as object as Members);
  }
  return { 'x-generated': bundle['x-generated'], openapi: '3.0.3', ...rest, info };
}
