import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { RequestListener, Server, ServerOptions, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Problem } from '../../generated/types.ts';
import { http } from '../node-http.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The problem that answers what is not even HTTP. */
  readonly problemOf: (status: number, requestId: string) => Problem;
  /** What requests and responses are made with. Default: Node's own. */
  readonly messages?: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>;
  /** A client that neither sends nor reads anything for this long, twice over, is cut off. Default: 12 seconds. */
  readonly silenceMilliseconds?: number;
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
/** Longer than it takes until a client is told that it sends too slowly. */
const defaultSilenceMilliseconds = 12_000;
/** How long a client that was told that its request is broken may take to read that. */
const lingerMilliseconds = 1_000;
/** Longer than most proxies keep a connection, so that they, not we, close it. */
const keepAliveMilliseconds = 5_000;
/** A client that is about to use its idle connection again still gets an answer, which then says `Connection: close`. */
const idleGraceMilliseconds = 500;
const stopMilliseconds = 8_000;

/** Connections and the answers under way on them, so that a stop can wait for exactly those. */
function trackConnections(server: Server, listener: RequestListener) {
  const connections = new Map<Socket, Set<ServerResponse>>();
  let [taken, isStopping] = [0, false];
  /** Requests that wait until nobody stands at the door any more. */
  let held: (() => void)[] | undefined;
  /** The client learns from the answer that its next request needs another connection, so it does not get lost here. */
  const announceClose = (res: ServerResponse) => {
    if (!res.headersSent) res.setHeader('Connection', 'close');
  };
  const endIfIdle = (socket: Socket) => {
    if (connections.get(socket)?.size === 0) socket.end();
  };
  server.on('connection', (socket: Socket) => {
    taken += 1;
    connections.set(socket, new Set());
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    connections.get(req.socket)?.add(res);
    if (isStopping) announceClose(res);
    res.once('close', () => {
      connections.get(req.socket)?.delete(res);
      if (isStopping) setTimeout(endIfIdle, idleGraceMilliseconds, req.socket);
    });
    if (held) held.push(() => listener(req, res));
    else listener(req, res);
  });
  return {
    /**
     * Takes in those that stand at the door, whom closing it would cut off. One comes in per turn of the event loop, so
     * turns are kept short: requests are held until `drain`.
     */
    async takeWaiting() {
      held = [];
      const deadline = performance.now() + idleGraceMilliseconds;
      for (let before = -1; before < taken && performance.now() < deadline; ) {
        before = taken;
        // The first may still belong to this turn.
        for (let turn = 0; turn < 2; turn += 1) await setImmediate();
      }
    },
    /** Has every answer from now on say that its connection closes, and ends connections that are idle. */
    drain() {
      isStopping = true;
      for (const [socket, answers] of connections) {
        for (const res of answers) announceClose(res);
        setTimeout(endIfIdle, idleGraceMilliseconds, socket);
      }
      for (const answer of held ?? []) answer();
      held = undefined;
    },
    destroy() {
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}

/** Answers what is not HTTP, or HTTP of a size that no request has, with a problem too. */
function answerBrokenRequests(server: Server, problemOf: ListenOptions['problemOf']): void {
  const latest = new WeakMap<Duplex, ServerResponse>();
  server.prependListener('request', ({ socket }, res) => latest.set(socket, res));
  server.on('clientError', (error: { code?: string }, socket) => {
    const answer = latest.get(socket);
    const isAnswering = answer?.headersSent && !answer.writableFinished;
    if (!socket.writable || isAnswering) {
      socket.destroy();
      return;
    }
    const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
    const requestId = randomUUID();
    const body = JSON.stringify(problemOf(status, requestId));
    const lines = [
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}`,
      `X-Request-Id: ${requestId}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
    ];
    socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
    // Even if it never closes its side.
    setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
  });
}

/** Listens with time-outs that keep slow clients from hurting others. Rejects when the port is taken. */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, problemOf, messages, silenceMilliseconds = defaultSilenceMilliseconds } = options;
  const server = http.createServer({
    ...messages,
    requestTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    connectionsCheckingInterval: checkMilliseconds,
    keepAliveTimeout: keepAliveMilliseconds,
    // Node's own refusal has nothing in it; the app refuses what has no host.
    requireHostHeader: false,
  });
  server.setTimeout(silenceMilliseconds);
  const connections = trackConnections(server, listener);
  answerBrokenRequests(server, problemOf);
  // An expectation that is not known is ignored (RFC 9110, section 10.1.1); Node's own refusal has nothing in it.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    async stop() {
      await connections.takeWaiting();
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
