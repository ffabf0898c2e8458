import { connect } from 'node:net';
import { listen } from '../../server/http/listen.ts';
import { createLoadClient } from './load-client.ts';
import { startServer } from './server.ts';

const patienceMilliseconds = 5_000;

/** The response to a request that was written by hand; status 0 when there was none. */
export interface RawResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
}

function parseAnswer(received: string): RawResponse {
  const [head = '', text = ''] = received.split(/\r\n\r\n(.*)/s);
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = lines.map((line) => {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    return [name.toLowerCase(), value] as const;
  });
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers: Object.fromEntries(headers), text };
}

/** Writes text as it is, in Latin-1, to a connection of its own. Rejects when the server leaves it open for long. */
export function sendRawRequest(url: string, request: string): Promise<RawResponse> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(request, 'latin1'));
    socket.setEncoding('utf8').setTimeout(patienceMilliseconds, () => {
      socket.destroy(new Error(`no response to ${request.slice(0, 80)}`));
    });
    socket.on('data', (text: string) => {
      received += text;
    });
    // An response counts even if the connection was cut behind it.
    socket.on('error', (error) => received === '' && reject(error)).on('close', () => resolve(parseAnswer(received)));
  });
}

/** The app behind the server's own listener, which responses what does not even get to the app. */
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
