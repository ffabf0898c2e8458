import { setTimeout } from 'node:timers/promises';
import type { Operation } from './contract.ts';
import type { Exchange, ReceivedResponse, SentRequest } from './exchange.ts';

/** How to reach the implementation, and what it may be asked. */
export interface Target {
  readonly baseUrl: string;
  readonly token: string;
  /** A token of another account, for the checks of isolation. */
  readonly otherToken?: string;
  /** Sends requests. Default: the global `fetch`. */
  readonly fetch?: (request: Request) => Promise<Response>;
  /** Report response properties that the description does not have. */
  readonly isStrict?: boolean;
}

/** What to send: an operation with its example path and no body, but for what is given. */
export interface Sending {
  readonly id?: string;
  /** Appended to the path as it is, `?` included; parameters are percent-encoded by `toQuery`. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value to send as JSON. */
  readonly body?: unknown;
  /** A body to send as it is. */
  readonly text?: string;
  readonly method?: string;
  /** Sent instead of the token; null sends no credentials. */
  readonly authorization?: string | null;
}

/** Raised when the implementation cannot be reached at all, or refuses the token. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Raised for a request that got no answer. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly operation: Operation;
  readonly request: SentRequest;
  constructor(operation: Operation, request: SentRequest, reason: string) {
    super(`no answer came: ${reason}`);
    this.operation = operation;
    this.request = request;
  }
}

const timeoutSeconds = 15;
/** As many requests without an answer in a row mean that nobody is there any more. */
const mostSilences = 3;

/** Percent-encoded as RFC 3986 has it, reserved characters too: every server has to understand that. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/** `{a: 'x y'}` → `?a=x%20y`; nothing for no parameters. */
export function toQuery(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${encode(name)}=${encode(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** Why a fetch failed, in a few words. It wraps the cause, which has a code, a message, or other causes in it. */
function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: Error & { code?: string } };
  if (name === 'TimeoutError') return 'it took too long';
  return cause?.code || cause?.message || message || name;
}

function checkTarget({ baseUrl, token, otherToken }: Target): void {
  const { username, password, search, hash } = new URL(baseUrl);
  if (`${username}${password}${search}${hash}` !== '') {
    throw new Unreachable('the base URL has a user name, a query or a fragment, which no request can be made with');
  }
  // The runtime's own message would show the token.
  for (const each of [token, otherToken ?? '']) {
    if (/[^\t\x20-\x7e\x80-\xff]/.test(each)) throw new Unreachable('a token has characters that no header can hold');
  }
}

/** How long somebody who sent too much waits, and how often. */
const longestWaitSeconds = 90;
const mostWaits = 5;

/** Waits as long as a 429 says, or until there is no more need to. */
async function waitAsTold({ headers }: ReceivedResponse, round: number, signal?: AbortSignal): Promise<void> {
  const told = Number(headers.get('retry-after') ?? Number.NaN);
  const seconds = Number.isFinite(told) ? told : 2 ** round;
  await setTimeout(Math.min(seconds, longestWaitSeconds) * 1_000, undefined, { signal }).catch(() => {});
}

/** Sends requests and counts them. Throws `Unreachable` where no request can be made. */
export function createSender(target: Target) {
  checkTarget(target);
  const base = target.baseUrl.replace(/\/+$/, '');
  let sent = 0;
  let silences = 0;

  const toRequest = (operation: Operation, sending: Sending, body: string | undefined): Request => {
    const { id = 'unknown', query = '', headers = {}, method = operation.method.toUpperCase() } = sending;
    const { authorization = `Bearer ${target.token}` } = sending;
    const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(id));
    return new Request(`${base}${path}${query}`, {
      method,
      headers: {
        ...(authorization !== null && { Authorization: authorization }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutSeconds * 1_000),
    });
  };

  const sendOnce = async (operation: Operation, sending: Sending): Promise<Exchange> => {
    const { body: value, text: given } = sending;
    const body = given ?? (value === undefined ? undefined : JSON.stringify(value));
    const request = toRequest(operation, sending, body);
    const { method, url } = request;
    const asSent = { method, url, headers: Object.fromEntries(request.headers), body };
    sent += 1;
    try {
      const answer = await (target.fetch ?? fetch)(request);
      const text = await answer.text();
      silences = 0;
      const response = { status: answer.status, headers: answer.headers, text, json: parse(text) };
      return { operationId: operation.operationId, request: asSent, response };
    } catch (error) {
      silences += 1;
      if (silences < mostSilences) throw new NoAnswer(operation, asSent, reasonOf(error));
      throw new Unreachable(`${method} ${url} got no answer, like the requests before it (${reasonOf(error)})`);
    }
  };

  return {
    get sent() {
      return sent;
    },
    /**
     * Sends a request, again where the answer is 429 and the time that it names has passed; `onLimited` sees those
     * answers. Rejects with `NoAnswer`, and with `Unreachable` when that happens again and again.
     */
    async send(operation: Operation, sending: Sending, { onLimited, signal }: SendOptions = {}): Promise<Exchange> {
      for (let round = 0; ; round += 1) {
        const exchange = await sendOnce(operation, sending);
        if (exchange.response.status !== 429 || round === mostWaits || signal?.aborted) return exchange;
        onLimited?.(exchange);
        await waitAsTold(exchange.response, round, signal);
      }
    },
  };
}

interface SendOptions {
  readonly onLimited?: (exchange: Exchange) => void;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

export type Sender = ReturnType<typeof createSender>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
