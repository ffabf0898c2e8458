/** What the bundle gives as examples: a request for each operation, and an answer for each of its statuses. */
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

/** The values of a node's examples, in the order of the description. */
export function valuesOf(examples: Examples = {}): unknown[] {
  return Object.values(examples).map((example) => deref<{ value: unknown }>(bundle, example).value);
}

/** The path of an operation, the example of each parameter in its place. */
export function pathOf({ path, parameters }: ResolvedOperation): string {
  const examples = new Map(parameters.map((parameter) => [parameter.name, parameter as { example?: string }]));
  return path.replace(/\{(\w+)\}/g, (_, name: string) => examples.get(name)?.example ?? '');
}

/** A request for each example of the body; one without a body where the operation has none. */
export function requestsOf({ method, requestBody }: ResolvedOperation): [RequestInit, ...RequestInit[]] {
  const init = { method: method.toUpperCase() };
  const [first, ...others] = valuesOf(requestBody?.content['application/json']?.examples);
  const withBody = (body: unknown) => ({ ...init, body: JSON.stringify(body) });
  return first === undefined ? [init] : [withBody(first), ...others.map(withBody)];
}

/** The answer that the description gives as an example of a status: the first one where there are several. */
export function responseOf({ responses }: ResolvedOperation, status: string) {
  const { content = {}, headers = {} } = responses[status] ?? {};
  const [mediaType = null, { examples } = {}] = Object.entries<Partial<MediaType>>(content)[0] ?? [];
  const exampleOf = (header: unknown) =>
    String(valuesOf(deref<{ examples?: Examples }>(bundle, header as Ref).examples)[0]);
  return {
    status: Number(status),
    mediaType,
    headers: Object.fromEntries(Object.entries(headers).map(([name, header]) => [name, exampleOf(header)])),
    body: valuesOf(examples)[0],
  };
}
