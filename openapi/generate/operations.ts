import {
  type Bundle,
  deref,
  type Header,
  listOperations,
  literal,
  type Parameter,
  type Response,
  type Schema,
} from './bundle.ts';

/** Returns the type of a query parameter: `integer`, or `integer[]` for a list. */
function queryType(bundle: Bundle, { schema }: Parameter): string {
  const { type, items } = deref<Schema>(bundle, schema);
  return type === 'array' ? `${deref<Schema>(bundle, items as Schema).type}[]` : String(type);
}

/** Returns the names of the headers that each status always has, by status. */
function readRequiredHeaders(bundle: Bundle, responses: Record<string, Response>): Record<string, string[]> {
  const entries = Object.entries(responses).map(([status, { headers = {} }]) => {
    const required = Object.entries(headers).filter(([, header]) => deref<Header>(bundle, header).required);
    return [status, required.map(([name]) => name)] as const;
  });
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0));
}

/** Renders the operations by operationId, with the facts that the server and the client need at run time. */
export function renderOperations(bundle: Bundle): string {
  const table = Object.fromEntries(
    listOperations(bundle).map(
      ({ operationId, method, path, tags = [], security, parameters, requestBody, responses }) => [
        operationId,
        {
          method,
          path,
          tags,
          security,
          // The types of the query parameters that are not strings.
          queryTypes: Object.fromEntries(
            parameters
              .filter((parameter) => parameter.in === 'query')
              .map((parameter) => [parameter.name, queryType(bundle, parameter)])
              .filter(([, type]) => type !== 'string'),
          ),
          headers: parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name),
          requestMediaTypes: Object.keys(requestBody?.content ?? {}),
          responses: Object.fromEntries(
            Object.entries(responses).map(([status, { content }]) => [status, Object.keys(content ?? {})]),
          ),
          requiredHeaders: readRequiredHeaders(bundle, responses),
        },
      ],
    ),
  );
  return `/** Method, path, tags, security, parameters, media types and required response headers of each operation. */
export const operations = ${literal(table)} as const;

/** The name of an operation, of its handler and of its client method. */
export type OperationId = keyof typeof operations;
`;
}
