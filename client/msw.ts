/** Mock of the API for tests with msw. It needs no server process. */
import { type HttpHandler, HttpResponse, http } from 'msw';
import description from '../generated/openapi.json' with { type: 'json' };
import { type DocumentedResponse, documentedResponses, type ResponseNames } from '../generated/responses.ts';
import type { operations } from '../generated/types.ts';
import type { Validator } from '../generated/validation.ts';
import { bodyValidators } from '../generated/validators.ts';
import { createOAuthAppsBackend, type OAuthAppsBackend } from './backend.ts';
import { readBody } from './backend-checks.ts';
import { checkRequest, toResponse } from './backend-requests.ts';

export type { ResponseNames } from '../generated/responses.ts';
export { type BackendOptions, createOAuthAppsBackend, type OAuthAppsBackend } from './backend.ts';

/**
 * Creates msw handlers that pass every request to a stateful mock.
 *
 * @param baseUrl - Base URL of the API, without `/v1`; any host by default.
 * @example
 * const backend = createOAuthAppsBackend();
 * const server = setupServer(...statefulHandlers(backend));
 */
export function statefulHandlers(backend: OAuthAppsBackend = createOAuthAppsBackend(), baseUrl = '*'): HttpHandler[] {
  return ['', '/*'].map((rest) =>
    http.all(`${baseUrl.replace(/\/+$/, '')}/v1/oauth-apps${rest}`, ({ request }) => backend.fetch(request)),
  );
}

/**
 * Data of the success of an operation.
 *
 * @example
 * const data: ResponseData<'deleteOAuthApp'> = { id: 'x', deleted: true };
 * const mocked = handlers({ responses: { deleteOAuthApp: { data } } });
 */
export type ResponseData<Id extends keyof ResponseNames> = operations[Id]['responses'] extends {
  200: { content: { 'application/json': infer Data } };
}
  ? Data
  : unknown;

/**
 * Response of a mocked operation: the name of a documented one, data for the documented success, or any `Response`, also
 * from a function of the request.
 *
 * @example
 * const full: MockedResponse<'createOAuthApp'> = 'AccountFull';
 * const own: MockedResponse<'deleteOAuthApp'> = { data: { id: 'x', deleted: true } };
 * const slow: MockedResponse<'listOAuthApps'> = async () => Response.json({ data: [] });
 */
export type MockedResponse<Id extends keyof ResponseNames> =
  | ResponseNames[Id]
  | {
      /** Data of the documented success. */
      readonly data: ResponseData<Id>;
    }
  | Response
  | ((request: Request) => Response | Promise<Response>);

/**
 * Options of `handlers`.
 *
 * @example
 * const options: HandlersOptions = { baseUrl: 'https://api.example.com', responses: { getOAuthApp: 'NotFound' } };
 * const mocked = handlers(options);
 */
export interface HandlersOptions {
  /**
   * Base URL of the API, without `/v1`.
   *
   * @default any host
   */
  baseUrl?: string | undefined;
  /**
   * Responses to requests that the contract accepts, by operation: `{ getOAuthApp: 'NotFound' }`.
   *
   * @default the documented success of every operation
   */
  responses?: { readonly [Id in keyof ResponseNames]?: MockedResponse<Id> | undefined } | undefined;
}

const bodies: Readonly<Record<string, { readonly value: unknown }>> = description.components.examples;
const validators: Readonly<Record<string, Validator<object>>> = bodyValidators;

/** Makes a documented response, with other data if there are some. */
function makeDocumented({ status, headers, example, ...response }: DocumentedResponse, data?: unknown): Response {
  const body = data ?? (example === undefined ? response.body : bodies[example]?.value);
  const isText = /^text\//.test(headers['Content-Type'] ?? '');
  const text = body === undefined ? null : isText ? String(body) : JSON.stringify(body);
  return new HttpResponse(text, { status, headers });
}

/** Returns the function that responds to the requests of an operation. */
function responder(operationId: keyof ResponseNames, chosen: MockedResponse<keyof ResponseNames> | undefined) {
  const named: Readonly<Record<string, DocumentedResponse>> = documentedResponses[operationId].examples;
  const name = typeof chosen === 'string' ? chosen : (Object.keys(named)[0] ?? '');
  const documented = named[name];
  if (documented === undefined) throw new TypeError(`${operationId} has no response named ${name}`);
  return (request: Request): Response | Promise<Response> => {
    if (typeof chosen === 'function') return chosen(request);
    if (chosen instanceof Response) return chosen.clone();
    return makeDocumented(documented, typeof chosen === 'object' ? chosen.data : undefined);
  };
}

/** Returns the rejection of a request that breaks the contract. */
async function rejectRequest(request: Request, operationId: string | undefined): Promise<Response | undefined> {
  const checked = checkRequest(request);
  if ('options' in checked) return toResponse(checked.options, request);
  if ('rejection' in checked) return toResponse(checked.rejection, request);
  const validator = validators[operationId ?? ''];
  const body = validator && (await readBody({ ...checked.value, request: request.clone() }, validator));
  return body && 'rejection' in body ? toResponse(body.rejection, request) : undefined;
}

/**
 * Creates msw handlers for every path. They refuse what the contract refuses, in the server's words: a request without a
 * token, unknown or wrong parameters, and bodies that the validators refuse. Every other request gets the documented
 * success of its operation, or the response of `responses`. Nothing is stored: `statefulHandlers` do that.
 *
 * @throws {TypeError} if an operation has no documented response of the given name.
 * @example
 * const server = setupServer(...handlers());
 * server.use(...handlers({ responses: { getOAuthApp: 'NotFound' } })); // within a test
 */
export function handlers({ baseUrl = '*', responses = {} }: HandlersOptions = {}): HttpHandler[] {
  const operationIds = Object.keys(documentedResponses) as (keyof ResponseNames)[];
  const operations = operationIds.map((operationId) => {
    const { method, path } = documentedResponses[operationId];
    return { operationId, method, path, respond: responder(operationId, responses[operationId]) };
  });
  return [...new Set(operations.map(({ path }) => path))].map((path) =>
    http.all(baseUrl.replace(/\/+$/, '') + path.replaceAll(/\{(\w+)\}/g, ':$1'), async ({ request }) => {
      const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase();
      const operation = operations.find((one) => one.path === path && one.method === method);
      const rejection = await rejectRequest(request, operation?.operationId);
      if (rejection !== undefined || operation === undefined) return rejection;
      const response = await operation.respond(request);
      return request.method === 'HEAD' ? new HttpResponse(null, response) : response;
    }),
  );
}
