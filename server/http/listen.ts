import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { Log } from '../log.ts';
import { trackConnections } from './connections.ts';
import { createServer } from './node-http.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Milliseconds without a byte in either direction after which a connection is closed that has a request in work.
   * @default 12000
   */
  readonly idleTimeout?: number;
  /**
   * Milliseconds that a connection without a request is kept for the next one. A proxy in front must close its own
   * earlier, or it sends requests over connections that end, and its clients get a 502. nginx and AWS keep theirs 60 s.
   * @default 75000
   */
  readonly keepAliveTimeout?: number;
  /** The log of requests that cannot be parsed. Left out: they are not logged. */
  readonly log?: Pick<Log, 'request'>;
}

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Accepts no more connections, and resolves once every response in flight has arrived, at the latest after 8 s. */
  stop(): Promise<void>;
}

/** The time that a request may take to arrive. A slower client holds a socket that others need. */
const requestMilliseconds = 10_000;
const checkMilliseconds = 1_000;
/** Longer than `requestMilliseconds` and one check, so that a slow client still gets its 408. */
const defaultIdleTimeout = 12_000;
const defaultKeepAliveTimeout = 75_000;
const stopMilliseconds = 8_000;

/**
 * Listens, with timeouts that keep slow clients from hurting others.
 * @throws Error with Node's code when the port or the host cannot be used
 */
export async function listen(listener: RequestListener, options: ListenOptions): Promise<Listening> {
  const { host, port, idleTimeout = defaultIdleTimeout, keepAliveTimeout = defaultKeepAliveTimeout } = options;
  const server = createServer({
    requestTimeout: requestMilliseconds,
    headersTimeout: requestMilliseconds,
    connectionsCheckingInterval: checkMilliseconds,
    keepAliveTimeout,
    // The app itself rejects a request without a host, with a problem; Node's response has no body.
    requireHostHeader: false,
  });
  server.setTimeout(idleTimeout);
  const connections = trackConnections(server, listener, options.log);
  // An unknown expectation is ignored (RFC 9110, section 10.1.1); Node's response to it has no body.
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.listen(port, host);
  await once(server, 'listening');
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`,
    async stop() {
      await connections.acceptBacklog();
      const closed = once(server, 'close');
      // The close() of HTTP servers cuts connections whose last response has not arrived yet.
      NetServer.prototype.close.call(server);
      connections.drain();
      const deadline = setTimeout(connections.destroy, stopMilliseconds);
      await closed;
      clearTimeout(deadline);
    },
  };
}
