/** What is said of a value that fails validation. Server and validators share it, so they say the same. */
import { parseStrictJson } from './strict-json.ts';

/** What was expected of each field (nested ones by dotted path). What is wrong as a whole is filed under `body`. */
export type ValidationErrors = Record<string, string[]>;

/** A value as it would arrive, or why the server would refuse it. */
export type Validated<Value> =
  | { readonly value: Value; readonly validation_errors?: undefined }
  | { readonly value?: undefined; readonly validation_errors: ValidationErrors };

/** How large a JSON value may be: bytes of its text in UTF-8, levels of objects and arrays, values in it. */
export interface SizeLimits {
  readonly bytes: number;
  readonly depth: number;
  readonly values: number;
}

/** What a JSON Schema validator says; as much of it as is read here. */
interface SchemaError {
  readonly instancePath: string;
  readonly message?: string;
  readonly params: { missingProperty?: string; additionalProperty?: string; allowedValues?: readonly unknown[] };
}

/** What a body is held to. */
export interface Rules {
  readonly check: { (value: unknown): boolean; errors?: readonly SchemaError[] | null };
  /** The limits of its properties, by name. */
  readonly sizes: Readonly<Record<string, SizeLimits>>;
  /** What to say instead of `must match pattern …`, by pattern. */
  readonly patternMessages: Readonly<Record<string, string>>;
}

/** A JSON pointer as a dotted path: `/metadata/a~1b` → `metadata.a/b`. */
export function toField(pointer: string): string {
  const parts = pointer.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.') || 'body';
}

/** A message of the JSON Schema validator, in the words that the description has for it. */
export function toReason(message: string | undefined, patternMessages: Rules['patternMessages']): string {
  const [, pattern] = /^must match pattern "(.*)"$/s.exec(message ?? '') ?? [];
  return (pattern !== undefined && patternMessages[pattern]) || (message ?? 'is not valid');
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, item) => sum + countValues(item), 1);
}

/** Why a JSON value is over its limits (but for its depth); empty when it is within them. */
export function checkSize(value: unknown, { bytes, values }: SizeLimits): string[] {
  const reasons = [];
  if (new TextEncoder().encode(JSON.stringify(value)).length > bytes)
    reasons.push(`must not be larger than ${bytes} bytes of JSON`);
  if (countValues(value) - 1 > values) reasons.push(`must not have more than ${values} values`);
  return reasons;
}

/** Where an error is filed: the property that it is about, even if there is none. */
function pointerOf({ instancePath, params }: SchemaError): string {
  const name = params.missingProperty ?? params.additionalProperty;
  if (name === undefined) return instancePath;
  return name && `${instancePath}/${name}`;
}

function explainErrors(errors: readonly SchemaError[], patternMessages: Rules['patternMessages']): ValidationErrors {
  const reasons = new Map<string, string[]>();
  for (const error of errors) {
    const field = toField(pointerOf(error));
    const { allowedValues } = error.params;
    const message = allowedValues ? `${error.message}: ${allowedValues.join(', ')}` : error.message;
    reasons.set(field, [...(reasons.get(field) ?? []), toReason(message, patternMessages)]);
  }
  return Object.fromEntries(reasons);
}

/** The text that is sent for a value. What JSON has no text for is refused like a body that is no object. */
function toText(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
}

/** Holds a value to the rules of a body in the order in which the server does: lossless, schema, size. */
export function validate<Value>(sent: unknown, { check, sizes, patternMessages }: Rules): Validated<Value> {
  const deepest = Math.max(...Object.values(sizes).map(({ depth }) => depth));
  // The body's own braces are one level around those of its properties.
  const parsed = parseStrictJson(toText(sent), deepest + 1);
  if ('violations' in parsed) return { validation_errors: Object.fromEntries(parsed.violations) };
  const value = 'value' in parsed ? parsed.value : null;
  if (!check(value)) return { validation_errors: explainErrors(check.errors ?? [], patternMessages) };
  const fields = value as Record<string, unknown>;
  const excesses = Object.entries(sizes)
    .map(([name, limits]): [string, string[]] => [name, name in fields ? checkSize(fields[name], limits) : []])
    .filter(([, reasons]) => reasons.length > 0);
  if (excesses.length > 0) return { validation_errors: Object.fromEntries(excesses) };
  return { value: value as Value };
}
