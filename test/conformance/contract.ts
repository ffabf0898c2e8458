import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  type Bundle,
  deref,
  listOperations,
  type Parameter,
  type ResolvedOperation,
  type Schema,
} from '../../openapi/generate/bundle.ts';

/** How much of the contract an implementer follows; each level has the ones before it in it. */
export const levels = ['documented', 'inferred', 'extension'] as const;
export type Level = (typeof levels)[number];

export type { Bundle, Parameter, Schema };
export type Operation = ResolvedOperation & { readonly verb: Verb; readonly pointer: string };
/** What an operation does to an OAuth app: the first word of its operationId. */
export type Verb = 'list' | 'create' | 'get' | 'update' | 'delete' | (string & {});

/** Where a keyword of a schema comes from when a page lists the field, but not how far its values go. */
const keywordProvenance: Record<string, Level> = {
  type: 'documented',
  required: 'documented',
  enum: 'documented',
  minLength: 'inferred',
  additionalProperties: 'inferred',
};

/** A bundled description at a level: what is demanded of an implementation. */
export interface Contract {
  readonly bundle: Bundle;
  readonly level: Level;
  readonly operations: readonly Operation[];
  /** Whether this level demands what is marked so. Unmarked means documented. */
  demands(node: object | undefined): boolean;
  /** Whether this level demands that a keyword of a request schema is enforced. */
  enforces(keyword: string): boolean;
  /** The operation with this verb, if the level has it. */
  find(verb: Verb): Operation | undefined;
  deref<T extends object>(node: object): T;
  /** Checks a body against a schema, leaving out what the level does not demand. Gives what is wrong. */
  validate(schema: Schema, value: unknown): string[];
}

const escapePart = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer into the bundle made of these names. */
export const pointerOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${escapePart(String(part))}`).join('');

/** Where a node says that it comes from. */
export const provenanceOf = (node: object | undefined): Level =>
  ((node as { 'x-provenance'?: Level } | undefined)?.['x-provenance'] ?? 'documented') as Level;

/** The contract of a bundle at a level. */
export function readContract(bundle: Bundle, level: Level): Contract {
  const isWithin = (other: Level) => levels.indexOf(other) <= levels.indexOf(level);
  const resolve = <T extends object>(node: object) => deref<T>(bundle, node as T);
  const demands = (node: object | undefined) => isWithin(provenanceOf(node));
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validators = new Map<Schema, ValidateFunction>();

  /** A schema without references and without the properties that the level does not demand. */
  const project = (node: Schema): Schema => {
    const {
      properties = {},
      required = [],
      items,
      anyOf,
      ...schema
    } = resolve<Schema>(node) as Schema & {
      properties?: Record<string, Schema>;
      required?: string[];
      items?: Schema;
      anyOf?: Schema[];
    };
    const kept = Object.entries(properties).filter(([, property]) => demands(property));
    const names = new Set(kept.map(([name]) => name));
    return {
      ...schema,
      ...(kept.length > 0 && { properties: Object.fromEntries(kept.map(([name, item]) => [name, project(item)])) }),
      ...(required.length > 0 && { required: required.filter((name) => names.has(name)) }),
      ...(items && { items: project(items) }),
      ...(anyOf && { anyOf: anyOf.map(project) }),
    };
  };

  const operations = listOperations(bundle)
    .filter(demands)
    .map((operation) => ({
      ...operation,
      verb: /^[a-z]+/.exec(operation.operationId)?.[0] ?? '',
      pointer: pointerOf('paths', operation.path, operation.method),
    }));

  return {
    bundle,
    level,
    operations,
    demands,
    enforces: (keyword) => isWithin(keywordProvenance[keyword] ?? 'extension'),
    find: (verb) => operations.find((operation) => operation.verb === verb),
    deref: resolve,
    validate(schema, value) {
      const validator = validators.get(schema) ?? ajv.compile(project(schema));
      validators.set(schema, validator);
      validator(value);
      return (validator.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the body'} ${message}`);
    },
  };
}

/** The values of a node's examples, in the order of the description. */
export function examplesOf(contract: Contract, examples: object = {}): unknown[] {
  return Object.values(examples).map((example) => contract.deref<{ value: unknown }>(example as object).value);
}

/** The schema of the JSON body that an operation takes, with its properties resolved. */
export function bodySchemaOf(contract: Contract, operation: Operation) {
  const media = operation.requestBody?.content['application/json'];
  if (media === undefined) return undefined;
  const { properties = {}, required = [] } = contract.deref<Schema & ObjectSchema>(media.schema);
  const demanded = Object.entries(properties).filter(([, property]) => contract.demands(property));
  return {
    required,
    properties: Object.fromEntries(demanded.map(([name, property]) => [name, contract.deref<Schema>(property)])),
    pointer: media.schema.$ref?.slice(1) ?? `${operation.pointer}/requestBody`,
    examples: examplesOf(contract, media.examples) as Record<string, unknown>[],
  };
}

interface ObjectSchema {
  properties?: Record<string, Schema>;
  required?: string[];
}
