import { type Contract, higherLevel, type Level, type Operation, provenanceOf } from './contract.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { type CreatedRecords, trackCreatedRecords } from './created-records.ts';
import { toCurl } from './curl.ts';
import { type CheckName, type Exchange, type Finding, formatRequest, formatResponse, maskText } from './exchange.ts';
import { createHttpClient, type HttpClient, type NoResponse, type RequestOptions, type Target } from './http-client.ts';
import { checkResponse, type Violation } from './response-checks.ts';

/** Error raised instead of sending a request after the run was aborted. */
export class Aborted extends Error {
  override readonly name = 'Aborted';
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
  /** Returns a session for one case, whose findings have its name and by default its level. */
  forCase(caseName: string, level?: Level): Session;
  /** Removes the findings from an index on, and returns them. */
  takeFindings(from: number): Finding[];
  /** Adds findings that were removed. */
  addFindings(findings: readonly Finding[]): void;
  /** Makes every session of the run reject with `Aborted` once the signal is aborted. `cleanUp` still works. */
  abortOn(signal: AbortSignal): void;
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
  signal?: AbortSignal;
}

/** State of the session of one case. */
interface CaseState {
  readonly caseName: string;
  readonly level: Level;
  readonly findings: Finding[];
  /** Client secrets that were sent. */
  readonly secrets: Set<string>;
  /** The last of these secrets. Responses are searched for them. */
  recentSecrets: readonly string[];
}

/** Number of recent secrets. It bounds the time of each search. */
const maxRecentSecrets = 20;

function addSecret(state: CaseState, body: unknown): void {
  const { client_secret: secret } = (body ?? {}) as { client_secret?: unknown };
  // A text of asterisks alone is the mask.
  if (typeof secret !== 'string' || !/[^*]/.test(secret)) return;
  state.secrets.add(secret);
  state.recentSecrets = [...state.recentSecrets, secret].slice(-maxRecentSecrets);
}

/** Returns the texts that no report may contain. */
const maskedTexts = ({ tokens }: Run, { secrets }: CaseState) => [
  ...Object.values(tokens).filter((token) => token !== ''),
  ...secrets,
];

function addFinding(
  run: Run,
  state: CaseState,
  operation: Operation,
  { check, message, pointer, provenance }: Violation,
  { request, response }: Pick<Exchange, 'request'> & Partial<Exchange>,
): void {
  if (!run.isReported(check)) return;
  const masked = maskedTexts(run, state);
  state.findings.push({
    check,
    operationId: operation.operationId,
    caseName: state.caseName,
    message: maskText(message, masked),
    pointer: run.contract.resolvePointer(pointer),
    provenance: provenance ?? higherLevel(provenanceOf(operation), state.level),
    request: formatRequest(request, masked),
    response: response === undefined ? 'nothing' : formatResponse(response, masked),
    curl: toCurl(request, run.tokens),
  });
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

function createSession(run: Run, caseName: string, level: Level): Session {
  const { contract, target, coverage, client, records } = run;
  const findings: Finding[] = [];
  const state: CaseState = { caseName, level, findings, secrets: new Set(), recentSecrets: [] };

  const session: Session = {
    ...{ contract, target, coverage, findings },
    get requestCount() {
      return client.requestCount;
    },
    async send(operation, options = {}) {
      addSecret(state, options.body);
      const { signal } = run;
      if (signal?.aborted) throw new Aborted('the run was aborted');
      const onRateLimited = (limited: Exchange) => checkExchange(run, state, operation, options, limited);
      const exchange = await client.send(operation, options, { onRateLimited, signal });
      records.update(operation, exchange);
      checkExchange(run, state, operation, options, exchange);
      return exchange;
    },
    report: (exchange, operation, violation) => addFinding(run, state, operation, violation, exchange),
    reportNoResponse({ operation, request, message }) {
      const pointer = `${operation.pointer}/responses`;
      addFinding(run, state, operation, { check: 'not_a_server_error', message, pointer }, { request });
    },
    expectStatus(exchange, operation, statuses, violation) {
      const { status } = exchange.response;
      const isExpected = [statuses].flat().includes(status);
      // A server error has been reported already.
      if (!isExpected && status < 500) session.report(exchange, operation, violation);
      return isExpected;
    },
    forCase: (name, ofCase = 'documented') => createSession(run, name, ofCase),
    takeFindings: (from) => findings.splice(from),
    addFindings(taken) {
      findings.push(...taken);
    },
    abortOn(signal) {
      run.signal = signal;
    },
    cleanUp: ({ isLast = false } = {}) => records.deleteAll(isLast),
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
  };
  return createSession(run, '', 'documented');
}
