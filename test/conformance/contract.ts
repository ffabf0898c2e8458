import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import {
  type Bundle,
  deref,
  listOperations,
  type Parameter,
  type ResolvedOperation,
  type Schema,
} from '../../openapi/generate/bundle.ts';
import { groupBy } from './group-by.ts';
import { findSentence, followPointer, pointerOf } from './pointers.ts';
import { findResources, isSecret, type Place, placeOf, type Resource, type Verb } from './resources.ts';

/**
 * Levels of the contract, in ascending order. Each one includes those before it.
 *
 * @example
 * console.log(levels[0]); // documented
 */
export const levels = ['documented', 'inferred', 'extension'] as const;

/**
 * Level of the contract. `documented`: stated by Sequin's pages; `inferred`: shown by their examples; `extension`: added
 * by this description.
 *
 * @example
 * const level: Level = 'documented';
 * const suite = createSuite({ baseUrl, token, level });
 */
export type Level = (typeof levels)[number];

export { generalPointer, parameterPointer, pointerOf, responsePointer } from './pointers.ts';
export type { Bundle, Parameter, Schema };
export type Operation = ResolvedOperation & Place & { readonly pointer: string };

/** Levels of the keywords of request schemas. The pages list each field, but not the limits of its values. */
const keywordLevels: Readonly<Record<string, Level>> = {
  type: 'documented',
  required: 'documented',
  null: 'inferred',
  enum: 'inferred',
  minLength: 'inferred',
};

/** Returns the level at which a keyword of a request schema has to be enforced. */
export const levelOfKeyword = (keyword: string): Level => keywordLevels[keyword] ?? 'extension';

/** Violation of a schema, and the level of the violated keyword. */
export interface ValidationFailure {
  readonly message: string;
  /** Message without indexes, and without the place of an item in a list. */
  readonly cause: string;
  readonly provenance: Level;
  /** Whether the violated keyword is `required`. */
  readonly isMissing: boolean;
}

/** Bundled description at one level: the requirements on an implementation. */
export interface Contract {
  readonly bundle: Bundle;
  readonly level: Level;
  /** Operations of the resource, or every one where the contract is about no resource. */
  readonly operations: readonly Operation[];
  /** Resource that the operations belong to; undefined for the whole description and for operations of none. */
  readonly resource?: Resource;
  /** Contracts of each resource, and one of the operations that belong to none. */
  readonly parts: readonly Contract[];
  /** Returns whether this level includes another one. */
  includes(level: Level): boolean;
  /** Returns whether this level requires a node of the description. A node without provenance is documented. */
  requires(node: object | undefined): boolean;
  /** Returns the operation with this verb, or undefined where the level has none. */
  findOperation(verb: Verb): Operation | undefined;
  /** Returns the contract of the resource with a name; undefined where there is none. */
  partOf(name: string): Contract | undefined;
  /** Returns the target of a `$ref`, and any other node unchanged. */
  deref<T extends object>(node: object): T;
  /** Returns the pointer with its references followed, up to the last part that exists. */
  resolvePointer(pointer: string): string;
  /**
   * Returns the first sentence of the description at a pointer, or of the nearest node above it that has one.
   *
   * @param topic - First words of the paragraph of a longer description that is meant.
   */
  sentenceAt(pointer: string, topic?: string): string;
  /** Validates a value against a schema, without the properties that the level does not require. */
  validate(schema: Schema, value: unknown): ValidationFailure[];
}

/** Returns the level that a node of the description belongs to. */
export const provenanceOf = (node: object | undefined): Level =>
  ((node as { 'x-provenance'?: Level } | undefined)?.['x-provenance'] ?? 'documented') as Level;

/** Returns the higher of two levels. */
export const higherLevel = (left: Level, right: Level): Level =>
  levels.indexOf(left) > levels.indexOf(right) ? left : right;

