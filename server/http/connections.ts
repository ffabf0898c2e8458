import type { RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** The time that a client has to use an idle connection once more; the response then says `Connection: close`. */
const idleGraceMilliseconds = 500;

/** The open connections of a server. */
export interface Connections {
  /**
   * Accepts the connections of the backlog, which closing the server would reset. The event loop accepts one per
   * iteration, so their requests are deferred until `drain`, which keeps the iterations short.
   */
  acceptBacklog(): Promise<void>;
  /** Makes every response from now on close its connection, and closes idle connections. */
  drain(): void;
  destroy(): void;
}

/** Announces the end of a connection, so that the client sends its next request over another one. */
function announceClose(res: ServerResponse): void {
  if (!res.headersSent) res.setHeader('Connection', 'close');
}

/** Tracks the connections of a server with the responses in flight on them, and passes requests to the listener. */
export function trackConnections(server: Server, listener: RequestListener): Connections {
  const connections = new Map<Socket, Set<ServerResponse>>();
  let [accepted, isStopping] = [0, false];
  let deferred: (() => void)[] | undefined;
  const closeIfIdle = (socket: Socket) => {
    if (connections.get(socket)?.size === 0) socket.end();
  };
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    connections.set(socket, new Set());
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    connections.get(req.socket)?.add(res);
    if (isStopping) announceClose(res);
    res.once('close', () => {
      connections.get(req.socket)?.delete(res);
      if (isStopping) setTimeout(closeIfIdle, idleGraceMilliseconds, req.socket);
    });
    if (deferred) deferred.push(() => listener(req, res));
    else listener(req, res);
  });
  return {
    async acceptBacklog() {
      deferred = [];
      const deadline = performance.now() + idleGraceMilliseconds;
      for (let before = -1; before < accepted && performance.now() < deadline; ) {
        before = accepted;
        // The first iteration may have begun already.
        for (let iteration = 0; iteration < 2; iteration += 1) await setImmediate();
      }
    },
    drain() {
      isStopping = true;
      for (const [socket, responses] of connections) {
        for (const res of responses) announceClose(res);
        setTimeout(closeIfIdle, idleGraceMilliseconds, socket);
      }
      for (const handle of deferred ?? []) handle();
      deferred = undefined;
    },
    destroy() {
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}
