import type { HttpResponse } from './http-client.ts';

const members = ['type', 'title', 'status', 'instance', 'summary'];
const stackTrace = /\bat (?:\/|file:)|node_modules/;

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Lists the defects of a response: a missing request id, or invalid problem details in a status from 400 on. */
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
    ...(/^application\/problem\+json/.test(headers['content-type'] ?? '') ? [] : [`${status} is not a problem`]),
    ...members.filter((member) => !(member in problem)).map((member) => `${status} has no ${member}`),
    ...(problem.status === status ? [] : [`${status} has the problem of ${problem.status}`]),
    ...(problem.instance === `urn:uuid:${requestId}` ? [] : [`${status} has the id of another request`]),
    ...(stackTrace.test(text) ? [`${status} shows a stack trace`] : []),
  ];
}
