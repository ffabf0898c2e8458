// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { healthStatuses, providers, version } from '../../generated/values.ts';
import { deref, type MediaType, methods, type Schema } from '../../openapi/generate/bundle.ts';
import { root } from '../helpers/process.ts';
import { bundle, listExampleValues, operations } from './documented.ts';

type Node = Record<string, unknown>;
/** A parameter or a header, which has a schema and may have examples. */
type Exampled = { schema: Schema; example?: unknown; examples?: MediaType['examples'] };

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

/** Returns every property of every object schema at or below a node, with its path. */
function propertiesUnder(node: unknown, path: string): [string, Node][] {
  if (!isNode(node)) return [];
  const own = node.type === 'object' && isNode(node.properties) ? Object.entries(node.properties) : [];
  const here = own.map(([name, property]): [string, Node] => [`${path}.${name}`, property as Node]);
  return [...here, ...Object.entries(node).flatMap(([key, value]) => propertiesUnder(value, `${path}/${key}`))];
}

/** Returns every parameter and header once, with its name. */
function listExampled(): [string, Exampled][] {
  const parameters = operations.flatMap((operation) =>
    operation.parameters.map((parameter): [string, Exampled] => [parameter.name, parameter as Exampled]),
  );
  const headers = operations
    .flatMap((operation) => Object.values(operation.responses))
    .flatMap((response) => Object.entries(response.headers ?? {}))
    .map(([name, header]): [string, Exampled] => [name, deref(bundle, header as Exampled)]);
  const names = new Map([...parameters, ...headers].map(([name, node]) => [node, name]));
  return Array.from(names, ([node, name]) => [name, node]);
}

const withoutProvenance = (nodes: [string, object][]) =>
  nodes.filter(([, node]) => !('x-provenance' in node)).map(([path]) => path);

describe('bundle', () => {
  it('lists the published providers in their order', () => {
    const published =
      'airtable auth0 hubspot github linear marketo netsuite quickbooks salesforce sendgrid servicenow shopify stripe workday';
    expect(bundle.components.schemas.Provider?.enum).toEqual(published.split(' '));
    expect(providers).toEqual(published.split(' '));
  });

  it('lists the published health statuses in their order', () => {
    expect(bundle.components.schemas.HealthStatus?.enum).toEqual(['ok', 'warn', 'error']);
    expect(healthStatuses).toEqual(['ok', 'warn', 'error']);
  });

  it('has one name for every schema', () => {
    const titles = Object.entries(bundle.components.schemas).map(([name, { title }]) => [name, title]);
    expect(titles.filter(([name, title]) => name !== title)).toEqual([]);
  });

  // Some generators put the types of schemas, parameters and responses into one namespace.
  it('has no name twice', () => {
    const { schemas, parameters, responses } = bundle.components;
    const names = [schemas, parameters, responses].flatMap((kind) => Object.keys(kind));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  // Some generators read no body through a `$ref`.
  it('has every success in place', () => {
    const successes = Object.values(bundle.paths).flatMap((item) =>
      methods.flatMap((method) => item[method]?.responses[200] ?? []),
    );
    expect(successes).toHaveLength(operations.length);
    expect(successes.filter((response) => '$ref' in response)).toEqual([]);
  });

  it('has the version of the package', async () => {
    const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(bundle.info.version).toBe(manifest.version);
    expect(version).toBe(manifest.version);
  });

  it('has the provenance of every operation', () => {
    expect(operations).not.toEqual([]);
    expect(withoutProvenance(operations.map((operation) => [operation.operationId, operation]))).toEqual([]);
  });

  it('has the provenance of every parameter and header', () => {
    expect(listExampled()).not.toEqual([]);
    expect(withoutProvenance(listExampled())).toEqual([]);
  });

  it('has the provenance of every property', () => {
    const properties = propertiesUnder({ paths: bundle.paths, components: bundle.components }, '');
    expect(properties.map(([path]) => path)).toContain('/components/schemas/Health.time');
    expect(withoutProvenance(properties)).toEqual([]);
  });

  // The linter validates the examples of bodies, but not the referenced examples of parameters and headers.
  it.each(listExampled())('has valid examples of %s', (_name, { schema, example, examples }) => {
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile({ ...schema, components: bundle.components });
    const values = [...(example === undefined ? [] : [example]), ...listExampleValues(examples)];
    expect(values.filter((value) => !validate(value))).toEqual([]);
  });
});
