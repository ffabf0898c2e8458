import { type Bundle, deref, listOperations, literal, type Schema } from './bundle.ts';

/** operationId → method, path, security, media types of the request and of every documented status. */
export function renderOperations(bundle: Bundle): string {
  const table = Object.fromEntries(
    listOperations(bundle).map(({ operationId, method, path, security, parameters, requestBody, responses }) => [
      operationId,
      {
        method,
        path,
        security,
        // The parameters in the query that are not text, by type.
        queryTypes: Object.fromEntries(
          parameters
            .filter((parameter) => parameter.in === 'query')
            .map(({ name, schema }) => [name, deref<Schema>(bundle, schema).type])
            .filter(([, type]) => type !== 'string'),
        ),
        headers: parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name),
        requestMediaTypes: Object.keys(requestBody?.content ?? {}),
        responses: Object.fromEntries(
          Object.entries(responses).map(([status, { content }]) => [status, Object.keys(content ?? {})]),
        ),
      },
    ]),
  );
  return `/** What the description says of each operation: method, path, security, parameters and media types. */
export const operations = ${literal(table)} as const;

/** The name of an operation, which is also the name of its handler and of its client method. */
export type OperationId = keyof typeof operations;
`;
}
