import { type AnswerContext, type Breach, breachProvenance, checkAnswer } from './checks.ts';
import type { Contract, Operation } from './contract.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import type { Exchange, Finding } from './exchange.ts';
import { showRequest, showResponse, toCurl } from './exchange.ts';

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

/** An app that the suite made, to be removed at the end. */
interface Made {
  readonly id: string;
  readonly authorization: string;
}

const timeoutMilliseconds = 15_000;

/** `{a: 'x y'}` → `?a=x+y`; nothing for no parameters. */
export function toQuery(parameters: Readonly<Record<string, unknown>>): string {
  const text = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

/** Talks to an implementation: sends, checks every answer, and remembers findings, coverage and what it made. */
export interface Session {
  readonly contract: Contract;
  readonly target: Target;
  readonly coverage: Coverage;
  readonly findings: readonly Finding[];
  /** How many requests were sent. */
  readonly sent: number;
  /** Sends a request and checks what every answer has to keep. */
  send(operation: Operation, sending?: Sending): Promise<Exchange>;
  /** Says that an answer breaks a sentence of the contract. */
  report(exchange: Exchange, operation: Operation, breach: Breach): void;
  /** Reports unless the status is one of these. Gives whether it is. */
  expectStatus(exchange: Exchange, operation: Operation, statuses: number | readonly number[], breach: Breach): boolean;
  /** A session for one case: shares everything and names its findings. */
  named(caseName: string): Session;
  /** Whether nothing was reported since a number of findings. */
  countFindings(): number;
  /** Drops the findings from this one on: those of a failing request that a smaller one stands for. */
  dropFindings(from: number): void;
  /** Removes what was made. Gives the ids of what could not be removed. */
  cleanUp(): Promise<string[]>;
}

/** A session with an implementation. */
export function openSession(contract: Contract, target: Target): Session {
  const findings: Finding[] = [];
  const coverage = createCoverage(contract);
  const secrets = new Set<string>();
  const made = new Map<string, Made>();
  const hidden = () => [target.token, target.otherToken ?? '', ...secrets].filter((secret) => secret !== '');
  let sent = 0;

  const toRequest = (operation: Operation, sending: Sending): Request => {
    const { id = 'unknown', query = '', headers = {}, body, text, method, authorization } = sending;
    const path = operation.path.replace(/\{\w+\}/g, () => encodeURIComponent(id));
    const content = text ?? (body === undefined ? undefined : JSON.stringify(body));
    const credentials = authorization === undefined ? `Bearer ${target.token}` : authorization;
    return new Request(`${target.baseUrl.replace(/\/$/, '')}${path}${query}`, {
      method: method ?? operation.method.toUpperCase(),
      headers: {
        ...(credentials !== null && { Authorization: credentials }),
        ...(content !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: content,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMilliseconds),
    });
  };

  const exchangeWith = async (operation: Operation, request: Request, body: string | undefined): Promise<Exchange> => {
    sent += 1;
    const { method, url } = request;
    const headers = Object.fromEntries(request.headers);
    const answer = await (target.fetch ?? fetch)(request).catch((error: Error & { cause?: { code?: string } }) => {
      throw new Unreachable(`${method} ${url} got no answer (${error.cause?.code ?? error.name})`);
    });
    const text = await answer.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    const response = { status: answer.status, headers: answer.headers, text, json };
    return { operationId: operation.operationId, request: { method, url, headers, body }, response };
  };

  /** Remembers what a request tells of secrets and an answer of apps that were made. */
  const remember = (operation: Operation, sending: Sending, { request, response }: Exchange) => {
    if (operation.verb === 'create' && response.status === 200) {
      const { id } = (response.json ?? {}) as { id?: unknown };
      const authorization = request.headers.authorization ?? '';
      if (typeof id === 'string') made.set(id, { id, authorization });
    }
    if (operation.verb === 'delete' && response.status === 200 && sending.id) made.delete(sending.id);
  };

  const learnSecret = (body: unknown) => {
    const { client_secret: secret } = (body ?? {}) as { client_secret?: unknown };
    // What is made of asterisks alone is the mask itself.
    if (typeof secret === 'string' && /[^*]/.test(secret)) secrets.add(secret);
  };

  const create = (caseName: string): Session => {
    const session: Session = {
      contract,
      target,
      coverage,
      findings,
      get sent() {
        return sent;
      },
      async send(operation, sending = {}) {
        learnSecret(sending.body);
        const request = toRequest(operation, sending);
        const body = sending.text ?? (sending.body === undefined ? undefined : JSON.stringify(sending.body));
        const exchange = await exchangeWith(operation, request, body);
        remember(operation, sending, exchange);
        const isOwnMethod = request.method.toLowerCase() === operation.method;
        const isHead = request.method === 'HEAD';
        if (isOwnMethod) coverage.record(operation, sending, exchange);
        if (!isOwnMethod && !isHead && exchange.response.status !== 405) return exchange;
        // No operation is meant by another method; its 405 stands under every operation of the path.
        const meant =
          isOwnMethod || isHead ? [operation] : contract.operations.filter(({ path }) => path === operation.path);
        for (const each of meant) coverage.recordStatus(each, exchange);
        const context: AnswerContext = {
          contract,
          operation,
          response: exchange.response,
          secrets,
          isReveal: operation.verb === 'list' && new URL(request.url).searchParams.get('truncate_secrets') === 'false',
          isStrict: target.isStrict ?? false,
          isHead,
        };
        for (const breach of checkAnswer(context)) session.report(exchange, operation, breach);
        return exchange;
      },
      report(exchange, operation, breach) {
        const { check, message, pointer } = breach;
        const all = hidden();
        findings.push({
          check,
          operationId: operation.operationId,
          caseName,
          message,
          pointer,
          provenance: breachProvenance(breach, operation),
          request: showRequest(exchange.request, all),
          response: showResponse(exchange.response, all),
          curl: toCurl(exchange.request, all),
        });
      },
      expectStatus(exchange, operation, statuses, breach) {
        const isExpected = [statuses].flat().includes(exchange.response.status);
        // A failing server has been reported already.
        if (!isExpected && exchange.response.status < 500) session.report(exchange, operation, breach);
        return isExpected;
      },
      named: create,
      countFindings: () => findings.length,
      dropFindings: (from) => {
        findings.length = from;
      },
      async cleanUp() {
        const path = contract.bundle.paths[contract.find('get')?.path ?? ''];
        const remove = contract.find('get');
        if (path === undefined || remove === undefined) return [...made.keys()];
        for (const { id, authorization } of [...made.values()]) {
          const request = toRequest(remove, { id, authorization, method: 'DELETE' });
          const { response } = await exchangeWith(remove, request, undefined);
          if (response.status < 300 || response.status === 404) made.delete(id);
        }
        return [...made.keys()];
      },
    };
    return session;
  };
  return create('');
}
