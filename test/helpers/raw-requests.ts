import { connect } from 'node:net';
import { listen } from '../../server/http/listen.ts';
import { createLoadClient } from './load-client.ts';
import { startServer } from './server.ts';
import { timeLimit } from './time-limits.ts';

const timeoutMilliseconds = timeLimit(15_000);

/** The response to a raw request. Its status is 0 when the server closed the connection without one. */
export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
}

function parseResponse(received: string): RawResponse {
  const [head = '', text = ''] = received.split(/\r\n\r\n(.*)/s);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    return [name.toLowerCase(), value] as const;
  });
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers: Object.fromEntries(headers), text };
}

/**
 * Sends a request byte by byte as given, in Latin-1, on a new connection.
 * @throws Error when the server has sent nothing for fifteen seconds, on a quiet machine.
 */
export function sendRawRequest(url: string, request: string): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(request, 'latin1'));
    socket.setEncoding('utf8').setTimeout(timeoutMilliseconds, () => {
      socket.destroy(new Error(`no response to ${request.slice(0, 80)}`));
    });
    socket.on('data', (text: string) => {
      received += text;
    });
    // A connection may be reset after a complete response.
    socket.on('error', (error) => received === '' && reject(error)).on('close', () => resolve(parseResponse(received)));
  });
}

/**
 * Starts the app behind the server's own listener, which responds to requests that Node cannot parse. Dispose of it with
 * `await using`.
 */
export async function startListeningServer(deps: Parameters<typeof startServer>[0] = {}) {
  const server = await startServer(deps);
  const { url, stop } = await listen(server.app, { host: '127.0.0.1', port: 0 });
  const client = createLoadClient(url, server.token);
  return {
    server,
    url,
    send: client.send,
    async [Symbol.asyncDispose]() {
      client.close();
      await stop();
      await server[Symbol.asyncDispose]();
    },
  };
}

export type ListeningServer = Awaited<ReturnType<typeof startListeningServer>>;
