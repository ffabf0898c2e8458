// Generated from openapi/ by `npm run generate`. Do not edit.

/** The validation errors of a value. The server and the validators share this code, so their messages are the same. */
import { parseStrictJson } from './strict-json.ts';

/**
 * The reasons by field. A nested field has a dotted path; the whole body has the name `body`.
 *
 * @example
 * const errors: ValidationErrors = { name: ['must NOT have fewer than 1 characters'] };
 */
export type ValidationErrors = Record<string, string[]>;

/**
 * A value as it would arrive at the server, or the reasons why the server would reject it.
 *
 * @example
 * const { value, validation_errors }: Validated<CreateOAuthApp> = validateCreateOAuthApp({ name: '' });
 * console.log(value, Object.keys(validation_errors ?? {}));
 */
export type Validated<Value> =
  | {
      /** Value as it would arrive: properties that are `undefined` are left out. */
      readonly value: Value;
      /** Reasons by field; undefined for a value that the server accepts. */
      readonly validation_errors?: undefined;
    }
  | {
      /** Undefined for a value that the server rejects. */
      readonly value?: undefined;
      /** Reasons by field. */
      readonly validation_errors: ValidationErrors;
    };

/**
 * A reason why a value would be rejected.
 *
 * @example
 * const show = ({ path, code, message }: Issue) => `${path.join('.')} (${code}): ${message}`;
 * console.log(validateUpdateOAuthApp['~standard'].validate({ name: 1 }).issues?.map(show));
 */
export interface Issue {
  /** The reason in the server's words. */
  readonly message: string;
  /** The names on the way to the field; empty for the whole body. */
  readonly path: readonly string[];
  /** The keyword of JSON Schema that failed, such as `minLength`; `storable` and `size` for what it has no keyword for. */
  readonly code: string;
  /** The values of the keyword, such as `{ limit: 1 }`. */
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * Validator of a body: a function, and a schema for libraries that take Standard Schema.
 *
 * @see https://standardschema.dev
 * @example
 * const isRight = <Value>(validate: Validator<Value>, body: unknown) => validate(body).validation_errors === undefined;
 * console.log(isRight(validateUpdateOAuthApp, { name: 'New' })); // true
 */
export interface Validator<Value> {
  (value: unknown): Validated<Value>;
  /** The interface of Standard Schema, which form libraries and routers call. */
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (
      value: unknown,
    ) => { readonly value: Value; readonly issues?: undefined } | { readonly issues: readonly Issue[] };
    readonly types?: { readonly input: Value; readonly output: Value } | undefined;
  };
}

/** The size limits of a JSON value. A limit that is left out does not exist. */
export interface SizeLimits {
  /** Bytes of its text in UTF-8. */
  readonly bytes?: number;
  /** Levels of objects and arrays, including the outermost one. A body has one for all its properties: `maxDepth`. */
  readonly depth?: number;
  /** Values in it, at all levels, names not counted. */
  readonly values?: number;
}

/** An error of a JSON Schema validator, with the members that are read here. */
interface SchemaError {
  readonly instancePath: string;
  readonly message?: string;
  readonly keyword: string;
  readonly params: { missingProperty?: string; additionalProperty?: string; allowedValues?: readonly unknown[] };
}

/** The rules for a body. */
export interface Rules {
  /** Validates the body against its schema. */
  readonly check: { (value: unknown): boolean; errors?: readonly SchemaError[] | null };
  /** The size limits of its properties, by name. */
  readonly sizes: Readonly<Record<string, SizeLimits>>;
  /** Levels of objects and arrays in the body, including the outermost one. */
  readonly maxDepth: number;
  /** The messages that replace `must match pattern …`, by pattern. */
  readonly patternMessages: Readonly<Record<string, string>>;
}

const toPath = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

const joinPath = (path: readonly string[]): string => path.join('.') || 'body';

/** Converts a JSON pointer to a dotted path: `/metadata/a~1b` → `metadata.a/b`. */
export const toField = (pointer: string): string => joinPath(toPath(pointer));

/** Returns a message of the JSON Schema validator, or the message of the description for its pattern. */
export function toReason(message: string | undefined, patternMessages: Rules['patternMessages']): string {
  const [, pattern] = /^must match pattern "(.*)"$/s.exec(message ?? '') ?? [];
  return (pattern !== undefined && patternMessages[pattern]) || (message ?? 'is not valid');
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, item) => sum + countValues(item), 1);
}

