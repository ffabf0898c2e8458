import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '../../generated/types.ts';

/** The code of the error that Node raises when a request takes too long to arrive. */
export const requestTimeoutCode = 'ERR_HTTP_REQUEST_TIMEOUT';

/** The time that a client has to read the response to a malformed request before its connection is destroyed. */
const lingerMilliseconds = 1_000;

/** The statuses of Node's parser errors; 400 for all others. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  [requestTimeoutCode]: 408,
};

/** Returns the problem of a request that is not HTTP, or too slow. It has no operation (RFC 9457, section 4.2.1). */
function transportProblem(status: number, requestId: string): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, instance: `urn:uuid:${requestId}`, summary: `${title}.` };
}

/** Renders a whole response, for a connection whose request Node could not parse. */
function renderResponse(status: number): string {
  const requestId = randomUUID();
  const body = JSON.stringify(transportProblem(status, requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `X-Request-Id: ${requestId}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

/** Responds with a problem to a request that Node cannot parse, and closes its connection. */
export function respondToClientError(socket: Socket, code: string): void {
  if (!socket.writable) return;
  socket.end(renderResponse(statuses[code] ?? 400));
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}
