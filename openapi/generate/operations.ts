import { type Bundle, listOperations, literal } from './bundle.ts';

/** operationId → method, path, security, media types of the request and of every documented status. */
export function renderOperations(bundle: Bundle): string {
  const table = Object.fromEntries(
    listOperations(bundle).map(({ operationId, method, path, security, requestBody, responses }) => [
      operationId,
      {
        method,
        path,
        security,
        requestMediaTypes: Object.keys(requestBody?.content ?? {}),
        responses: Object.fromEntries(
          Object.entries(responses).map(([status, { content }]) => [status, Object.keys(content ?? {})]),
        ),
      },
    ]),
  );
  return `/** What the description says of each operation: method, path, security and media types. */
export const operations = ${literal(table)} as const;

/** The name of an operation, which is also the name of its handler and of its client method. */
export type OperationId = keyof typeof operations;
`;
}