interface ObjectSchema {
  properties?: Record<string, Schema>;
  required?: string[];
  minProperties?: number;
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Returns a schema with its references resolved, without the properties that a level does not require. */
function projectSchema(bundle: Bundle, node: Schema, level: Level): Schema {
  type Parts = Schema & ObjectSchema & { items?: Schema } & Record<'anyOf' | 'oneOf' | 'allOf', Schema[] | undefined>;
  const { properties = {}, required = [], items, ...schema } = deref<Schema>(bundle, node) as Parts;
  const project = (part: Schema) => projectSchema(bundle, part, level);
  const kept = Object.entries(properties).filter(
    ([, property]) => higherLevel(provenanceOf(property), level) === level,
  );
  const names = new Set(kept.map(([name]) => name));
  const choices = (['anyOf', 'oneOf', 'allOf'] as const).flatMap((keyword) =>
    schema[keyword] ? [[keyword, schema[keyword].map(project)]] : [],
  );
  return {
    ...schema,
    ...(kept.length > 0 && {
      properties: Object.fromEntries(kept.map(([name, property]) => [name, project(property)])),
    }),
    ...(required.length > 0 && { required: required.filter((name) => names.has(name) || !(name in properties)) }),
    ...(items && { items: project(items) }),
    ...Object.fromEntries(choices),
  };
}

type SchemaFailure = Omit<ValidationFailure, 'provenance'>;

/** Returns the errors of ajv as failures: one for the missing properties of an object, one for a choice of schemas. */
function toFailures(errors: readonly ErrorObject[]): SchemaFailure[] {
  const own = errors.filter(
    ({ schemaPath, keyword }) => !/\/(anyOf|oneOf)\/\d/.test(schemaPath) || keyword === 'anyOf' || keyword === 'oneOf',
  );
  const toFailure = (path: string, text: string, isMissing: boolean): SchemaFailure => {
    const place = path.replace(/^\/data(?=\/\d)/, '').replaceAll(/\/\d+(?=\/|$)/g, '');
    return { message: `${path || 'the body'} ${text}`, cause: `${place.slice(1) || 'the body'} ${text}`, isMissing };
  };
  const missing = groupBy(
    own.filter(({ keyword }) => keyword === 'required'),
    ({ instancePath }) => instancePath,
  );
  return [
    ...[...missing].map(([path, ofPath]) => {
      const [first, ...others] = ofPath.map(({ params }) => `'${params.missingProperty}'`);
      const more = others.length > 0 ? ` (and ${others.join(', ')})` : '';
      return toFailure(path, `must have required property ${first}${more}`, true);
    }),
    ...own
      .filter(({ keyword }) => keyword !== 'required')
      .map(({ instancePath, keyword, message, params }) => {
        const allowed = keyword === 'const' ? [params.allowedValue] : keyword === 'enum' ? params.allowedValues : [];
        const values = (allowed as unknown[]).map((value) => ` ${JSON.stringify(value)}`).join();
        return toFailure(instancePath, `${message}${values}`, false);
      }),
  ];
}

/** Returns a validator that resolves references and drops the properties that a level does not require. */
function createSchemaValidator(bundle: Bundle) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // The format of ajv-formats accepts a time without a zone.
  ajv.addFormat('date-time', (text) => rfc3339.test(text) && !Number.isNaN(Date.parse(text)));
  const compiled = new Map<Level, Map<Schema, ValidateFunction>>(levels.map((level) => [level, new Map()]));

  return (schema: Schema, value: unknown, level: Level): SchemaFailure[] => {
    const known = compiled.get(level) as Map<Schema, ValidateFunction>;
    const validate = known.get(schema) ?? ajv.compile(projectSchema(bundle, schema, level));
    known.set(schema, validate);
    return validate(value) ? [] : toFailures(validate.errors ?? []);
  };
}

/** Validators by bundle. Compiling takes longer than a short run, so that suites of one bundle share them. */
const validators = new WeakMap<Bundle, ReturnType<typeof createSchemaValidator>>();

const missingNames = (text: string) => [...text.matchAll(/'([^']*)'/g)].map(([quoted]) => quoted);

/** Returns a failure without the missing properties that a lower level has reported. An empty message if none is left. */
function withoutKnown(failure: SchemaFailure, known: ReadonlyMap<string, ValidationFailure>) {
  const { message, cause, isMissing } = failure;
  if (!isMissing) return known.has(message) ? { message: '', cause } : failure;
  const [place = ''] = message.split(' must have required');
  const reported = [...known.values()].filter((each) => each.isMissing && each.message.startsWith(`${place} must`));
  const names = missingNames(message).filter((name) => !reported.some((each) => each.message.includes(name)));
  if (names.length === 0) return { message: '', cause };
  const [first, ...others] = names;
  const text = `must have required property ${first}${others.length > 0 ? ` (and ${others.join(', ')})` : ''}`;
  return { message: `${place} ${text}`, cause: `${cause.split(' must have required')[0]} ${text}` };
}

