import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import addFormats from 'ajv-formats';
import { build } from 'esbuild';
import { type Bundle, deref, listOperations, literal, type Schema } from './bundle.ts';

/** The names of the schemas that JSON request bodies have, in the order of the operations. */
function listBodies(bundle: Bundle): { name: string; operationId: string }[] {
  return listOperations(bundle).flatMap(({ operationId, requestBody }) => {
    const [, name] =
      /^#\/components\/schemas\/(\w+)$/.exec(requestBody?.content['application/json']?.schema.$ref ?? '') ?? [];
    return name === undefined ? [] : [{ name, operationId }];
  });
}

const annotations = new Set(['title', 'description', 'examples', 'default', 'deprecated']);

/** A schema without what no value is held to: the code of a validator quotes its schema. */
function strip(node: unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  if (Array.isArray(node)) return node.map(strip);
  const kept = Object.entries(node).filter(([key, value]) => {
    const isProperty = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isProperty || !(annotations.has(key) || key.startsWith('x-'));
  });
  return Object.fromEntries(kept.map(([key, value]) => [key, strip(value)]));
}

/** `x-max-…` keywords that a validator of JSON Schema does not know. */
const isSized = (schema: Schema) => Object.keys(schema).some((keyword) => keyword.startsWith('x-max-'));

/** The properties of a body that have limits of size → the name of their schema. */
function listSizes(bundle: Bundle, name: string): [property: string, schema: string][] {
  const properties = (bundle.components.schemas[name]?.properties ?? {}) as Record<string, Schema>;
  return Object.entries(properties)
    .filter(([, property]) => isSized(deref<Schema>(bundle, property)))
    .map(([property, { $ref }]) => [property, ($ref ?? '').split('/').at(-1) ?? '']);
}

/** A check per schema of a body, compiled by ajv, with what ajv has for run time put in. */
export async function renderSchemaChecks(bundle: Bundle): Promise<string> {
  // As the server's own validator has it; the order of errors depends on it.
  const ajv = new Ajv2020({ strict: false, strictNumbers: true, allErrors: true, code: { source: true, esm: true } });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'bundle', components: { schemas: strip(bundle.components.schemas) } });
  const bodies = listBodies(bundle).map(({ name }) => [`check${name}`, `bundle#/components/schemas/${name}`]);
  // What is never read of an error is not worth its bytes.
  const contents = standalone
    .default(ajv, Object.fromEntries(bodies))
    .replaceAll(/schemaPath:"[^"]*",keyword:"\w+",/g, '');
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname, sourcefile: 'ajv.js' },
    bundle: true,
    format: 'esm',
    write: false,
    // Otherwise it names the folder that ajv lies in.
    minify: true,
    charset: 'utf8',
    logLevel: 'silent',
  });
  return `// @ts-nocheck: code by ajv, as its compiler leaves it.\n${outputFiles[0]?.text ?? ''}`;
}

/** A validator per schema of a body. */
export function renderValidators(bundle: Bundle): string {
  const bodies = listBodies(bundle);
  const camel = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
  const functions = bodies.map(({ name, operationId }) => {
    const sizes = listSizes(bundle, name).map(([property, schema]) => `${literal(property)}: limits.${camel(schema)}`);
    return `/** What the server would say to the body of \`${operationId}\`; the body as it would arrive if that is nothing. */
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

/** What generated code and the server need at run time alike: files of openapi/runtime/, as they are. */
export function readRuntime(file: string): Promise<string> {
  return readFile(join(import.meta.dirname, '../runtime', file), 'utf8');
}
