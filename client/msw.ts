/** Mock of the API for tests with msw. It needs no server process. */
import { type HttpHandler, HttpResponse, http } from 'msw';
import description from '../generated/openapi.json' with { type: 'json' };
import { type DocumentedResponse, documentedResponses, type ResponseNames } from '../generated/responses.ts';
import { createOAuthAppsBackend, type OAuthAppsBackend } from './backend.ts';

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

/** Options of `handlers`. */
export interface HandlersOptions {
  /**
   * Base URL of the API, without `/v1`.
   *
   * @default any host
   */
  baseUrl?: string | undefined;
  /**
   * Names of the documented responses to send, by operation: `{ getOAuthApp: 'NotFound' }`.
   *
   * @default the success of every operation
   */
  responses?: { readonly [Id in keyof ResponseNames]?: ResponseNames[Id] | undefined } | undefined;
}

const bodies: Readonly<Record<string, { readonly value: unknown }>> = description.components.examples;

/**
 * Creates an msw handler per operation. Each sends a documented example as its response to any request: nothing is
 * validated and nothing is stored. The server (`oauth-apps serve`) does both.
 *
 * @throws {TypeError} if an operation has no documented response of the given name.
 * @example
 * const server = setupServer(...handlers());
 * server.use(...handlers({ responses: { getOAuthApp: 'NotFound' } })); // within a test
 */
export function handlers({ baseUrl = '*', responses = {} }: HandlersOptions = {}): HttpHandler[] {
  return Object.entries(documentedResponses).map(([operationId, { method, path, examples }]) => {
    const named: Readonly<Record<string, DocumentedResponse>> = examples;
    const name = responses[operationId as keyof ResponseNames] ?? Object.keys(examples)[0] ?? '';
    const response = named[name];
    if (response === undefined) throw new TypeError(`${operationId} has no response named ${name}`);
    const { status, headers, example } = response;
    const body = example === undefined ? response.body : bodies[example]?.value;
    const isText = /^text\//.test(headers['Content-Type'] ?? '');
    const text = body === undefined ? null : isText ? String(body) : JSON.stringify(body);
    const url = baseUrl.replace(/\/+$/, '') + path.replaceAll(/\{(\w+)\}/g, ':$1');
    return http[method](url, () => new HttpResponse(text, { status, headers }));
  });
}
