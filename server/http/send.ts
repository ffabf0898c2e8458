import type { Response } from 'express';

/** What is about to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Left out: JSON. */
  readonly mediaType?: string;
  /** Left out: none. */
  readonly body?: unknown;
}

/** Throws when an answer breaks the description. */
export type CheckAnswer = (answer: Answer, res: Response) => void;

/** Sends an answer; throws, and has sent nothing, when it must not be sent. */
export type SendAnswer = (res: Response, answer: Answer) => void;

/**
 * Sends answers that were checked. Head and body go out at once, without what Express's `res.json` looks up for every
 * answer: the charset of a type, an entity tag, whether the caller has it already. The handlers know that.
 */
export function checkAndSend(check: CheckAnswer): SendAnswer {
  return (res, answer) => {
    const { status, headers, mediaType = 'application/json', body } = answer;
    check(answer, res);
    const head: string[] = [];
    for (const name in headers) head.push(name, headers[name] ?? '');
    if (body === undefined) {
      res.writeHead(status, head).end();
      return;
    }
    const text = JSON.stringify(body);
    head.push('Content-Type', `${mediaType}; charset=utf-8`, 'Content-Length', String(Buffer.byteLength(text)));
    res.writeHead(status, head).end(text);
  };
}
