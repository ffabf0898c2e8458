import type { ServerResponse } from 'node:http';
import { type Rejection, toProblem } from '../problem.ts';

/** A response before it is sent. */
export interface ResponseParts {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default 'application/json' */
  readonly mediaType?: string;
  /** A JSON value. Left out: there is no body. */
  readonly body?: unknown;
  /** The body where it is text or UTF-8 already, whole or in parts. */
  readonly text?: string | Buffer | readonly (string | Buffer)[];
}

/** Turns a rejection into the response with its problem details. Every problem of an operation is made here. */
export function problemResponse(rejection: Rejection, requestId: string): ResponseParts {
  const body = toProblem(rejection, requestId);
  return {
    status: body.status,
    headers: { 'Cache-Control': 'no-store', ...rejection.details.headers },
    mediaType: 'application/problem+json',
    body,
  };
}

/**
 * Sends a response with its request id, head and body at once. Express's `res.json` also looks up the charset of the
 * type, computes an entity tag and compares it with the request, which the handlers do themselves.
 * @throws TypeError when the body has no JSON text; nothing has been sent then.
 */
export function send(res: ServerResponse, response: ResponseParts, requestId: string): void {
  const { status, headers, mediaType = 'application/json', body } = response;
  const head: string[] = [];
  for (const name in headers) head.push(name, headers[name] ?? '');
  head.push('X-Request-Id', requestId, 'X-Content-Type-Options', 'nosniff');
  const text = response.text ?? (body === undefined ? undefined : JSON.stringify(body));
  if (text === undefined) {
    res.writeHead(status, head).end();
    return;
  }
  const parts = Array.isArray(text) ? (text as readonly (string | Buffer)[]) : [text as string | Buffer];
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  head.push('Content-Type', `${mediaType}; charset=utf-8`, 'Content-Length', String(length));
  res.writeHead(status, head);
  for (const part of parts.slice(0, -1)) res.write(part);
  res.end(parts.at(-1));
}
