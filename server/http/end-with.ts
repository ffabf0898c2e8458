import type { Express, NextFunction, Request, Response } from 'express';

/** The method through which Express runs an app. `next` is there only if another app or router is around it. */
interface Runnable {
  handle(req: Request, res: Response, next?: NextFunction): void;
}

/**
 * Replaces the end of requests that no layer of the app responds to. Express ends them with an HTML page. Inside another
 * app or router they go on to its next handler.
 */
export function endWith(end: (req: Request, res: Response) => void, app: Express): Express {
  const runnable = app as Express & Runnable;
  const handle = runnable.handle.bind(app);
  runnable.handle = (req, res, next = () => end(req, res)) => handle(req, res, next);
  return app;
}
