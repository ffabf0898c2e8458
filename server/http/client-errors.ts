import { randomUUID } from 'node:crypto';
import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Problem } from '../../generated/types.ts';

/** The time that a client has to read the response to a malformed request before its connection is destroyed. */
const lingerMilliseconds = 1_000;

/** The statuses of Node's parser errors; 400 for all others. */
const statuses: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
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

/** Responds with a problem to requests that Node cannot parse. A response that is being sent is cut off instead. */
export function respondToClientErrors(server: Server): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', ({ socket }, res) => latest.set(socket, res));
  server.on('clientError', ({ code = '' }: { code?: string }, socket) => {
    const response = latest.get(socket);
    const isSending = response?.headersSent && !response.writableFinished;
    if (!socket.writable || isSending) {
      socket.destroy();
      return;
    }
    socket.end(renderResponse(statuses[code] ?? 400));
    setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
  });
}
