import type { Express, RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Handlers, OperationRequest, Reply } from '../handlers.ts';
import { isRefusal } from '../problem.ts';
import { toExpressPath } from './choose-operation.ts';

type AnyHandler = (request: OperationRequest<OperationId>) => Promise<Reply<OperationId>>;

function bind(handler: AnyHandler, headerNames: readonly string[]): RequestHandler {
  return async (req, res, next) => {
    const { caller, requestId } = res.locals;
    const { params: path, query, body } = req;
    const headers = Object.fromEntries(headerNames.map((name) => [name, req.get(name)]));
    const request = { caller, requestId, path, query, headers, body };
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

/** Routes every operation of the description to the handler with its operationId. */
export function bindHandlers(app: Express, handlers: Handlers): void {
  for (const [operationId, { method, path, headers }] of Object.entries(operations)) {
    app[method](toExpressPath(path), bind(handlers[operationId as OperationId] as AnyHandler, headers));
  }
}
