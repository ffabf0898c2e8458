import type { ErrorRequestHandler } from 'express';
import type { Log } from '../log.ts';
import { problemOfStatus, reject } from '../problem.ts';
import { problemResponse, send } from './send.ts';

/**
 * Turns an error that Express itself passes on, such as a target that it cannot parse, into a problem. Errors of the
 * request path never get here.
 */
export function handleErrors(log: Log, newRequestId: () => string): ErrorRequestHandler {
  return (error: { status?: number } | undefined, _req, res, _next) => {
    const requestId = newRequestId();
    const name = problemOfStatus(error?.status ?? 500) ?? 'ServerFault';
    if (name === 'ServerFault') log.fault(requestId, error);
    if (res.headersSent) res.destroy();
    else send(res, problemResponse(reject(name), requestId), requestId);
  };
}
