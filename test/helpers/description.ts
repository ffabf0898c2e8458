import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';
import { type OperationId, operations } from '../../generated/operations.ts';
import { description } from './server.ts';

interface Header {
  required?: boolean;
  schema: { type: string };
}
interface Response {
  headers?: Record<string, { $ref: string }>;
  content?: Record<string, { schema: object }>;
}

const bundle = JSON.parse(description);
// The x- annotations of the description are not keywords of JSON Schema.
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema({ ...bundle, $id: 'bundle' });

const deref = <T extends object>(node: T | { $ref: string }): T =>
  '$ref' in node
    ? node.$ref
        .slice(2)
        .split('/')
        .reduce((at, name) => at[name], bundle)
    : node;

/** Compiles a schema of the bundle with Ajv, independently of the server's validator. */
export function compileValidator(schema: string): ValidateFunction {
  return ajv.compile({ $ref: `bundle#/components/schemas/${schema}` });
}

const validators = new Map<string, ValidateFunction>();

function validate(pointer: string, value: unknown): string[] {
  const validator = validators.get(pointer) ?? ajv.compile({ $ref: `bundle#${pointer}` });
  validators.set(pointer, validator);
  validator(value);
  return (validator.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Expects that the description documents a response of an operation: status, headers, media type and body. Returns the body. */
export async function expectDocumented(operationId: OperationId, response: globalThis.Response): Promise<unknown> {
  const { method, path } = operations[operationId];
  const { status } = response;
  const documented = bundle.paths[path][method].responses[status];
  expect(documented, `${operationId} documents ${status}`).toBeDefined();
  const { headers = {}, content = {} } = deref<Response>(documented);
  for (const [name, header] of Object.entries(headers)) {
    if (deref<Header>(header).required) expect(response.headers.get(name), `${status} ${name}`).not.toBeNull();
  }
  if (Object.keys(content).length === 0) {
    expect(await response.text(), `${operationId} ${status} has no body`).toBe('');
    return undefined;
  }
  const body: unknown = await response.json();
  const [mediaType = ''] = (response.headers.get('content-type') ?? '').split(';');
  expect(Object.keys(content)).toContain(mediaType);
  const at = documented.$ref ?? `#/paths/${path.replaceAll('/', '~1')}/${method}/responses/${status}`;
  const pointer = `${at.slice(1)}/content/${mediaType.replaceAll('/', '~1')}/schema`;
  expect(validate(encodeURI(pointer), body), `${operationId} ${status} body`).toEqual([]);
  return body;
}