/** Returns why a JSON value exceeds its limits, or an empty list. Does not check its depth. */
export function checkSize(value: unknown, { bytes = Infinity, values = Infinity }: SizeLimits): string[] {
  const reasons = [];
  const text = JSON.stringify(value);
  // A UTF-16 code unit takes three bytes of UTF-8 at most, so that a short text need not be encoded.
  if (text.length * 3 > bytes && new TextEncoder().encode(text).length > bytes)
    reasons.push(`must not be larger than ${bytes} bytes of JSON`);
  if (countValues(value) - 1 > values) reasons.push(`must not have more than ${values} values`);
  return reasons;
}

/** Returns the pointer of the property that an error is about, also when the property is missing. */
function pointerOf({ instancePath, params }: SchemaError): string {
  const name = params.missingProperty ?? params.additionalProperty;
  if (name === undefined) return instancePath;
  return name && `${instancePath}/${name}`;
}

/** Converts an error of a JSON Schema validator. */
function toIssue(error: SchemaError, patternMessages: Rules['patternMessages']): Issue {
  const { keyword, params } = error;
  const { allowedValues } = params;
  const message = allowedValues ? `${error.message}: ${allowedValues.join(', ')}` : error.message;
  return { message: toReason(message, patternMessages), path: toPath(pointerOf(error)), code: keyword, params };
}

/** Creates issues of one field that JSON Schema has no keyword for. */
const fieldIssues = (field: string, reasons: readonly string[], code: string): Issue[] =>
  reasons.map((message) => ({ message, path: field === 'body' ? [] : field.split('.'), code, params: {} }));

/** Returns the JSON text of a value. A value without one becomes `null`, which no body schema accepts. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}

/** Validates a body in the same order as the server: strict JSON, schema, size. */
function findIssues(
  body: unknown,
  { check, sizes, maxDepth, patternMessages }: Rules,
): { value: unknown; issues: Issue[] } {
  const parsed = parseStrictJson(toText(body), maxDepth);
  if ('violations' in parsed) {
    const issues = [...parsed.violations].flatMap(([field, reasons]) => fieldIssues(field, reasons, 'storable'));
    return { value: undefined, issues };
  }
  const value = 'value' in parsed ? parsed.value : null;
  if (!check(value)) return { value, issues: (check.errors ?? []).map((error) => toIssue(error, patternMessages)) };
  const fields = value as Record<string, unknown>;
  const issues = Object.entries(sizes).flatMap(([name, limits]) =>
    name in fields ? fieldIssues(name, checkSize(fields[name], limits), 'size') : [],
  );
  return { value, issues };
}

/** Creates the validator of a body. The rules are read when they are needed, so that a bundler can leave it out. */
export function createValidator<Value>(rules: () => Rules): Validator<Value> {
  const validate = (body: unknown): Validated<Value> => {
    const { value, issues } = findIssues(body, rules());
    if (issues.length === 0) return { value: value as Value };
    const reasons = new Map<string, string[]>();
    for (const { path, message } of issues) {
      const field = joinPath(path);
      reasons.set(field, [...(reasons.get(field) ?? []), message]);
    }
    return { validation_errors: Object.fromEntries(reasons) };
  };
  const standard: Validator<Value>['~standard'] = {
    version: 1,
    vendor: 'oauth-apps-contract',
    validate: (body) => {
      const { value, issues } = findIssues(body, rules());
      return issues.length > 0 ? { issues } : { value: value as Value };
    },
  };
  return Object.assign(validate, { '~standard': standard });
}

/**
 * Returns a schema whose issues have other words, for example in another language.
 *
 * @param toMessage - Function that returns the words of an issue.
 * @example const schema = withMessages(validateCreateOAuthApp, ({ code, message }) => words[code] ?? message);
 */
export function withMessages<Value>(
  schema: Pick<Validator<Value>, '~standard'>,
  toMessage: (issue: Issue) => string,
): Pick<Validator<Value>, '~standard'> {
  const { validate, ...standard } = schema['~standard'];
  return {
    '~standard': {
      ...standard,
      validate: (value) => {
        const result = validate(value);
        if (!result.issues) return result;
        return { issues: result.issues.map((issue) => ({ ...issue, message: toMessage(issue) })) };
      },
    },
  };
}
