import { connect, type Socket } from 'node:net';
import type { HttpResponse, RequestOptions } from './http-client.ts';

const lanes = 16;
const patienceMilliseconds = 5_000;

/** Reads an response off the front of what was received, if it is there as a whole. */
function takeAnswer(received: Buffer): { response: HttpResponse; rest: Buffer } | undefined {
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
  return { response: response as unknown as HttpResponse, rest: received.subarray(end) };
}

/** One connection: kept as long as the server keeps it, then opened again. One request at a time. */
function openLane(hostname: string, port: number) {
  let socket: Socket | undefined;
  const open = () => {
    socket = connect({ host: hostname, port, noDelay: true });
    socket.setTimeout(patienceMilliseconds, () => socket?.destroy(new Error('no response in time')));
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
          const taken = takeAnswer(received);
          if (taken) settle(taken.response);
        });
        current.on('error', (error) => settle(undefined, error)).on('close', () => settle());
        current.write(request);
      }),
    close: () => socket?.destroy(),
  };
}

/**
 * Sends thousands of requests at the least cost, and as they are written: sixteen connections, no HTTP client.
 * Its `send` does what that of `createSender` does, but for methods without a body in the response.
 */
export function createLoadClient(url: string, token: string) {
  const { hostname, port } = new URL(url);
  const all = Array.from({ length: lanes }, () => openLane(hostname, Number(port)));
  const free = [...all];
  const waiting: ((lane: (typeof all)[number]) => void)[] = [];
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
      const lane = free.pop() ?? (await new Promise<(typeof all)[number]>((resolve) => waiting.push(resolve)));
      try {
        return await lane.exchange(Buffer.concat([head, Buffer.from(body ?? '')]));
      } finally {
        const next = waiting.shift();
        if (next) next(lane);
        else free.push(lane);
      }
    },
    close() {
      for (const lane of all) lane.close();
    },
  };
}
