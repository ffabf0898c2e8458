import type { CaseResult } from './case-runs.ts';
import { type Cause, findCauses } from './causes.ts';
import { type Bundle, bodySchemaOf, type Contract, type Level, type Operation, readContract } from './contract.ts';
import { coveredShare, createCoverage } from './coverage.ts';
import type { CheckName, Exchange, Finding, ReceivedResponse, SentRequest } from './exchange.ts';
import { createFinding } from './findings.ts';
import { groupBy } from './group-by.ts';
import { formsOf, isSecretName, maskSecrets } from './masking.ts';
import { getPackageBundle } from './package-bundle.ts';
import { checkRequest } from './request-checks.ts';
import { checkResponse } from './response-checks.ts';
import { findReveal } from './secret-checks.ts';
import type { SuiteResult } from './suite.ts';
import type { Violation } from './violation.ts';

/** Checks traffic that exists already. Nothing is sent. */

/**
 * Request and response that another program recorded.
 *
 * @example
 * const method = ({ request }: RecordedExchange) => request.method;
 */
export interface RecordedExchange {
  /** Request as it was recorded. */
  readonly request: SentRequest;
  /** Response to it. */
  readonly response: ReceivedResponse;
}

/**
 * Options of a check of recorded traffic.
 *
 * @example
 * const options: PassiveOptions = { level: 'documented' };
 * const check = createPassiveCheck(options);
 */
export interface PassiveOptions {
  /** Level of the contract. @default 'extension' */
  readonly level?: Level;
  /** Whether response properties that the description does not have are reported. @default false */
  readonly isStrict?: boolean;
  /** Checks whose violations are reported. @default all checks */
  readonly only?: readonly CheckName[];
  /** Checks whose violations are not reported. @default none */
  readonly skip?: readonly CheckName[];
  /** Bundled description. @default the bundle of this package */
  readonly bundle?: Bundle;
}

/**
 * Check of recorded traffic, exchange by exchange. Its memory does not grow with their number.
 *
 * @example
 * const check: PassiveCheck = createPassiveCheck({ level: 'documented' });
 */
export interface PassiveCheck {
  /** Checks an exchange. One that belongs to no operation is counted as ignored; so is undefined. */
  add(exchange: RecordedExchange | undefined): void;
  /** Number of exchanges that belong to no operation. */
  readonly ignored: number;
  /** Returns the result so far. */
  result(): SuiteResult;
}

/** Number of findings of a cause, operation and status that are kept. The others are counted. */
const maxKept = 3;
/** Number of recent secrets that responses are searched for, and of texts that are masked. */
const maxSecrets = 200;

/** Headers of a request that the contract is about. The values of others may be secret. */
const knownHeaders = /^(authorization|content-type|content-encoding|accept|if-match|if-none-match|idempotency-key)$/;

/** Returns a request without the headers and the values in its URL that could be secret. */
function redact({ method, url, headers, body }: SentRequest): SentRequest {
  const kept = Object.entries(headers).filter(([name]) => knownHeaders.test(name));
  return { method, url: maskSecrets(url, []), headers: Object.fromEntries(kept), body };
}

/** Finds the operation of a URL whose path ends with the path of the operation. */
function createFinder({ operations }: Contract) {
  const patterns = operations.map((operation) => {
    const path = operation.path.replaceAll(/[.*+?^$()[\]\\|]/g, '\\$&').replaceAll(/\{[^}]+\}/g, '([^/]+)');
    return { operation, pattern: new RegExp(`${path}$`) };
  });
  return ({ method, url }: SentRequest) => {
    const { pathname } = new URL(url);
    const ofPath = patterns.filter(({ pattern }) => pattern.test(pathname));
    const ofMethod = ofPath.find(({ operation }) => operation.method === method.toLowerCase());
    const head = method === 'HEAD' ? ofPath.find(({ operation }) => operation.method === 'get') : undefined;
    return (ofMethod ?? head)?.operation;
  };
}

interface State {
  readonly findings: Finding[];
  readonly dropped: Map<string, number>;
  readonly kept: Map<string, number>;
  readonly seen: Map<string, Set<string>>;
  secrets: string[];
}

const causeKey = ({ check, cause }: Pick<Finding, 'check' | 'cause'>) => `${check}: ${cause}`;

/** Returns the secrets of a request: those of its secret fields. */
function secretsOf(contract: Contract, operation: Operation, body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  const names = bodySchemaOf(contract, operation)?.secrets ?? [];
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'string' && (names.includes(name) || isSecretName(name)) && /[^*]/.test(value) ? [value] : [],
  );
}

