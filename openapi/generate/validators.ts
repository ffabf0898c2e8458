import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import { type Body, type Bundle, deref, listBodies, literal, type Schema } from './bundle.ts';
import { camel, readMaxima } from './values.ts';

const annotations = new Set(['title', 'description', 'examples', 'default', 'deprecated']);

/** Returns a schema without annotations. The generated code quotes schemas, so they would only enlarge it. */
function strip(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(strip);
  const kept = Object.entries(node).filter(([key, value]) => {
    const isProperty = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isProperty || !(annotations.has(key) || key.startsWith('x-'));
  });
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]));
}

/** Returns the size limits of the properties of a body, as source, by property. */
function renderSizes(bundle: Bundle, { schema }: Body): string {
  const properties = (deref<Schema>(bundle, schema).properties ?? {}) as Record<string, Schema>;
  const sizes = Object.entries(properties).flatMap(([property, node]) => {
    const limits = readMaxima(deref<Schema>(bundle, node));
    if (Object.keys(limits).length === 0) return [];
    const name = node.$ref?.split('/').at(-1);
    return [`${literal(property)}: ${name === undefined ? literal(limits) : `limits.${camel(name)}`}`];
  });
  return sizes.length === 0 ? '{}' : `{ ${sizes.join(', ')} }`;
}

/** Removes what only ajv's own compiler reads: the code of a helper as text. */
const dropUnread = (code: string) => code.replaceAll(/;\w+\.code='[^']*'/g, '');

/** Returns every schema at or below a node, `$ref`s followed. */
function listSchemas(bundle: Bundle, node: unknown, found: Set<object> = new Set()): Set<object> {
  if (typeof node !== 'object' || node === null || found.has(node)) return found;
  found.add(node);
  for (const child of [deref(bundle, node), ...Object.values(node)]) listSchemas(bundle, child, found);
  return found;
}

/** Returns the messages for the patterns of bodies, by pattern. */
function readPatternMessages(bundle: Bundle, bodies: readonly Body[]): Record<string, unknown> {
  const nodes = bodies.flatMap(({ schema }) => [...listSchemas(bundle, schema)] as Schema[]);
  const patterns = new Set(nodes.map(({ pattern }) => pattern));
  const described = Object.values(bundle.components.schemas).filter(
    (schema) => patterns.has(schema.pattern) && schema['x-pattern-message'] !== undefined,
  );
  return Object.fromEntries(described.map((schema) => [schema.pattern, schema['x-pattern-message']]));
}

/** Renders a check per body schema. Ajv compiles it, and esbuild adds the runtime code of ajv. */
export async function renderSchemaChecks(bundle: Bundle): Promise<string> {
  // The same options as the server's validator, because the order of errors depends on them.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: true, code: { source: true, esm: true } });
  // Which properties a function has evaluated is read by `unevaluatedProperties` alone, which the linter refuses. It would
  // keep a bundler from leaving out a check that a program does not use.
  ajv.opts.unevaluated = false;
  addFormats.default(ajv);
  const bodies = listBodies(bundle);
  const inline = Object.fromEntries(bodies.filter(({ isNamed }) => !isNamed).map(({ name, schema }) => [name, schema]));
  ajv.addSchema({ $id: 'bundle', components: { schemas: strip(bundle.components.schemas) }, bodies: strip(inline) });
  const pointers = bodies.map(({ name, isNamed }) => [
    `check${name}`,
    `bundle#/${isNamed ? 'components/schemas' : 'bodies'}/${name}`,
  ]);
  // Removes members of errors that are never read, to save bytes.
  const contents = standalone.default(ajv, Object.fromEntries(pointers)).replaceAll(/schemaPath:"[^"]*",/g, '');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, sourcefile: 'ajv.js' },
    bundle: true,
    format: 'esm',
    write: false,
    // Unminified code names the folder of ajv, which differs between machines.
    minify: true,
    charset: 'utf8',
    logLevel: 'silent',
  });
  const code = dropUnread(outputFiles[0]?.text ?? '');
  return `// @ts-nocheck: ajv generates this code.\n${code}${bodies.length === 0 ? 'export {};' : ''}`;
}

/** Returns the type of a body: the name of its schema, or its place in the types of its first operation. */
const typeOf = ({ name, isNamed, operationIds }: Body) =>
  isNamed ? `types.${name}` : `Content<types.operations[${literal(operationIds[0])}]['requestBody']>`;

/** Renders a validator per body. */
export function renderValidators(bundle: Bundle): string {
  const bodies = listBodies(bundle);
  if (bodies.length === 0) return 'export {};\n';
  const constants = bodies.map((body) => {
    const { name, operationIds } = body;
    return `/**
 * Validates a body of ${operationIds.map((id) => `\`${id}\``).join(' or ')} as the server does. Returns it as it would arrive, or the validation errors. It is a
 * Standard Schema as well.
 *
 * @example const { value, validation_errors } = validate${name}(form);
 */
export const validate${name}: Validator<${typeOf(body)}> = /* @__PURE__ */ createValidator(() => ({
  check: check${name},
  sizes: ${renderSizes(bundle, body)},
  maxDepth: maxBodyDepth,
  patternMessages,
}));
`;
  });
  const content = bodies.every(({ isNamed }) => isNamed)
    ? ''
    : "type Content<Body> = NonNullable<Body> extends { content: { 'application/json': infer Value } } ? Value : never;\n\n";
  const byOperation = bodies.flatMap(({ name, operationIds }) =>
    operationIds.map((id) => `  ${id}: validate${name},\n`),
  );
  const code = `${constants.join('\n')}
/**
 * Validators of request bodies by operationId.
 *
 * @example console.log(Object.keys(bodyValidators)); // the operations that have a body
 */
export const bodyValidators = {
${byOperation.join('')}};
`;
  return `import { ${bodies.map(({ name }) => `check${name}`).join(', ')} } from './schema-checks.ts';
import type * as types from './types.ts';
import { createValidator, type Validator } from './validation.ts';
import { ${code.includes(' limits.') ? 'limits, ' : ''}maxBodyDepth } from './values.ts';

/** The messages of the patterns of bodies. */
const patternMessages = ${literal(readPatternMessages(bundle, bodies))};

export { type Issue, type Validated, type ValidationErrors, type Validator, withMessages } from './validation.ts';

${content}${code}`;
}

/** Returns the source of a file in openapi/runtime/. It is copied to generated/ without a change. */
export function readRuntime(file: string): Promise<string> {
  return readFile(join(import.meta.dirname, '../runtime', file), 'utf8');
}
