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

/** Where a keyword of a request schema comes from: a page lists each field, but not how far its values go. */
const keywordLevels: Readonly<Record<string, Level>> = {
  type: 'documented',
  required: 'documented',
  null: 'inferred',
  enum: 'inferred',
  minLength: 'inferred',
};

/** Where it comes from that a keyword of a request schema is enforced. */
export const levelOfKeyword = (keyword: string): Level => keywordLevels[keyword] ?? 'extension';

/** Something that a value has wrong, and where it comes from that it is wrong. */
export interface Mistake {
  readonly message: string;
  readonly provenance: Level;
}

/** A bundled description at a level: what is demanded of an implementation. */
export interface Contract {
  readonly bundle: Bundle;
  readonly level: Level;
  readonly operations: readonly Operation[];
  /** Whether this level has another one in it. */
  includes(level: Level): boolean;
  /** Whether this level demands what is marked so. Unmarked means documented. */
  demands(node: object | undefined): boolean;
  /** The operation with this verb, if the level has it. */
  find(verb: Verb): Operation | undefined;
  deref<T extends object>(node: object): T;
  /** Where a place in the bundle really is: references are followed, as far as there is something. */
  locate(pointer: string): string;
  /** Checks a value against a schema, leaving out what the level does not demand. */
  validate(schema: Schema, value: unknown): Mistake[];
}

const escapePart = (part: string) => part.replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer into the bundle made of these names. */
export const pointerOf = (...parts: readonly (string | number)[]): string =>
  parts.map((part) => `/${escapePart(String(part))}`).join('');

/** Where a pointer leads in the end. */
function followPointer(bundle: Bundle, pointer: string): string {
  let [node, at]: [unknown, string] = [bundle, ''];
  for (const part of pointer.split('/').slice(1)) {
    const target = (node as { $ref?: string }).$ref;
    if (target !== undefined) at = target.slice(1);
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const next: unknown = (deref(bundle, node as object) as Record<string, unknown>)[name];
    if (typeof node !== 'object' || next === undefined) return at;
    [node, at] = [next, `${at}/${part}`];
  }
  return at;
}

/** Where a node says that it comes from. */
export const provenanceOf = (node: object | undefined): Level =>
  ((node as { 'x-provenance'?: Level } | undefined)?.['x-provenance'] ?? 'documented') as Level;

/** The one of two levels that demands more. */
export const laterOf = (left: Level, right: Level): Level =>
  levels.indexOf(left) > levels.indexOf(right) ? left : right;

interface ObjectSchema {
  properties?: Record<string, Schema>;
  required?: string[];
}

const rfc3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Validators of schemas without references and without the properties that a level does not demand. */
function createValidators(bundle: Bundle) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  // The package's own takes a time without a zone for one with a zone.
  ajv.addFormat('date-time', (text) => rfc3339.test(text) && !Number.isNaN(Date.parse(text)));
  const compiled = new Map<Level, Map<Schema, ValidateFunction>>(levels.map((level) => [level, new Map()]));

  const project = (node: Schema, level: Level): Schema => {
    type Parts = Schema & ObjectSchema & { items?: Schema; anyOf?: Schema[] };
    const { properties = {}, required = [], items, anyOf, ...schema } = deref<Schema>(bundle, node) as Parts;
    const kept = Object.entries(properties).filter(([, property]) => laterOf(provenanceOf(property), level) === level);
    const names = new Set(kept.map(([name]) => name));
    return {
      ...schema,
      ...(kept.length > 0 && {
        properties: Object.fromEntries(kept.map(([name, property]) => [name, project(property, level)])),
      }),
      ...(required.length > 0 && { required: required.filter((name) => names.has(name)) }),
      ...(items && { items: project(items, level) }),
      ...(anyOf && { anyOf: anyOf.map((choice) => project(choice, level)) }),
    };
  };

  return (schema: Schema, value: unknown, level: Level): string[] => {
    const known = compiled.get(level) as Map<Schema, ValidateFunction>;
    const validate = known.get(schema) ?? ajv.compile(project(schema, level));
    known.set(schema, validate);
    validate(value);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || 'the body'} ${message}`);
  };
}

/** Compiling takes longer than a short run; whoever makes many suites of a bundle shares it. */
const validators = new WeakMap<Bundle, ReturnType<typeof createValidators>>();

/** The contract of a bundle at a level. */
export function readContract(bundle: Bundle, level: Level): Contract {
  const includes = (other: Level) => laterOf(other, level) === level;
  const demands = (node: object | undefined) => includes(provenanceOf(node));
  const findMistakes = validators.get(bundle) ?? createValidators(bundle);
  validators.set(bundle, findMistakes);

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
    includes,
    demands,
    find: (verb) => operations.find((operation) => operation.verb === verb),
    deref: <T extends object>(node: object) => deref<T>(bundle, node as T),
    locate: (pointer) => followPointer(bundle, pointer),
    validate(schema, value) {
      return findMistakes(schema, value, level).map((message) => {
        // What is wrong at a lower level already comes from there.
        const first = levels.find((each) => findMistakes(schema, value, each).includes(message));
        return { message, provenance: first ?? level };
      });
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