/** Returns the contract of a bundle at a level. */
export function readContract(bundle: Bundle, level: Level): Contract {
  const includes = (other: Level) => higherLevel(other, level) === level;
  const requires = (node: object | undefined) => includes(provenanceOf(node));
  const findFailures = validators.get(bundle) ?? createSchemaValidator(bundle);
  validators.set(bundle, findFailures);

  const required = listOperations(bundle).filter(requires);
  const resources = findResources(bundle, required);
  const all = required.map((operation): Operation => {
    const place = placeOf(operation, resources);
    return { ...operation, ...place, pointer: pointerOf('paths', operation.path, operation.method) };
  });

  const common = {
    ...{ bundle, level, includes, requires },
    deref: <T extends object>(node: object) => deref<T>(bundle, node as T),
    resolvePointer: (pointer: string) => followPointer(bundle, pointer),
    sentenceAt: (pointer: string, topic?: string) => findSentence(bundle, pointer, topic),
    validate(schema: Schema, value: unknown) {
      // The lowest level that has a failure is its provenance. Each level has the failures that lower ones have not.
      const known = new Map<string, ValidationFailure>();
      for (const each of levels.filter(includes)) {
        for (const failure of findFailures(schema, value, each)) {
          const { message, cause } = withoutKnown(failure, known);
          if (message !== '') known.set(message, { ...failure, message, cause, provenance: each });
        }
      }
      return [...known.values()];
    },
  };
  const withOperations = (operations: readonly Operation[], resource?: Resource) => ({
    ...common,
    ...{ operations, resource },
    findOperation: (verb: Verb) => operations.find((operation) => operation.verb === verb),
  });
  const parts: Contract[] = [];
  const partOf = (name: string) => parts.find(({ resource }) => resource?.name === name);
  const groups = groupBy(all, ({ resource }) => resource);
  for (const [resource, operations] of groups) {
    parts.push({ ...withOperations(operations, resource), parts, partOf });
  }
  return { ...withOperations(all), parts, partOf };
}

/** Returns the values of a node's examples, in the order of the description. */
export function examplesOf(contract: Contract, examples: object = {}): unknown[] {
  return Object.values(examples).map((example) => contract.deref<{ value: unknown }>(example as object).value);
}

/** Body schemas of a contract that were read. Every request needs one. */
const bodySchemas = new WeakMap<Contract, Map<Operation, BodySchema | undefined>>();

/** Returns the schema of an operation's JSON request body with its properties resolved; undefined without a body. */
export function bodySchemaOf(contract: Contract, operation: Operation): BodySchema | undefined {
  const read = bodySchemas.get(contract) ?? new Map<Operation, BodySchema | undefined>();
  bodySchemas.set(contract, read);
  if (!read.has(operation)) read.set(operation, readBodySchema(contract, operation));
  return read.get(operation);
}

function readBodySchema(contract: Contract, operation: Operation) {
  const media = operation.requestBody?.content['application/json'];
  if (media === undefined) return undefined;
  const schema = contract.deref<Schema & ObjectSchema>(media.schema);
  const { properties = {}, required = [], minProperties = 0 } = schema;
  const requiredByLevel = Object.entries(properties).filter(([, property]) => contract.requires(property));
  return {
    required,
    minProperties,
    /** Whether other fields than these are allowed. */
    isOpen: schema.additionalProperties !== false,
    /** Properties as they stand in the schema, with the provenance of each. */
    nodes: properties,
    properties: Object.fromEntries(requiredByLevel.map(([name, property]) => [name, contract.deref<Schema>(property)])),
    pointer: media.schema.$ref?.slice(1) ?? `${operation.pointer}/requestBody`,
    examples: examplesOf(contract, media.examples) as Record<string, unknown>[],
    /** Names of the fields whose values are secret. */
    secrets: Object.entries(properties).flatMap(([name, property]) =>
      isSecret(property) || isSecret(contract.deref(property)) ? [name] : [],
    ),
  };
}

export type BodySchema = NonNullable<ReturnType<typeof readBodySchema>>;
