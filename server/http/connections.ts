import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { Connection, idleGraceMilliseconds, type ServerState } from './connection.ts';

/**
 * The number of parsed requests that wait, over all connections, above which every connection reads by message. One
 * connection alone stays below: its first chunk holds 3,640 at most. Each takes 1.5 KB of V8's heap at least.
 */
const maxWaiting = 4_000;

/** The open connections of a server. */
export interface Connections {
  /**
   * Accepts the connections of the backlog, which closing the server would reset. The event loop accepts one per
   * iteration, so their requests wait until `drain`, which keeps the iterations short.
   */
  acceptBacklog(): Promise<void>;
  /** Makes the last response of every connection close it, and closes idle connections. */
  drain(): void;
  destroy(): void;
}

/** Tracks the connections of a server, and passes requests to the listener: one at a time of each connection. */
export function trackConnections(server: Server, listener: RequestListener, log?: Pick<Log, 'request'>): Connections {
  const connections = new Map<Socket, Connection>();
  const state: ServerState = { listener, log, isHolding: false, isStopping: false, waiting: 0 };
  let accepted = 0;
  /** Whether every connection reads by message. */
  let isCautious = false;
  server.on('connection', (socket: Socket) => {
    accepted += 1;
    const connection = new Connection(socket, state);
    connections.set(socket, connection);
    isCautious &&= state.waiting > maxWaiting;
    if (isCautious) connection.readByMessage();
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (req, res) => {
    connections.get(req.socket)?.take(req, res);
    if (isCautious || state.waiting <= maxWaiting) return;
    isCautious = true;
    for (const connection of connections.values()) connection.readByMessage();
  });
  server.on('clientError', ({ code = '' }: { code?: string }, socket: Socket) => {
    const connection = connections.get(socket);
    if (connection === undefined) socket.destroy();
    else connection.fail(code);
  });
  // Without a listener, Node closes the connection of a CONNECT without a response.
  server.on('connect', ({ socket }) => connections.get(socket)?.fail(''));
  return {
    async acceptBacklog() {
      state.isHolding = true;
      const deadline = performance.now() + idleGraceMilliseconds;
      for (let before = -1; before < accepted && performance.now() < deadline; ) {
        before = accepted;
        // The first iteration may have begun already.
        for (let iteration = 0; iteration < 2; iteration += 1) await setImmediate();
      }
    },
    drain() {
      state.isHolding = false;
      state.isStopping = true;
      for (const connection of connections.values()) {
        connection.proceed();
        connection.closeIfIdle();
      }
    },
    destroy() {
      for (const socket of connections.keys()) socket.destroy();
    },
  };
}
