import type { Request } from 'express';

/** The part of the API of OpenTelemetry that is looked at, where a program has loaded it. */
interface Telemetry {
  readonly context?: { active(): { getValue(key: symbol): unknown } };
}

/** The place of the API of OpenTelemetry, versions 1.x. @see https://github.com/open-telemetry/opentelemetry-js/tree/main/api */
const telemetry = Symbol.for('opentelemetry.js.api.1');
/** The key under which its HTTP instrumentation keeps what frameworks tell it about a request. */
const rpcMetadata = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/**
 * Tells tools that observe the process the route of a request: `req.route.path`, as a router of Express would, and
 * `http.route` of OpenTelemetry, which its instrumentation cannot find out, because one function serves all routes.
 * @param path As the description has it: `/v1/oauth-apps/{id}`.
 */
export function nameRoute(req: Request, path: string): void {
  req.route = { path };
  const { context } = (globalThis as { [telemetry]?: Telemetry })[telemetry] ?? {};
  const metadata = context?.active().getValue(rpcMetadata) as { type: string; route?: string } | undefined;
  if (metadata?.type === 'http') metadata.route = req.baseUrl + path;
}
