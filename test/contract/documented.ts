/** The examples of the bundle: requests of each operation, and a response for each of its statuses. */
import {
  type Bundle,
  deref,
  listOperations,
  type MediaType,
  type Ref,
  type ResolvedOperation,
} from '../../openapi/generate/bundle.ts';
import { description } from '../helpers/server.ts';

type Examples = MediaType['examples'];

export const bundle: Bundle = JSON.parse(description);
export const operations = listOperations(bundle);

/** Lists the values of examples in the order of the description. */
export function listExampleValues(examples: Examples = {}): unknown[] {
  return Object.values(examples).map((example) => deref<{ value: unknown }>(bundle, example).value);
}

/** Returns the path of an operation with the examples of its parameters. */
export function fillPath({ path, parameters }: ResolvedOperation): string {
  const examples = new Map(parameters.map((parameter) => [parameter.name, parameter as { example?: string }]));
  return path.replace(/\{(\w+)\}/g, (_, name: string) => examples.get(name)?.example ?? '');
}

/** Returns a request for each example of the body, or one without a body. */
export function listRequests({ method, requestBody }: ResolvedOperation): [RequestInit, ...RequestInit[]] {
  const init = { method: method.toUpperCase() };
  const [first, ...others] = listExampleValues(requestBody?.content['application/json']?.examples);
  const withBody = (body: unknown) => ({ ...init, body: JSON.stringify(body) });
  return first === undefined ? [init] : [withBody(first), ...others.map(withBody)];
}

/** Returns the first example of a response with a status. */
export function getDocumentedResponse({ responses }: ResolvedOperation, status: string) {
  const { content = {}, headers = {} } = responses[status] ?? {};
  const [mediaType = null, { examples } = {}] = Object.entries<Partial<MediaType>>(content)[0] ?? [];
  const getExample = (header: unknown) =>
    String(listExampleValues(deref<{ examples?: Examples }>(bundle, header as Ref).examples)[0]);
  return {
    status: Number(status),
    mediaType,
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, getExample(header)])),
    body: listExampleValues(examples)[0],
  };
}
