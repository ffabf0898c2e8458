/** Builds the request of a code sample from the examples of the description. */

import { argumentName, hasQueryArgument, holdsJson } from '../generate/arguments.ts';
import { type Bundle, deref, type Examples, type Parameter, type ResolvedOperation } from '../generate/bundle.ts';

/** The request of a code sample. */
export interface SampleRequest {
  readonly method: string;
  readonly url: string;
  readonly query: readonly QueryValue[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The arguments of the client's method, by name. */
  readonly args: ReadonlyMap<string, unknown>;
}

/** The value of a query parameter. */
export interface QueryValue {
  readonly name: string;
  /** The value in the URL, before percent-encoding. */
  readonly text: string;
  /** The value that the client accepts. */
  readonly value: unknown;
  /** Whether the text is JSON. */
  readonly isJson: boolean;
}

/** Returns the value of the first example, or undefined when there is none. */
export function firstOf(bundle: Bundle, examples: Examples = {}): unknown {
  const [first] = Object.values(examples);
  return first && deref<{ value: unknown }>(bundle, first).value;
}

/** Returns an example of a parameter, or a placeholder such as `YOUR_ID`. */
function exampleOf(bundle: Bundle, { name, example, examples, schema }: Parameter): unknown {
  return example ?? firstOf(bundle, examples) ?? deref(bundle, schema).enum?.[0] ?? `YOUR_${name.toUpperCase()}`;
}

/** Whether a sample has the parameter. A filter could leave a list empty. */
const isShown = (parameter: Parameter) => parameter.required === true;

/** Parses the example of a parameter that holds JSON. Without an example there is only a placeholder. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Builds the request of an operation's samples to the server at `baseUrl`. */
export function readRequest(bundle: Bundle, operation: ResolvedOperation, baseUrl: string): SampleRequest {
  const valuesIn = (location: Parameter['in']) =>
    operation.parameters
      .filter((parameter) => parameter.in === location && isShown(parameter))
      .map((parameter) => ({ parameter, name: parameter.name, value: exampleOf(bundle, parameter) }));
  const inPath = valuesIn('path');
  const query = valuesIn('query').map(({ parameter, name, value }) => {
    const [text, isJson] = [String(value), holdsJson(parameter)];
    return { name, text, isJson, value: isJson ? parseJson(text) : value };
  });
  const headers = Object.fromEntries(valuesIn('header').map(({ name, value }) => [name, String(value)]));
  const body = firstOf(bundle, operation.requestBody?.content['application/json']?.examples);
  const path = inPath.reduce(
    (at, { name, value }) => at.replace(`{${name}}`, encodeURIComponent(String(value))),
    operation.path,
  );
  const values = query.length > 0 ? Object.fromEntries(query.map(({ name, value }) => [name, value])) : undefined;
  const options = {
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(values && !hasQueryArgument(operation) && { query: values }),
  };
  return {
    ...{ method: operation.method.toUpperCase(), url: baseUrl + path, query, headers, body },
    args: new Map<string, unknown>([
      ...inPath.map(({ name, value }) => [argumentName(name), value] as const),
      ['body', body],
      ['query', values],
      ['options', Object.keys(options).length > 0 ? options : undefined],
    ]),
  };
}
