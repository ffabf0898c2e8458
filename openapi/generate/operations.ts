import { type Bundle, deref, listOperations, literal, type Schema } from './bundle.ts';

/** Renders the operations by operationId, with the facts that the server and the client need at run time. */
export function renderOperations(bundle: Bundle): string {
  const table = Object.fromEntries(
    listOperations(bundle).map(({ operationId, method, path, security, parameters, requestBody, responses }) => [
      operationId,
      {
        method,
        path,
        security,
        // The types of the query parameters that are not strings.
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
  return `/** Method, path, security, parameters and media types of each operation. */
export const operations = ${literal(table)} as const;

/** The name of an operation, of its handler and of its client method. */
export type OperationId = keyof typeof operations;
`;
}