/** Adds the findings that were only counted to their causes. */
const withDropped = (causes: readonly Cause[], dropped: ReadonlyMap<string, number>): Cause[] =>
  causes.map((cause) => {
    const keys = new Set(cause.findings.map(causeKey));
    const more = [...keys].reduce((sum, key) => sum + (dropped.get(key) ?? 0), 0);
    return { ...cause, count: cause.count + more };
  });

function toResults({ seen, findings }: State): CaseResult[] {
  const byPlace = groupBy(findings, ({ operationId, check }) => `${operationId} ${check}`);
  return [...seen].flatMap(([operationId, checks]) =>
    [...checks].map((name) => {
      const check = name as CheckName;
      const ofCheck = byPlace.get(`${operationId} ${check}`) ?? [];
      const common = { name: 'recorded exchanges', operationId, check, milliseconds: 0 };
      return { ...common, findings: ofCheck, isBroken: ofCheck.length > 0 };
    }),
  );
}

const checksOfEach: readonly CheckName[] = ['status_code_conformance', 'request_conformance'];

/**
 * Creates a check of recorded traffic.
 *
 * @throws {Error} for a missing bundle
 * @example
 * const check = createPassiveCheck();
 * console.log(check.result().findings.length); // 0
 */
export function createPassiveCheck(options: PassiveOptions = {}): PassiveCheck {
  const { level = 'extension', isStrict = false, only, skip = [], bundle = getPackageBundle() } = options;
  const contract = readContract(bundle, level);
  const findOperation = createFinder(contract);
  const coverage = createCoverage(contract);
  const state: State = { findings: [], dropped: new Map(), kept: new Map(), seen: new Map(), secrets: [] };
  let [checked, ignored] = [0, 0];
  const isReported = (check: CheckName) => !skip.includes(check) && (only === undefined || only.includes(check));

  const report = (operation: Operation, violation: Violation, exchange: Exchange) => {
    if (!isReported(violation.check)) return;
    const checks = state.seen.get(operation.operationId);
    checks?.add(violation.check);
    const key = `${violation.check}: ${violation.cause ?? violation.message} ${operation.operationId} ${exchange.response.status}`;
    if ((state.kept.get(key) ?? 0) >= maxKept) {
      const cause = `${violation.check}: ${violation.cause ?? violation.message}`;
      state.dropped.set(cause, (state.dropped.get(cause) ?? 0) + 1);
      return;
    }
    const token = (exchange.request.headers.authorization ?? '').split(' ').slice(1).join(' ');
    const caseName = `exchange ${checked}`;
    const secrets = new Set([...state.secrets, token].flatMap(formsOf));
    const context = { contract, secrets, tokens: { TOKEN: token }, id: `${checked}`, caseName, exchanges: [] };
    state.kept.set(key, (state.kept.get(key) ?? 0) + 1);
    state.findings.push(createFinding({ ...context, level: 'documented' }, operation, violation, exchange));
  };

  const check = (operation: Operation, { request, response }: RecordedExchange) => {
    const exchange: Exchange = { operationId: operation.operationId, request: redact(request), response };
    if (!state.seen.has(operation.operationId)) state.seen.set(operation.operationId, new Set(checksOfEach));
    const { body, violations } = checkRequest(contract, operation, { request, response });
    const sent = secretsOf(contract, operation, body);
    const unknown = sent.filter((secret) => !state.secrets.includes(secret));
    if (unknown.length > 0) state.secrets = [...state.secrets, ...unknown].slice(-maxSecrets);
    const isHead = request.method === 'HEAD';
    const reveal = findReveal(operation, request.url);
    coverage.record(operation, { headers: { ...request.headers }, body }, exchange);
    coverage.recordStatus(operation, exchange);
    const context = { contract, operation, response, ...reveal, isStrict, isHead, secrets: state.secrets };
    for (const violation of [...violations, ...checkResponse(context)]) report(operation, violation, exchange);
  };

  return {
    add(recorded) {
      const operation = recorded && findOperation(recorded.request);
      if (recorded === undefined || operation === undefined) {
        ignored += 1;
        return;
      }
      checked += 1;
      check(operation, recorded);
    },
    get ignored() {
      return ignored;
    },
    result() {
      const results = toResults(state);
      const items = coverage.list();
      return {
        ...{ seed: 0, level, results, coverage: items, findings: state.findings, requests: checked },
        causes: withDropped(findCauses(state.findings), state.dropped),
        notTried: [],
        unmet: [],
        leftBehind: [],
        coveredShare: coveredShare(items),
        isAborted: false,
        isCutShort: false,
      };
    },
  };
}
