import type { RequestHandler } from 'express';

/** A layer of a router: a route, or middleware that may have layers of its own. */
export interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: RequestHandler & { readonly stack?: readonly Layer[] };
}

/** Middleware that shows what is in it as Express's routers do, so that all routes of an app can be listed. */
export const withStack = (handler: RequestHandler, stack: readonly Layer[]): RequestHandler =>
  Object.assign(handler, { stack });

/**
 * Middleware that has no path of its own, one after the other, as one layer of the app: a router would look at the path
 * anew before each of them. An error, handed on, thrown or rejected with, ends the turn and goes to the app.
 */
export function inTurn(handlers: readonly RequestHandler[]): RequestHandler {
  const handler: RequestHandler = (req, res, done) => {
    let index = 0;
    const next = (error?: unknown): void => {
      const handler = handlers[index];
      index += 1;
      if (error !== undefined || handler === undefined) {
        done(error);
        return;
      }
      try {
        const result: unknown = handler(req, res, next);
        if (result instanceof Promise) result.catch(done);
      } catch (thrown) {
        done(thrown);
      }
    };
    next();
  };
  return withStack(
    handler,
    handlers.map((handle) => ({ handle })),
  );
}
