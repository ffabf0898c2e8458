import type { RequestHandler } from 'express';
import { type OperationId, operations } from '../../generated/operations.ts';
import type { Handlers, OperationRequest, Reply } from '../operation-types.ts';
import { isRefusal } from '../problem.ts';
import type { SendAnswer } from '../http/send.ts';

type AnyHandler = (request: OperationRequest<OperationId>) => Promise<Reply<OperationId>>;

/** The headers that an operation reads, as the description and as Node spells them. */
const headersOf = new Map(
  Object.entries(operations).map(([operationId, { headers }]) => [
    operationId,
    headers.map((name) => [name, name.toLowerCase()] as const),
  ]),
);

/** Hands every request to the handler with the operationId that was chosen for it, and sends what that replies. */
export function answerOperation(handlers: Handlers, send: SendAnswer): RequestHandler {
  return async (req, res, next) => {
    const { caller, requestId, operationId, pathParams: path, query } = res.locals;
    const { body } = req;
    const headers: Record<string, unknown> = {};
    for (const [name, key] of headersOf.get(operationId) ?? []) headers[name] = req.headers[key];
    const request = { caller, requestId, path, query, headers, body };
    const handler = handlers[operationId as OperationId] as AnyHandler;
    const reply = await handler(request as unknown as OperationRequest<OperationId>);
    if (isRefusal(reply)) next(reply);
    else send(res, { ...reply, status: Number(reply.status) });
  };
}
