import type { ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import type { OperationId } from '../../generated/operations.ts';
import type { Caller } from '../operation-types.ts';
import { http } from '../node-http.ts';

/** The parameters of the query by name: as sent, and once they are checked as the description types them. */
export type Query = Readonly<Record<string, unknown>>;

/** What middleware finds out about a request, in `res.locals`. */
export class Findings {
  readonly requestId: string;
  caller: Caller | undefined;
  operationId: OperationId | undefined;
  /** The path parameters by name, decoded. */
  pathParams: Readonly<Record<string, string>> | undefined;
  query: Query | undefined;
  constructor(requestId: string) {
    this.requestId = requestId;
  }
}

/** Gives every request an id. */
export function beginRequest(newId: () => string): RequestHandler {
  return (_req, res, next) => {
    // What an app around this one has left there stays.
    res.locals = Object.assign(new Findings(newId()), res.locals);
    next();
  };
}

/**
 * What takes the place of Node's `res.writeHead`, which writes the head of every answer, however it is sent: whatever
 * became of the request, its answer carries its id.
 */
export function writeHeadWithId(this: Response, ...head: Parameters<ServerResponse['writeHead']>): Response {
  const { requestId }: Findings = this.locals as Findings;
  const headers = head.at(-1);
  if (Array.isArray(headers)) headers.push('X-Request-Id', requestId);
  else this.setHeader('X-Request-Id', requestId);
  return http.ServerResponse.prototype.writeHead.apply(this, head) as Response;
}
