/** The API for tests without a process: `setupServer(...handlers())` with the msw package. */
import { type HttpHandler, HttpResponse, http } from 'msw';
import { type Answer, type AnswerNames, answers } from '../generated/answers.ts';

import description from '../generated/openapi.json' with { type: 'json' };

export type { AnswerNames } from '../generated/answers.ts';

/** Where to answer, and with what. */
export interface HandlersOptions {
  /** Where the API is, without `/v1`. Default: wherever it is called. */
  baseUrl?: string;
  /** The documented answer of an operation, by name, where it is not to be its success: `{ getOAuthApp: 'NotFound' }`. */
  answers?: { readonly [Id in keyof AnswerNames]?: AnswerNames[Id] };
}

const bodies: Readonly<Record<string, { readonly value: unknown }>> = description.components.examples;

/**
 * A handler per operation that answers with a documented example, whatever is asked. Nothing is kept and nothing is
 * checked: for that there is the server (`oauth-apps serve`). To change an answer within a test, hand
 * `server.use` the handlers with other `answers`.
 */
export function handlers({ baseUrl = '*', answers: chosen = {} }: HandlersOptions = {}): HttpHandler[] {
  return Object.entries(answers).map(([operationId, { method, path, examples }]) => {
    const named: Readonly<Record<string, Answer>> = examples;
    const name = chosen[operationId as keyof AnswerNames] ?? Object.keys(examples)[0] ?? '';
    const answer = named[name];
    if (answer === undefined) throw new TypeError(`${operationId} has no answer named ${name}`);
    const { status, headers, example } = answer;
    const text = example === undefined ? null : JSON.stringify(bodies[example]?.value);
    const url = baseUrl.replace(/\/+$/, '') + path.replaceAll(/\{(\w+)\}/g, ':$1');
    return http[method](url, () => new HttpResponse(text, { status, headers }));
  });
}
