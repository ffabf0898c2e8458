/** Faults between a client and the real server: requests and answers are altered on their way. */

export type Verb = 'list' | 'create' | 'get' | 'update' | 'delete' | 'none';

/** A request that can be altered. */
export interface Call {
  readonly verb: Verb;
  /** The id in the path. */
  readonly id?: string;
  method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** The body as JSON, undefined where it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: a fault does with it what it likes.
  body: any;
  text: string;
}

/** An answer that can be altered. */
export interface Answer {
  status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a fault does with it what it likes.
  body: any;
  text: string;
}

export type Send = (call: Call) => Promise<Answer>;
/** What happens in place of the right thing. */
export type Slip = (call: Call, send: Send) => Promise<Answer>;

const verbs: Record<string, Verb> = { GET: 'get', PATCH: 'update', DELETE: 'delete' };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The text of a body: as it came, unless it was altered. */
function toText({ body, text }: { body: unknown; text: string }): string {
  return JSON.stringify(body) === JSON.stringify(parse(text)) ? text : JSON.stringify(body);
}

async function readCall(request: Request): Promise<Call> {
  const url = new URL(request.url);
  const [, id] = /\/oauth-apps\/([^/]+)$/.exec(url.pathname) ?? [];
  const onList: Verb = request.method === 'GET' ? 'list' : request.method === 'POST' ? 'create' : 'none';
  const verb = id === undefined ? onList : (verbs[request.method] ?? 'none');
  const text = await request.text();
  return { verb, id, method: request.method, url, headers: new Headers(request.headers), body: parse(text), text };
}

async function sendCall(call: Call): Promise<Answer> {
  const body = toText(call);
  const { method, headers } = call;
  const response = await fetch(call.url, { method, headers, ...(body !== '' && { body }), redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: new Headers(response.headers), body: parse(text), text };
}

/** A `fetch` with a fault in it. */
export function faultyFetch(slip: Slip): (request: Request) => Promise<Response> {
  return async (request) => {
    const answer = await slip(await readCall(request), sendCall);
    const isEmpty = request.method === 'HEAD' || answer.status === 204 || answer.status === 304;
    return new Response(isEmpty ? null : toText(answer), { status: answer.status, headers: answer.headers });
  };
}

/** Which calls a fault concerns: those of these verbs, or all of them. */
const concerns = (which: readonly Verb[] | 'all', { verb }: Call) => which === 'all' || which.includes(verb);

/** Alters requests. */
export const asking =
  (which: readonly Verb[] | 'all', alter: (call: Call) => void): Slip =>
  (call, send) => {
    if (concerns(which, call)) alter(call);
    return send(call);
  };

/** Alters answers. */
export const answering =
  (which: readonly Verb[] | 'all', alter: (answer: Answer, call: Call) => void): Slip =>
  async (call, send) => {
    const answer = await send(call);
    if (concerns(which, call)) alter(answer, call);
    return answer;
  };

/** Another call with the same credentials. */
export function aside(call: Call, verb: 'list' | 'get' | 'update' | 'delete', id = call.id, body?: unknown): Call {
  const method = { list: 'GET', get: 'GET', update: 'PATCH', delete: 'DELETE' }[verb];
  const url = new URL(verb === 'list' ? '/v1/oauth-apps' : `/v1/oauth-apps/${id}`, call.url);
  const headers = new Headers({ Authorization: call.headers.get('authorization') ?? '' });
  if (body !== undefined) headers.set('Content-Type', 'application/json');
  return { verb, id, method, url, headers, body, text: '' };
}
