import { type Contract, higherLevel, type Level, type Operation, provenanceOf } from './contract.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { type CreatedRecords, trackCreatedRecords } from './created-records.ts';
import { toCurl } from './curl.ts';
import type { CheckName, Exchange, Finding } from './exchange.ts';
import { createHttpClient, type HttpClient, type NoResponse, type RequestOptions, type Target } from './http-client.ts';
import { formatRequest, formatResponse, formsOf, toSafeText } from './masking.ts';
import { checkResponse, type Violation } from './response-checks.ts';
import { toScript } from './script.ts';

/** Error raised instead of sending a request after the run was aborted. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
}

/** Error raised by a case that cannot be tried. The message is the reason. */
export class NotTried extends Error {
  override readonly name = 'NotTried';
}

/** Connection of one case to the implementation: sends requests, checks every response, and collects findings. */
export interface Session {
  readonly contract: Contract;
  readonly target: Target;
  readonly coverage: Coverage;
  /** Violations that the run has reported so far. */
  readonly findings: readonly Finding[];
  /** Number of requests that all sessions of the run have sent. */
  readonly requestCount: number;
  /**
   * Sends a request and checks its response.
   *
   * @throws {NoResponse} without a response
   * @throws {Unreachable} for the third consecutive request without a response
   * @throws {Aborted} after the run was aborted
   */
  send(operation: Operation, options?: RequestOptions): Promise<Exchange>;
  /** Reports that a response violates the contract. */
  report(exchange: Exchange, operation: Operation, violation: Violation): void;
  /** Reports that a request got no response. */
  reportNoResponse(error: NoResponse): void;
  /** Reports a violation unless the response has one of the statuses. Returns whether it has. */
  expectStatus(
    exchange: Exchange,
    operation: Operation,
    statuses: number | readonly number[],
    violation: Violation,
  ): boolean;
  /** Returns a session for one case, whose findings have its id and name, and by default its level. */
  forCase(id: string, caseName: string, level?: Level): Session;
  /** Removes the findings from an index on, and returns them. */
  takeFindings(from: number): Finding[];
  /** Adds findings that were removed. */
  addFindings(findings: readonly Finding[]): void;
  /** Makes every session of the run reject with `Aborted` once the signal is aborted. `cleanUp` still works. */
  abortOn(signal: AbortSignal): void;
  /** Notes ids of records that the run did not create and must not delete. */
  protect(ids: readonly string[]): void;
  /** Deletes the records that the run created. Returns the ids of those that are left. */
  cleanUp(options?: { isLast?: boolean }): Promise<string[]>;
}

/** State that all sessions of a run share. */
interface Run {
  readonly contract: Contract;
  readonly target: Target;
  readonly coverage: Coverage;
  readonly client: HttpClient;
  readonly records: CreatedRecords;
  /** Tokens by the names of their shell variables. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly isReported: (check: CheckName) => boolean;
  /** Tokens, and secrets that were sent, in every form. No report contains them. */
  readonly secrets: Set<string>;
  signal?: AbortSignal;
}

/** State of the session of one case. */
interface CaseState {
  readonly id: string;
  readonly caseName: string;
  readonly level: Level;
  readonly findings: Finding[];
  /** The last secrets that were sent. Responses are searched for them. */
  recentSecrets: readonly string[];
  /** Exchanges since the records of the case were deleted the last time. */
  exchanges: Exchange[];
}

/** Number of recent secrets. It bounds the time of each search. */
const maxRecentSecrets = 20;

function addSecret(run: Run, state: CaseState, body: unknown): void {
  const { client_secret: secret } = (body ?? {}) as { client_secret?: unknown };
  // A text of asterisks alone is the mask.
  if (typeof secret !== 'string' || !/[^*]/.test(secret)) return;
  if (!state.recentSecrets.includes(secret)) for (const form of formsOf(secret)) run.secrets.add(form);
  state.recentSecrets = [...state.recentSecrets, secret].slice(-maxRecentSecrets);
}

function addFinding(
  run: Run,
  state: CaseState,
  operation: Operation,
  violation: Violation,
  { request, response }: Pick<Exchange, 'request'> & Partial<Exchange>,
): void {
  const { check, message, cause = message, followsFrom = [], pointer, provenance, expected, got } = violation;
  if (!run.isReported(check)) return;
  const { secrets: masked } = run;
  const resolved = run.contract.resolvePointer(pointer);
  const { operationId } = operation;
  const last = {
    operationId,
    request,
    response: response ?? { status: 0, headers: new Headers(), text: '', json: {} },
  };
  const finding: Finding = {
    ...{ id: state.id, check, operationId, caseName: state.caseName },
    message: toSafeText(message, masked),
    cause: toSafeText(cause, masked),
    followsFrom: [...followsFrom],
    pointer: resolved,
    sentence: run.contract.sentenceAt(resolved),
    provenance: provenance ?? higherLevel(provenanceOf(operation), state.level),
    ...(expected !== undefined && { expected: toSafeText(expected, masked) }),
    ...(got !== undefined && { got: toSafeText(got, masked) }),
    status: response?.status ?? 0,
    request: formatRequest(request, run.target.token, masked),
    response: response === undefined ? 'nothing' : formatResponse(response, masked),
    curl: toCurl(request, run.tokens),
    again: toScript(
      state.exchanges.filter((each) => each.request !== request),
      last,
      run.tokens,
    ),
  };
  state.findings.push(finding);
  const ofExchange = findingsOf.get(request) ?? [];
  findingsOf.set(request, [...ofExchange, finding]);
}

