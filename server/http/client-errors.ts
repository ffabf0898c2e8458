import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Log } from '../log.ts';
import { type ProblemName, reject } from '../problem.ts';
import { STATUS_CODES } from './node-http.ts';
import { problemResponse } from './send.ts';

/** The code of the error that Node raises when a request takes too long to arrive. */
export const requestTimeoutCode = 'ERR_HTTP_REQUEST_TIMEOUT';

/** The time that a client has to read the response to a malformed request before its connection is destroyed. */
const lingerMilliseconds = 1_000;

/** The problems of Node's parser errors; `MalformedRequest` for all others. */
const problems: Readonly<Record<string, ProblemName>> = {
  HPE_HEADER_OVERFLOW: 'HeadersTooLarge',
  [requestTimeoutCode]: 'RequestTimeout',
};

/** Renders a whole response, for a connection whose request Node could not parse. */
function renderResponse(code: string, requestId: string) {
  const details = { summary: 'The request is not valid HTTP.' };
  const problem = problems[code];
  const { status, headers, mediaType, body } = problemResponse(
    problem === undefined ? reject('MalformedRequest', details) : reject(problem),
    requestId,
  );
  const text = JSON.stringify(body);
  const lines = {
    ...{ Date: new Date().toUTCString(), 'X-Request-Id': requestId, ...headers },
    ...{ 'Content-Type': `${mediaType}; charset=utf-8`, 'Content-Length': Buffer.byteLength(text) },
    Connection: 'close',
  };
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(lines).map(([name, value]) => `${name}: ${value}`),
  ];
  return { status, bytes: `${head.join('\r\n')}\r\n\r\n${text}` };
}

/** Responds with a problem to a request that Node cannot parse, logs it, and closes its connection. */
export function respondToClientError(socket: Socket, code: string, log: Pick<Log, 'request'> | undefined): void {
  if (!socket.writable) return;
  const requestId = randomUUID();
  const { status, bytes } = renderResponse(code, requestId);
  socket.end(bytes);
  log?.request({ requestId, status, milliseconds: 0 });
  setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
}
