import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import { type Bundle, deref, listBodies, literal, type Schema } from './bundle.ts';

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

/** Whether a schema has `x-max-…` keywords, which JSON Schema validators do not know. */
const hasSizeLimits = (schema: Schema) => Object.keys(schema).some((keyword) => keyword.startsWith('x-max-'));

/** Returns the properties of a body that have size limits, each with the name of its schema. */
function listSizedProperties(bundle: Bundle, name: string): [property: string, schema: string][] {
  const properties = (bundle.components.schemas[name]?.properties ?? {}) as Record<string, Schema>;
  return Object.entries(properties)
    .filter(([, property]) => hasSizeLimits(deref<Schema>(bundle, property)))
    .map(([property, { $ref }]) => [property, ($ref ?? '').split('/').at(-1) ?? '']);
}

/** Renders a check per body schema. Ajv compiles it, and esbuild adds the runtime code of ajv. */
export async function renderSchemaChecks(bundle: Bundle): Promise<string> {
  // The same options as the server's validator, because the order of errors depends on them.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: true, code: { source: true, esm: true } });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'bundle', components: { schemas: strip(bundle.components.schemas) } });
  const bodies = listBodies(bundle).map(({ name }) => [`check${name}`, `bundle#/components/schemas/${name}`]);
  // Removes members of errors that are never read, to save bytes.
  const contents = standalone
    .default(ajv, Object.fromEntries(bodies))
    .replaceAll(/schemaPath:"[^"]*",keyword:"\w+",/g, '');
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
  return `// @ts-nocheck: ajv generates this code.\n${outputFiles[0]?.text ?? ''}`;
}

/** Renders a validator per body schema. */
export function renderValidators(bundle: Bundle): string {
  const bodies = listBodies(bundle);
  const camel = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
  const functions = bodies.map(({ name, operationId }) => {
    const sizes = listSizedProperties(bundle, name).map(
      ([property, schema]) => `${literal(property)}: limits.${camel(schema)}`,
    );
    return `/** Validates a body of \`${operationId}\` as the server does. Returns it as it would arrive, or the validation errors. */
export function validate${name}(value: unknown): Validated<${name}> {
  return validate(value, { check: check${name}, sizes: { ${sizes.join(', ')} }, patternMessages });
}
`;
  });
  const names = bodies.map(({ name }) => name);
  return `import { ${names.map((name) => `check${name}`).join(', ')} } from './schema-checks.ts';
import type { ${names.join(', ')} } from './types.ts';
import { type Validated, validate } from './validation.ts';
import { limits, patternMessages } from './values.ts';

export type { Validated, ValidationErrors } from './validation.ts';

${functions.join('\n')}`;
}

/** Returns the source of a file in openapi/runtime/. It is copied to generated/ without a change. */
export function readRuntime(file: string): Promise<string> {
  return readFile(join(import.meta.dirname, '../runtime', file), 'utf8');
}
