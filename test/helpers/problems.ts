import type { HttpResponse } from './http-client.ts';

const members = ['type', 'title', 'status', 'instance', 'summary'];
const stackText = /\bat (?:\/|file:)|node_modules/;

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** What keeps a refusal from being a proper problem; empty for a proper one, and for an response that refuses nothing. */
export function listProblemDefects({
  status,
  headers,
  text,
}: Pick<HttpResponse, 'status' | 'headers' | 'text'>): string[] {
  const requestId = headers['x-request-id'];
  if (requestId === undefined) return [`${status} has no request id`];
  if (status < 400) return [];
  const problem = parse(text);
  return [
    ...(/^application\/problem\+json/.test(headers['content-type'] ?? '') ? [] : [`${status} is no problem`]),
    ...members.filter((member) => !(member in problem)).map((member) => `${status} has no ${member}`),
    ...(problem.status === status ? [] : [`${status} says ${problem.status}`]),
    ...(problem.instance === `urn:uuid:${requestId}` ? [] : [`${status} is of another request`]),
    ...(stackText.test(text) ? [`${status} shows a stack`] : []),
  ];
}
