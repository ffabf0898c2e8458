import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config.ts';
import type { Observe } from '../http/exchange.ts';
import { createServer } from '../http/node-http.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { RequestLine } from '../log.ts';
import type { Store } from '../store/store.ts';
import { findPeerVersion } from './package-files.ts';

/** The metrics of one process as data, which a worker sends to its supervisor. */
export type Figures = Awaited<ReturnType<import('prom-client').Registry['getMetricsAsJSON']>>;

/** The metrics of one process. */
export interface Metrics {
  readonly observe: Observe;
  /** Returns all metrics in the text format of Prometheus. */
  render(): Promise<string>;
  /** Returns the same as data. */
  collect(): Promise<Figures>;
}

/** The seconds of the histogram of durations. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Counting what is left to rotate reads all secrets, so it is done at most this often. */
const countMilliseconds = 300_000;

/** Loads the library, an optional peer. @throws ConfigError with the install line */
export async function loadLibrary(): Promise<typeof import('prom-client')> {
  return import('prom-client').catch((error: unknown) => {
    if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new ConfigError(
      `METRICS_PORT needs a package that is not installed. Run npm install prom-client@${findPeerVersion('prom-client')}.`,
    );
  });
}

/** Makes the function that counts the secrets left to rotate, from time to time. It returns null where it cannot. */
function rotationLeft(store: Pick<Store, 'countSealedUnderOtherKeys'>, { currentKeyId }: KeyRing) {
  let counted: { readonly at: number; readonly count: Promise<number | null> } | undefined;
  const count = () =>
    store.countSealedUnderOtherKeys(currentKeyId).catch(() => {
      counted = undefined;
      return null;
    });
  return () => {
    if (counted === undefined || performance.now() - counted.at > countMilliseconds)
      counted = { at: performance.now(), count: count() };
    return counted.count;
  };
}

/** Creates the metrics of one process. @throws ConfigError when the library is not installed */
export async function createMetrics(
  store: Pick<Store, 'countSealedUnderOtherKeys' | 'load'>,
  keyRing: KeyRing,
): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await loadLibrary();
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register });
  const requests = new Counter({
    ...{ name: 'oauth_apps_requests_total', help: 'Requests by operation and status.', registers },
    labelNames: ['operation', 'status'],
  });
  const durations = new Histogram({
    ...{ name: 'oauth_apps_request_duration_seconds', help: 'Durations of requests by operation.', registers },
    ...{ labelNames: ['operation'], buckets },
  });
  type Read = () => number | undefined | Promise<number | null>;
  const gauge = (name: string, help: string, read: Read, aggregator: 'sum' | 'max' = 'sum') =>
    new Gauge({
      ...{ name, help, registers, aggregator },
      async collect() {
        const value = await read();
        if (value === null) this.remove();
        else if (value !== undefined) this.set(value);
      },
    });
  gauge('oauth_apps_waiting_writes', 'Writes that wait for the writer.', () => store.load().writes);
  gauge('oauth_apps_connections', 'Open connections to PostgreSQL.', () => store.load().connections);
  gauge('oauth_apps_waiting_for_connection', 'Calls that wait for a connection.', () => store.load().waiting);
  gauge('oauth_apps_replica_reads', 'Lists that the replica served.', () => store.load().replica?.reads);
  gauge('oauth_apps_replica_misses', 'Lists that the replica could not serve.', () => store.load().replica?.misses);
  const left = rotationLeft(store, keyRing);
  gauge('oauth_apps_secrets_to_rotate', 'Secrets that are not under the first key.', left, 'max');
  const observe = ({ operationId = 'none', status = 0, milliseconds }: RequestLine) => {
    requests.inc({ operation: operationId, status });
    durations.observe({ operation: operationId }, milliseconds / 1_000);
  };
  return { observe, render: () => register.metrics(), collect: () => register.getMetricsAsJSON() };
}

/**
 * Serves metrics under `/metrics` on a port of their own, where no token of the API is asked for. Returns the URL, and the
 * function that ends it.
 * @param port 0 takes any free one.
 * @throws ConfigError when the port cannot be used
 */
export async function serveMetrics(
  render: () => Promise<string>,
  host: string,
  port: number,
): Promise<{ readonly url: string; close(): void }> {
  const { contentType } = new (await loadLibrary()).Registry();
  const server = createServer((req, res) => {
    if (req.method !== 'GET' || req.url !== '/metrics') return void res.writeHead(404).end();
    render().then(
      (text) => res.writeHead(200, { 'Content-Type': contentType, 'Cache-Control': 'no-store' }).end(text),
      () => res.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  await once(server, 'listening').catch(({ code }: { code?: string }) => {
    throw new ConfigError(`METRICS_PORT cannot be used (${code}). Set another one, or 0 for any free one.`);
  });
  const { port: actual, address, family } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}/metrics`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