/** Findings by the request that they are about. */
const findingsOf = new WeakMap<Exchange['request'], Finding[]>();

/** Checks of a response that a wrong status explains: headers and body belong to that status. */
const explainedByStatus: readonly CheckName[] = [
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'problem_shape',
];

/** Notes that the other findings about a response follow from its unexpected status. */
function explainByStatus({ request }: Exchange, { check, message, cause = message }: Violation): void {
  for (const finding of findingsOf.get(request) ?? []) {
    if (!explainedByStatus.includes(finding.check)) continue;
    (finding.followsFrom as string[]).push(`${check}: ${cause}`);
  }
}

/** Records the coverage of an exchange, and reports the violations that every response is checked for. */
function checkExchange(
  run: Run,
  state: CaseState,
  operation: Operation,
  options: RequestOptions,
  exchange: Exchange,
): void {
  const { contract, coverage, target } = run;
  const { request, response } = exchange;
  const { method, url } = request;
  const isOwnMethod = method.toLowerCase() === operation.method;
  const isHead = method === 'HEAD';
  if (isOwnMethod) coverage.record(operation, options, exchange);
  // Another method belongs to no operation. Its 405 is documented under every operation of the path.
  if (!isOwnMethod && !isHead && response.status !== 405 && response.status < 500) return;
  const isOfOperation = isOwnMethod || isHead;
  const documenting = isOfOperation ? [operation] : contract.operations.filter(({ path }) => path === operation.path);
  for (const each of documenting) coverage.recordStatus(each, exchange);
  const isReveal = operation.verb === 'list' && new URL(url).searchParams.getAll('truncate_secrets').join() === 'false';
  const violations = checkResponse({
    ...{ contract, operation, response, isReveal, isHead },
    secrets: state.recentSecrets,
    isStrict: target.isStrict ?? false,
  });
  for (const violation of violations) addFinding(run, state, operation, violation, exchange);
}

function createSession(run: Run, id: string, caseName: string, level: Level): Session {
  const { contract, target, coverage, client, records } = run;
  const findings: Finding[] = [];
  const state: CaseState = { id, caseName, level, findings, recentSecrets: [], exchanges: [] };

  const session: Session = {
    ...{ contract, target, coverage, findings },
    get requestCount() {
      return client.requestCount;
    },
    async send(operation, options = {}) {
      addSecret(run, state, options.body);
      const { signal } = run;
      if (signal?.aborted) throw new Aborted('the run was aborted');
      const onRateLimited = (limited: Exchange) => checkExchange(run, state, operation, options, limited);
      const exchange = await client.send(operation, options, { onRateLimited, signal });
      records.update(operation, exchange);
      state.exchanges.push(exchange);
      checkExchange(run, state, operation, options, exchange);
      return exchange;
    },
    report: (exchange, operation, violation) => addFinding(run, state, operation, violation, exchange),
    reportNoResponse({ operation, request, message }) {
      const pointer = `${operation.pointer}/responses`;
      const cause = message.replace(/:.*/, '');
      addFinding(run, state, operation, { check: 'not_a_server_error', message, cause, pointer }, { request });
    },
    expectStatus(exchange, operation, statuses, violation) {
      const { status } = exchange.response;
      const isExpected = [statuses].flat().includes(status);
      const isOwnMethod = exchange.request.method.toLowerCase() === operation.method;
      const isRejection = status >= 400 && [statuses].flat().some((each) => each >= 400);
      const isUndocumented = isOwnMethod && isRejection && operation.responses[status] === undefined;
      // A server error has been reported already, and so has a rejection with a status that is not documented.
      if (isExpected || status >= 500 || isUndocumented) return isExpected;
      session.report(exchange, operation, {
        expected: [statuses].flat().join(' or '),
        got: String(status),
        ...violation,
      });
      explainByStatus(exchange, violation);
      return false;
    },
    forCase: (ofCaseId, name, ofCase = 'documented') => createSession(run, ofCaseId, name, ofCase),
    takeFindings: (from) => findings.splice(from),
    addFindings(taken) {
      findings.push(...taken);
    },
    abortOn(signal) {
      run.signal = signal;
    },
    protect: (ids) => records.protect(ids),
    async cleanUp({ isLast = false } = {}) {
      state.exchanges = [];
      return target.keepsRecords === true ? records.list() : await records.deleteAll(isLast);
    },
  };
  return session;
}

/**
 * Opens the first session of a run.
 *
 * @param isReported - Returns whether violations of a check are reported.
 * @throws {Unreachable} for a base URL or a token that no request can be made with
 */
export function openSession(contract: Contract, target: Target, isReported: (check: CheckName) => boolean): Session {
  const client = createHttpClient(target);
  const run: Run = {
    ...{ contract, target, client, isReported },
    coverage: createCoverage(contract),
    records: trackCreatedRecords(contract, client),
    tokens: { TOKEN: target.token, OTHER_TOKEN: target.otherToken ?? '' },
    secrets: new Set([target.token, target.otherToken ?? ''].flatMap(formsOf)),
  };
  return createSession(run, '', '', 'documented');
}
