/** Checks of the stateful mock: parameters by the description, bodies by the validators. */
import description from '../generated/openapi.json' with { type: 'json' };
import { parseStrictJson } from '../generated/strict-json.ts';
import { checkSize, type Issue, type ValidationErrors, type Validator } from '../generated/validation.ts';
import { limits, type problems } from '../generated/values.ts';

/** The rejection of a request. */
export interface Rejection {
  readonly problem: keyof typeof problems;
  readonly summary?: string | undefined;
  readonly errors?: ValidationErrors | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A value that is right, or the rejection of the request. */
export type Checked<Value> = { readonly value: Value } | { readonly rejection: Rejection };

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly 'x-pattern-message'?: string;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: Schema;
}

type Node = Readonly<Record<string, unknown>>;

/** Returns what a local `$ref` points to. */
function deref<Value extends object>(node: Value | { $ref: string }): Value {
  if (!('$ref' in node) || typeof node.$ref !== 'string') return node as Value;
  const names = node.$ref.slice('#/'.length).split('/');
  return deref(names.reduce<unknown>((at, name) => (at as Node)[name], description) as Value);
}

const itemOf = (path: string): Node => (description.paths as object as Record<string, Node>)[path] ?? {};

/** Whether an operation has a body. */
export const hasBody = (path: string, method: string): boolean =>
  (itemOf(path)[method] as Node | undefined)?.requestBody !== undefined;

/** Lists the parameters of an operation. */
export function listParameters(path: string, method: string): readonly Parameter[] {
  const item = itemOf(path);
  const own = ((item[method] as Node | undefined)?.parameters ?? []) as Parameter[];
  return [...((item.parameters ?? []) as Parameter[]), ...own].map((parameter) => deref<Parameter>(parameter));
}

const spellings: Readonly<Record<string, RegExp>> = {
  integer: /^(?:0|-?[1-9]\d{0,15})$/,
  boolean: /^(?:true|false)$/,
};

/** Returns the reasons why the text of a parameter is wrong. */
function checkText(text: string, schema: Schema): string[] {
  const { type = 'string', minimum, maximum, minLength, maxLength, pattern } = schema;
  if (spellings[type]?.test(text) === false) return [`must be ${type}`];
  const { length } = [...text];
  return [
    ...(schema.enum && !schema.enum.includes(text) ? [enumReason(schema.enum)] : []),
    ...(minimum !== undefined && Number(text) < minimum ? [`must be >= ${minimum}`] : []),
    ...(maximum !== undefined && Number(text) > maximum ? [`must be <= ${maximum}`] : []),
    ...(minLength !== undefined && length < minLength ? [`must NOT have fewer than ${minLength} characters`] : []),
    ...(maxLength !== undefined && length > maxLength ? [`must NOT have more than ${maxLength} characters`] : []),
    ...(pattern !== undefined && !new RegExp(pattern, 'u').test(text)
      ? [schema['x-pattern-message'] ?? `must match pattern "${pattern}"`]
      : []),
  ];
}

const enumReason = (values: readonly unknown[]) => `must be equal to one of the allowed values: ${values.join(', ')}`;

/** Returns the reasons against a parameter that is given more than once: the server sees a list. */
const refuseList = ({ type = 'string', enum: values }: Schema): string[] => [
  `must be ${type}`,
  ...(values ? [enumReason(values)] : []),
];

/** Checks the parameters of a request, which are sent as text. */
export function checkParameters(
  parameters: readonly Parameter[],
  query: URLSearchParams,
  headers: Headers,
): ValidationErrors {
  const errors: ValidationErrors = {};
  const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  for (const name of new Set(query.keys())) {
    if (!known.includes(name)) errors[name] = [`Unknown query parameter '${name}'`];
  }
  for (const parameter of parameters) {
    const text =
      parameter.in === 'query'
        ? query.get(parameter.name)
        : parameter.in === 'header'
          ? headers.get(parameter.name)
          : null;
    const schema = parameter.schema && deref<Schema>(parameter.schema);
    if (text === null || schema === undefined || schema.type === 'object') continue;
    const isRepeated = parameter.in === 'query' && query.getAll(parameter.name).length > 1;
    const reasons = isRepeated ? refuseList(schema) : checkText(text, schema);
    if (reasons.length > 0) errors[parameter.name] = reasons;
  }
  return errors;
}

const jsonType = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i;

function decode(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function toErrors(issues: readonly Issue[]): ValidationErrors {
  const errors: ValidationErrors = {};
  for (const { path, message } of issues) {
    const field = path.join('.') || 'body';
    errors[field] = [...(Object.hasOwn(errors, field) ? (errors[field] ?? []) : []), message];
  }
  return errors;
}

/** Reads a body as the server does: media type, size, UTF-8, strict JSON, schema. `errors` are those of the parameters. */
export async function readBody<Value>(
  { request, errors }: { readonly request: Request; readonly errors: ValidationErrors },
  validator: Validator<Value>,
): Promise<Checked<Value>> {
  const isPlain = (request.headers.get('content-encoding') ?? 'identity') === 'identity';
  if (!isPlain || !jsonType.test(request.headers.get('content-type') ?? '')) {
    return { rejection: { problem: 'UnsupportedMediaType' } };
  }
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > limits.bodyBytes) return { rejection: { problem: 'ContentTooLarge' } };
  const text = decode(bytes);
  if (text === undefined) return { rejection: { problem: 'MalformedRequest', summary: 'The body is not UTF-8.' } };
  const parsed = parseStrictJson(text, limits.metadata.depth + 1);
  if ('isMalformed' in parsed) return { rejection: { problem: 'MalformedRequest', summary: 'The body is not JSON.' } };
  if ('violations' in parsed) return { rejection: invalid(Object.fromEntries(parsed.violations)) };
  const result = validator['~standard'].validate(parsed.value);
  const all = { ...errors, ...toErrors(result.issues ?? []) };
  if (result.issues || Object.keys(all).length > 0) return { rejection: invalid(all) };
  return { value: result.value };
}

/** Rejects a request whose fields fail validation. */
export const invalid = (errors: ValidationErrors): Rejection => ({ problem: 'ValidationFailed', errors });

/** Parses the `metadata` filter. */
export function parseFilter(text: string): Checked<Node> {
  const parsed = parseStrictJson(text, limits.metadata.depth);
  const reject = (...reasons: string[]) => ({ rejection: invalid({ metadata: reasons }) });
  if ('isMalformed' in parsed) return reject('must be a JSON object, URL-encoded');
  if ('violations' in parsed) return reject(...new Set([...parsed.violations.values()].flat()));
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return reject('must be a JSON object');
  const { properties } = limits.metadataFilterText;
  const isWide = Object.keys(value).length > properties;
  const reasons = [
    ...checkSize(value, limits.metadata),
    ...(isWide ? [`must not have more than ${properties} properties`] : []),
  ];
  return reasons.length > 0 ? reject(...reasons) : { value: value as Node };
}
