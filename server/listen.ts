import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Problem } from '../generated/types.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The problem that answers what is not even HTTP. */
  readonly problemOf: (status: number, requestId: string) => Problem;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Takes no more connections, lets every answer under way arrive, and resolves when all is quiet. */
  stop(): Promise<void>;
}

/** A client that sends its request slower than this is cut off: it holds a socket that others want. */
const requestMilliseconds = 10_000;
const checkMilliseconds = 1_000;
/** Longer than most proxies keep a connection, so that they, not we, close it. */
const keepAliveMilliseconds = 5_000;
/** A client that is about to use its idle connection again still gets an answer, which then says `Connection: close`. */
const idleGraceMilliseconds = 500;
const stopMilliseconds = 8_000;

/** Connections and what is under way on them, so that a stop can wait for exactly that. */
function trackConnections(server: Server) {
  const answering = new Map<Socket, number>();
  let isStopping = false;
  /** Ends a connection behind what is still to be sent on it. */
  const endIfIdle = (socket: Socket) => {
    if (isStopping && answering.get(socket) === 0) socket.end();
  };
  server.on('connection', (socket: Socket) => {
    answering.set(socket, 0);
    socket.once('close', () => answering.delete(socket));
  });
  server.prependListener('request', ({ socket }, res) => {
    answering.set(socket, (answering.get(socket) ?? 0) + 1);
    if (isStopping) res.setHeader('Connection', 'close');
    res.once('close', () => {
      if (!answering.has(socket)) return;
      answering.set(socket, (answering.get(socket) ?? 1) - 1);
      endIfIdle(socket);
    });
  });
  return {
    drain() {
      isStopping = true;
      setTimeout(() => {
        for (const socket of answering.keys()) endIfIdle(socket);
      }, idleGraceMilliseconds);
    },
    destroy() {
      for (const socket of answering.keys()) socket.destroy();
    },
  };
}

/** Answers what is not HTTP, or HTTP of a size that no request has, with a problem too. */
function answerBrokenRequests(server: Server, problemOf: ListenOptions['problemOf']): void {
  server.on('clientError', (error: { code?: string }, socket) => {
    if (!socket.writable || (socket as Socket).bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const requestId = randomUUID();
    const body = JSON.stringify(problemOf(status, requestId));
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      `X-Request-Id: ${requestId}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

/** Listens with time-outs that keep slow clients from hurting others. Rejects when the port is taken. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, problemOf } = options;
  const server = createServer(
    {
      requestTimeout: requestMilliseconds,
      headersTimeout: requestMilliseconds,
      connectionsCheckingInterval: checkMilliseconds,
      keepAliveTimeout: keepAliveMilliseconds,
    },
    listener,
  );
  const connections = trackConnections(server);
  answerBrokenRequests(server, problemOf);
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    async stop() {
      const closed = once(server, 'close');
      // Not the HTTP server's own close: that one cuts connections whose last answer has not arrived yet.
      NetServer.prototype.close.call(server);
      connections.drain();
      const deadline = setTimeout(connections.destroy, stopMilliseconds);
      await closed;
      clearTimeout(deadline);
    },
  };
}
