import { connect, type Socket } from 'node:net';
import type { HttpResponse, RequestOptions } from './http-client.ts';
import { timeLimit } from './time-limits.ts';

const defaultConnections = 16;
const timeoutMilliseconds = timeLimit(15_000);

/** Parses the received bytes of a response. Returns undefined while they are incomplete. */
function parseResponse(received: Buffer): HttpResponse | undefined {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const end = headEnd + 4 + Number(headers['content-length'] ?? 0);
  if (received.length < end) return undefined;
  const text = received.toString('utf8', headEnd + 4, end);
  const json = { get: () => JSON.parse(text) };
  const response = Object.defineProperty({ status: Number(statusLine.slice(9, 12)), headers, text }, 'json', json);
  return response as unknown as HttpResponse;
}

/** Creates a connection that sends one request at a time. It reopens when the server has closed it. */
function openConnection(hostname: string, port: number) {
  let socket: Socket | undefined;
  const open = () => {
    socket = connect({ host: hostname, port, noDelay: true });
    socket.setTimeout(timeoutMilliseconds, () => socket?.destroy(new Error('the response timed out')));
    return socket;
  };
  return {
    exchange: (request: Buffer) =>
      new Promise<HttpResponse>((resolve, reject) => {
        const current = socket?.writable ? socket : open();
        let received: Buffer = Buffer.alloc(0);
        const settle = (response?: HttpResponse, error?: unknown) => {
          current.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error');
          current.on('error', () => current.destroy());
          if (response?.headers.connection === 'close') current.destroy();
          if (response) resolve(response);
          else reject(error ?? new Error(`no response to ${request.toString('latin1', 0, 80)}`));
        };
        current.on('data', (chunk) => {
          received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
          const parsed = parseResponse(received);
          if (parsed) settle(parsed);
        });
        current.on('error', (error) => settle(undefined, error)).on('close', () => settle());
        current.write(request);
      }),
    close: () => socket?.destroy(),
  };
}

type Connection = ReturnType<typeof openConnection>;

/**
 * Creates an HTTP client for thousands of requests: some sockets, sixteen unless said otherwise, one request at a time on
 * each, and header lines sent as they are given. Its `send` has the arguments and the result of `createHttpClient`. It does not support HEAD.
 */
export function createLoadClient(url: string, token: string, connectionCount = defaultConnections) {
  const { hostname, port } = new URL(url);
  const connections = Array.from({ length: connectionCount }, () => openConnection(hostname, Number(port)));
  const idle = [...connections];
  const waiting: ((connection: Connection) => void)[] = [];
  return {
    async send(target: string, options: RequestOptions = {}): Promise<HttpResponse> {
      const sentToken = options.token ?? token;
      const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
      const headers = {
        Host: hostname,
        ...(sentToken !== '' && { Authorization: `Bearer ${sentToken}` }),
        ...(body !== undefined && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        ...options.headers,
      };
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = Buffer.from(`${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
      const connection = idle.pop() ?? (await new Promise<Connection>((resolve) => waiting.push(resolve)));
      try {
        return await connection.exchange(Buffer.concat([head, Buffer.from(body ?? '')]));
      } finally {
        const next = waiting.shift();
        if (next) next(connection);
        else idle.push(connection);
      }
    },
    close() {
      for (const connection of connections) connection.close();
    },
  };
}
