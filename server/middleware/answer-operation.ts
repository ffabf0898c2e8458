import type { RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Handlers, OperationRequest, Reply } from '../handlers.ts';
import { isRefusal } from '../problem.ts';

type AnyHandler = (request: OperationRequest<OperationId>) => Promise<Reply<OperationId>>;

/** Hands every request to the handler with the operationId that was chosen for it, and sends what that replies. */
export function answerOperation(handlers: Handlers): RequestHandler {
  return async (req, res, next) => {
    const { caller, requestId, operationId, pathParams: path } = res.locals;
    const { query, body } = req;
    const headers: Record<string, string | undefined> = {};
    for (const name of operations[operationId as OperationId].headers) headers[name] = req.get(name);
    const request = { caller, requestId, path, query, headers, body };
    const handler = handlers[operationId as OperationId] as AnyHandler;
    const reply = await handler(request as unknown as OperationRequest<OperationId>);
    if (isRefusal(reply)) {
      next(reply);
      return;
    }
    res.status(Number(reply.status)).set(reply.headers ?? {});
    if (reply.body === undefined) res.end();
    else res.json(reply.body);
  };
}
