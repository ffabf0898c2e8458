// Generated from openapi/ by `npm run generate`. Do not edit.

/** The validation errors of a value. The server and the validators share this code, so their messages are the same. */
import { parseStrictJson } from './strict-json.ts';

/** The reasons by field. A nested field has a dotted path; the whole body has the name `body`. */
export type ValidationErrors = Record<string, string[]>;

/** A value as it would arrive at the server, or the reasons why the server would reject it. */
export type Validated<Value> =
  | { readonly value: Value; readonly validation_errors?: undefined }
  | { readonly value?: undefined; readonly validation_errors: ValidationErrors };

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

/** Converts a JSON pointer to a dotted path: `/metadata/a~1b` → `metadata.a/b`. */
export function toField(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.') || 'body';
}

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
  if (new TextEncoder().encode(JSON.stringify(value)).length > bytes)
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

/** Groups the errors of a JSON Schema validator by field. */
function toValidationErrors(
  errors: readonly SchemaError[],
  patternMessages: Rules['patternMessages'],
): ValidationErrors {
  const reasons = new Map<string, string[]>();
  for (const error of errors) {
    const field = toField(pointerOf(error));
    const { allowedValues } = error.params;
    const message = allowedValues ? `${error.message}: ${allowedValues.join(', ')}` : error.message;
    reasons.set(field, [...(reasons.get(field) ?? []), toReason(message, patternMessages)]);
  }
  return Object.fromEntries(reasons);
}

/** Returns the JSON text of a value. A value without one becomes `null`, which no body schema accepts. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}

/** Validates a body in the same order as the server: strict JSON, schema, size. */
export function validate<Value>(body: unknown, { check, sizes, maxDepth, patternMessages }: Rules): Validated<Value> {
  const parsed = parseStrictJson(toText(body), maxDepth);
  if ('violations' in parsed) return { validation_errors: Object.fromEntries(parsed.violations) };
  const value = 'value' in parsed ? parsed.value : null;
  if (!check(value)) return { validation_errors: toValidationErrors(check.errors ?? [], patternMessages) };
  const fields = value as Record<string, unknown>;
  const oversized = Object.entries(sizes)
    .map(([name, limits]): [string, string[]] => [name, name in fields ? checkSize(fields[name], limits) : []])
    .filter(([, reasons]) => reasons.length > 0);
  if (oversized.length > 0) return { validation_errors: Object.fromEntries(oversized) };
  return { value: value as Value };
}
