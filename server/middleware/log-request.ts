import type { RequestHandler } from 'express';
import type { Log } from '../log.ts';

/** Logs every request once it is over, whichever way. */
export function logRequest(log: Log): RequestHandler {
  return (req, res, next) => {
    const start = performance.now();
    const { method } = req;
    res.on('close', () => {
      const { requestId, operationId, caller } = res.locals;
      log.request({
        requestId,
        method,
        operationId,
        status: res.headersSent ? res.statusCode : undefined,
        milliseconds: Math.round((performance.now() - start) * 10) / 10,
        accountId: caller?.accountId,
        tokenId: caller?.tokenId,
      });
    });
    next();
  };
}
