import type { Express, Request, RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Handlers, OperationRequest, Reply } from '../handlers.ts';
import { isRefusal } from '../problem.ts';
import { toExpressPath } from './choose-operation.ts';

type AnyHandler = (request: OperationRequest<OperationId>) => Promise<Reply<OperationId>>;

function bind(handler: AnyHandler): RequestHandler {
  return async (req: Request, res, next) => {
    const { caller, requestId } = res.locals;
    const { params: path, query, body } = req;
    const reply = await handler({ caller, requestId, path, query, body } as unknown as OperationRequest<OperationId>);
    if (isRefusal(reply)) next(reply);
    else
      res
        .status(Number(reply.status))
        .set(reply.headers ?? {})
        .json(reply.body);
  };
}

/** Routes every operation of the description to the handler with its operationId. */
export function bindHandlers(app: Express, handlers: Handlers): void {
  for (const [operationId, { method, path }] of Object.entries(operations)) {
    app[method](toExpressPath(path), bind(handlers[operationId as OperationId] as AnyHandler));
  }
}
