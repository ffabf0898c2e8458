import { createTestApp } from './cases/apps.ts';
import { findParents } from './cases/fields.ts';
import { bodySchemaOf, type Contract, type Level, type Operation } from './contract.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import { type CreatedRecords, trackCreatedRecords } from './created-records.ts';
import type { CheckName, Exchange, Finding } from './exchange.ts';
import { createFinding, explainByStatus } from './findings.ts';
import { createHttpClient, type HttpClient, type RequestOptions, type Target } from './http-client.ts';
import { formsOf, formsOfToken, maskKnown } from './masking.ts';
import { type RequestIds, trackRequestIds } from './request-ids.ts';
import { checkResponse } from './response-checks.ts';
import { Aborted, NoResponse } from './run-errors.ts';
import { findReveal } from './secret-checks.ts';
import type { Violation } from './violation.ts';
import type { WireOptions } from './wire.ts';

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
   * @throws {RateLimited} where each attempt got 429
   * @throws {Unreachable} for the third consecutive request without a response
   * @throws {Aborted} after the run was aborted
   */
  send(operation: Operation, options?: RequestOptions): Promise<Exchange>;
  /**
   * Writes a request to a connection of its own, and checks the first response. Returns undefined without a response,
   * and reports it.
   */
  sendOnWire(
    operation: Operation,
    options: RequestOptions,
    wire: WireOptions,
  ): Promise<{ exchange: Exchange; isChunked: boolean } | undefined>;
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
  forCase(id: string, caseName: string, level?: Level, contract?: Contract): Session;
  /**
   * Returns the id of a record of a resource. The session creates one where it has none.
   *
   * @param authorization - Authorization header of the account of the record. @default the account of the run
   */
  referTo(resource: string, authorization?: string | null): Promise<string | undefined>;
  /** Removes the findings from an index on, and returns them. */
  takeFindings(from: number): Finding[];
  /** Adds findings that were removed. */
  addFindings(findings: readonly Finding[]): void;
  /** Makes every session of the run reject with `Aborted` once the signal is aborted. `cleanUp` still works. */
  abortOn(signal: AbortSignal): void;
  /** Notes ids of records that the run did not create and must not delete. */
  protect(ids: readonly string[]): void;
  /** Deletes the records that the run created. Returns the ids of those that are left, without secrets in them. */
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
  readonly requestIds: RequestIds;
  signal?: AbortSignal;
}

/** State of the session of one case. */
interface CaseState {
  /** Contract of the resource that the case is about. */
  readonly contract: Contract;
  /** Ids of records that others refer to, by the name of their resource and their account. */
  readonly references: Map<string, string | undefined>;
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

function addSecrets(run: Run, state: CaseState, operation: Operation, body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  for (const name of bodySchemaOf(state.contract, operation)?.secrets ?? []) {
    addSecret(run, state, (body as Record<string, unknown>)[name]);
  }
}

function addSecret(run: Run, state: CaseState, secret: unknown): void {
  // A text of asterisks alone is the mask.
  if (typeof secret !== 'string' || !/[^*]/.test(secret)) return;
  if (!state.recentSecrets.includes(secret)) for (const form of formsOf(secret)) run.secrets.add(form);
  state.recentSecrets = [...state.recentSecrets, secret].slice(-maxRecentSecrets);
}

/** Findings by the request that they are about. */
const findingsOf = new WeakMap<Exchange['request'], Finding[]>();

function addFinding(
  run: Run,
  state: CaseState,
  operation: Operation,
  violation: Violation,
  exchange: Pick<Exchange, 'request'> & Partial<Exchange>,
): void {
  if (!run.isReported(violation.check)) return;
  const { secrets, tokens } = run;
  const finding = createFinding({ ...state, contract: run.contract, secrets, tokens }, operation, violation, exchange);
  state.findings.push(finding);
  findingsOf.set(exchange.request, [...(findingsOf.get(exchange.request) ?? []), finding]);
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
  const violations = checkResponse({
    ...{ contract, operation, response, isHead, ...findReveal(operation, url) },
    secrets: state.recentSecrets,
    isStrict: target.isStrict ?? false,
  });
  const repeated = run.requestIds.check(contract, operation, response);
  for (const violation of [...violations, ...repeated]) addFinding(run, state, operation, violation, exchange);
}

function createSession(run: Run, id: string, caseName: string, level: Level, contract: Contract): Session {
  const { target, coverage, client, records } = run;
  const findings: Finding[] = [];
  const references = new Map<string, string | undefined>();
  const state: CaseState = { id, caseName, level, contract, references, findings, recentSecrets: [], exchanges: [] };

  const session: Session = {
    ...{ contract, target, coverage, findings },
    get requestCount() {
      return client.requestCount;
    },
    async send(operation, options = {}) {
      addSecrets(run, state, operation, options.body);
      const { signal } = run;
      if (signal?.aborted) throw new Aborted('the run was aborted');
      const onRateLimited = (limited: Exchange) => checkExchange(run, state, operation, options, limited);
      const parents = { ...(await findParents(session, operation)), ...options.parents };
      const exchange = await client.send(operation, { ...options, parents }, { onRateLimited, signal });
      records.update(operation, exchange, parents);
      state.exchanges.push(exchange);
      checkExchange(run, state, operation, options, exchange);
      return exchange;
    },
    async sendOnWire(operation, options, wire) {
      addSecrets(run, state, operation, options.body);
      if (run.signal?.aborted) throw new Aborted('the run was aborted');
      const parents = { ...(await findParents(session, operation)), ...options.parents };
      const { signal } = run;
      const onRateLimited = (limited: Exchange) => checkExchange(run, state, operation, options, limited);
      try {
        const retry = { onRateLimited, signal };
        const { exchange, isChunked } = await client.sendOnWire(operation, { ...options, parents }, wire, retry);
        records.update(operation, exchange, parents);
        state.exchanges.push(exchange);
        // A server that does not read such a request rejects it before it has an operation.
        if (exchange.response.status < 400) checkExchange(run, state, operation, options, exchange);
        return { exchange, isChunked };
      } catch (error) {
        if (!(error instanceof NoResponse)) throw error;
        session.reportNoResponse(error);
        return undefined;
      }
    },
    report: (exchange, operation, violation) => addFinding(run, state, operation, violation, exchange),
    reportNoResponse({ operation, request, message }) {
      const pointer = `${operation.pointer}/responses`;
      const cause = message.endsWith(': timeout') ? 'no response in time' : 'the connection ends without a response';
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
      explainByStatus(findingsOf.get(exchange.request) ?? [], operation, violation);
      return false;
    },
    async referTo(name, authorization) {
      const part = run.contract.partOf(name);
      const key = `${name} ${authorization}`;
      if (part === undefined || state.references.has(key)) return state.references.get(key);
      const created = await createTestApp(createSession(run, id, caseName, level, part), {}, { authorization });
      state.references.set(key, created?.app.id);
      return created?.app.id;
    },
    forCase: (ofCaseId, name, ofCase = 'documented', part = contract) =>
      createSession(run, ofCaseId, name, ofCase, part),
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
      state.references.clear();
      const left = target.keepsRecords === true ? records.list() : await records.deleteAll(isLast);
      return left.map((each) => maskKnown(each, run.secrets));
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
    requestIds: trackRequestIds(),
    secrets: new Set([target.token, target.otherToken ?? ''].flatMap(formsOfToken)),
  };
  return createSession(run, '', '', 'documented', contract);
}
