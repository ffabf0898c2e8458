import { type Breach, checkAnswer } from './checks.ts';
import { type Contract, type Level, laterOf, type Operation, provenanceOf } from './contract.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { toCurl } from './curl.ts';
import {
  type CheckName,
  type Exchange,
  type Finding,
  maskText,
  type SentRequest,
  showRequest,
  showResponse,
} from './exchange.ts';
import { trackMade } from './made.ts';
import { createSender, type NoAnswer, type Sending, type Target } from './sender.ts';

/** Talks to an implementation: sends, checks every answer, and remembers findings, coverage and what it made. */
export interface Session {
  readonly contract: Contract;
  readonly target: Target;
  readonly coverage: Coverage;
  /** What was reported so far. */
  readonly findings: readonly Finding[];
  /** How many requests were sent, in all. */
  readonly sent: number;
  /** Sends a request and checks what every answer has to keep. Rejects with `NoAnswer`, or `Ended`. */
  send(operation: Operation, sending?: Sending): Promise<Exchange>;
  /** Says that an answer breaks a sentence of the contract. */
  report(exchange: Exchange, operation: Operation, breach: Breach): void;
  /** Says that a request got no answer. */
  reportSilence(silence: NoAnswer): void;
  /** Reports unless the status is one of these. Gives whether it is. */
  expectStatus(exchange: Exchange, operation: Operation, statuses: number | readonly number[], breach: Breach): boolean;
  /** A session for one case: shares everything but its findings, which bear the name and come from the level. */
  named(caseName: string, level?: Level): Session;
  /** Takes back what was reported from this place on, and gives it. */
  takeBack(from: number): Finding[];
  /** Reports again what was taken back. */
  putBack(findings: readonly Finding[]): void;
  /** From when this signal is aborted on, nothing more is sent but what cleans up. */
  endWith(signal: AbortSignal): void;
  /** Removes what was made. Gives the ids of what could not be removed. */
  cleanUp(options?: { isLast?: boolean }): Promise<string[]>;
}

/** Raised instead of sending, once the run is to end. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** Secrets that an answer may show by mistake are those of the case: of its last requests, lest it take ever longer. */
const mostRecent = 20;

/** A session with an implementation. Throws `Unreachable` where no request can be made. */
export function openSession(contract: Contract, target: Target, isReported: (check: CheckName) => boolean): Session {
  const coverage = createCoverage(contract);
  const sender = createSender(target);
  const made = trackMade(contract, sender);
  const tokens = { TOKEN: target.token, OTHER_TOKEN: target.otherToken ?? '' };
  let ending: AbortSignal | undefined;

  const create = (caseName: string, level: Level): Session => {
    const findings: Finding[] = [];
    const secrets = new Set<string>();
    let recent: string[] = [];
    const hidden = () => [...Object.values(tokens).filter((token) => token !== ''), ...secrets];

    const learnSecret = (body: unknown) => {
      const { client_secret: secret } = (body ?? {}) as { client_secret?: unknown };
      // What is made of asterisks alone is the mask itself.
      if (typeof secret !== 'string' || !/[^*]/.test(secret)) return;
      secrets.add(secret);
      recent = [...recent, secret].slice(-mostRecent);
    };

    /** Checks what an answer has to keep whatever the request was. */
    const examine = (operation: Operation, sending: Sending, exchange: Exchange) => {
      const { method, url } = exchange.request;
      const isOwnMethod = method.toLowerCase() === operation.method;
      const isHead = method === 'HEAD';
      if (isOwnMethod) coverage.record(operation, sending, exchange);
      // No operation is meant by another method; its 405 stands under every operation of the path.
      const { status } = exchange.response;
      if (!isOwnMethod && !isHead && status !== 405 && status < 500) return;
      const isMeant = isOwnMethod || isHead;
      const meant = isMeant ? [operation] : contract.operations.filter(({ path }) => path === operation.path);
      for (const each of meant) coverage.recordStatus(each, exchange);
      const isReveal =
        operation.verb === 'list' && new URL(url).searchParams.getAll('truncate_secrets').join() === 'false';
      const breaches = checkAnswer({
        ...{ contract, operation, isReveal, isHead },
        response: exchange.response,
        secrets: recent,
        isStrict: target.isStrict ?? false,
      });
      for (const breach of breaches) session.report(exchange, operation, breach);
    };

    const add = (operation: Operation, breach: Breach, request: SentRequest, response: string) => {
      if (!isReported(breach.check)) return;
      const all = hidden();
      findings.push({
        check: breach.check,
        operationId: operation.operationId,
        caseName,
        message: maskText(breach.message, all),
        pointer: contract.locate(breach.pointer),
        provenance: breach.provenance ?? laterOf(provenanceOf(operation), level),
        request: showRequest(request, all),
        response,
        curl: toCurl(request, tokens),
      });
    };

    const session: Session = {
      contract,
      target,
      coverage,
      findings,
      get sent() {
        return sender.sent;
      },
      async send(operation, sending = {}) {
        learnSecret(sending.body);
        if (ending?.aborted) throw new Ended('the run is to end');
        const onLimited = (limited: Exchange) => examine(operation, sending, limited);
        const exchange = await sender.send(operation, sending, { onLimited, signal: ending });
        made.remember(operation, exchange);
        examine(operation, sending, exchange);
        return exchange;
      },
      report(exchange, operation, breach) {
        add(operation, breach, exchange.request, showResponse(exchange.response, hidden()));
      },
      reportSilence({ operation, request, message }) {
        const pointer = `${operation.pointer}/responses`;
        add(operation, { check: 'not_a_server_error', message, pointer }, request, 'nothing');
      },
      expectStatus(exchange, operation, statuses, breach) {
        const isExpected = [statuses].flat().includes(exchange.response.status);
        // A failing server has been reported already.
        if (!isExpected && exchange.response.status < 500) session.report(exchange, operation, breach);
        return isExpected;
      },
      named: (name, from = 'documented') => create(name, from),
      takeBack: (from) => findings.splice(from),
      putBack: (given) => {
        findings.push(...given);
      },
      endWith: (signal) => {
        ending = signal;
      },
      cleanUp: ({ isLast = false } = {}) => made.remove(isLast),
    };
    return session;
  };
  return create('', 'documented');
}
