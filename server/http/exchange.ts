import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log, RequestLine } from '../log.ts';
import { isRejection, type Rejection, reject } from '../problem.ts';
import { withDeadline } from '../store/deadline.ts';
import { StoreUnavailable } from '../store/store.ts';
import { problemResponse, type ResponseParts, send } from './send.ts';
import { readTarget, type Target } from './target.ts';

/** The context of one request. */
export interface RequestContext {
  readonly requestId: string;
  readonly target: Target;
  readonly res: ServerResponse;
  /** The line that the log gets once the exchange is over. Steps add the operation and the caller to it. */
  readonly line: RequestLine;
}

/** Finds the response to a request. */
export type Respond = (context: RequestContext) => Promise<ResponseParts> | ResponseParts;

/** Runs the exchange of one request and its response. Never rejects. */
export type RunExchange = (req: IncomingMessage, res: ServerResponse, respond: Respond) => Promise<void>;

/**
 * The time that all calls to the store of one request may take together, in milliseconds. The arrival of its body does
 * not count. A database that does not respond becomes a 503 within five seconds.
 */
const storeMilliseconds = 4_000;

/** The pause that a 503 asks for: most reasons why a store cannot respond are locks that pass. */
const retryAfterSeconds = '1';

/** Turns an error into the rejection that the client gets, and logs it without its message. */
function rejectError(log: Log, requestId: string, error: unknown): Rejection {
  if (isRejection(error)) return error;
  if (error instanceof StoreUnavailable) {
    log.unavailable(requestId, error.code);
    return reject('Unavailable', { headers: { 'Retry-After': retryAfterSeconds } });
  }
  log.fault(requestId, error);
  return reject('ServerFault');
}

/** Logs an exchange once it is over, with the status that was sent. */
function logAtClose(log: Log, observe: Observe, line: RequestLine, res: ServerResponse): void {
  const start = performance.now();
  res.on('close', () => {
    line.status = res.headersSent ? res.statusCode : undefined;
    line.milliseconds = Math.round((performance.now() - start) * 10) / 10;
    log.request(line);
    observe(line);
  });
}

/** Called with each request once it is over. */
export type Observe = (line: RequestLine) => void;

/** Makes the function around every response of the app: request id, log line, plain target, deadline, problems. */
export function exchanges(log: Log, newRequestId: () => string, observe: Observe = () => {}): RunExchange {
  return async (req, res, respond) => {
    const requestId = newRequestId();
    const line: RequestLine = { requestId, method: req.method ?? '', milliseconds: 0 };
    logAtClose(log, observe, line, res);
    try {
      const target = readTarget(req);
      const response = isRejection(target)
        ? problemResponse(target, requestId)
        : await withDeadline(storeMilliseconds, () => respond({ requestId, target, res, line }));
      send(res, response, requestId);
    } catch (error) {
      const rejection = rejectError(log, requestId, error);
      if (res.headersSent) res.destroy();
      else send(res, problemResponse(rejection, requestId), requestId);
    }
  };
}
