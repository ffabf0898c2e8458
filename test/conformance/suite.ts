import { readFileSync } from 'node:fs';
import { accountIsolationCases } from './cases/account-isolation.ts';
import type { Case } from './cases/case.ts';
import { conditionalRequestCases } from './cases/conditional-requests.ts';
import { idempotencyCases } from './cases/idempotency.ts';
import { lifecycleCases } from './cases/lifecycle.ts';
import { listFilterCases } from './cases/list-filters.ts';
import { methodCases } from './cases/methods.ts';
import { pagingCases } from './cases/paging.ts';
import { rejectedRequestCases } from './cases/rejected-requests.ts';
import { requestBodyCases } from './cases/request-bodies.ts';
import { type Bundle, type Contract, type Level, readContract } from './contract.ts';
import { type CoverageItem, coveredShare } from './coverage.ts';
import type { CheckName, Finding } from './exchange.ts';
import { NoResponse, type Target, Unreachable } from './http-client.ts';
import { responseChecks } from './response-checks.ts';
import { Aborted, openSession, type Session } from './session.ts';

/** Implementation under test, and the cases to run. */
export interface SuiteOptions extends Target {
  /** Level of the contract that the implementation is held to. @default 'extension' */
  readonly level?: Level;
  /** Whether only cases that change nothing run. @default false */
  readonly isReadOnly?: boolean;
  /** Seed of the generated values, an integer from 0 to 2³¹ − 1. @default a random one, which `Suite.seed` has */
  readonly seed?: number;
  /** Number of generated values per case. @default 20 */
  readonly cases?: number;
  /**
   * Checks whose violations are reported. `positive_data_acceptance` and `not_a_server_error` are always reported,
   * because no other check works without them.
   *
   * @default all checks
   */
  readonly only?: readonly CheckName[];
  /** Checks whose violations are not reported. Overrides `only`. @default none */
  readonly skip?: readonly CheckName[];
  /** Bundled description. @default the bundle of this package */
  readonly bundle?: Bundle;
}

/** Result of one case. */
export interface CaseResult {
  readonly name: string;
  readonly operationId: string;
  readonly check: CheckName;
  readonly findings: readonly Finding[];
  /** Duration of the case. */
  readonly milliseconds: number;
}

/** Result of a run. */
export interface SuiteResult {
  readonly seed: number;
  readonly level: Level;
  /** Results of the cases that ran, in their order. */
  readonly results: readonly CaseResult[];
  /** Findings of all cases. */
  readonly findings: readonly Finding[];
  /** Number of requests that were sent. */
  readonly requests: number;
  readonly coverage: readonly CoverageItem[];
  /** Covered share, from 0 to 1, of the parts that a client can cover. */
  readonly coveredShare: number;
  /** Ids of apps that were created and could not be deleted. */
  readonly leftBehind: readonly string[];
  /** Whether the run was aborted before its last case. */
  readonly isAborted: boolean;
}

/** Case in the form that a test runner needs. */
export interface RunnableCase {
  readonly name: string;
  /** Runs the case. Rejects with the findings as its message where there are any. */
  run(): Promise<void>;
}

/** Options of one run. */
export interface RunOptions {
  /** Signal that ends the run before its next request. The apps that it created are still deleted. */
  readonly signal?: AbortSignal;
  /** Called after each case with the number of finished cases, the number of all cases, and the result. */
  readonly onProgress?: (done: number, all: number, result: CaseResult) => void;
}

/** Cases for one implementation. */
export interface Suite {
  readonly seed: number;
  readonly cases: readonly RunnableCase[];
  /**
   * Runs every case, and then deletes what the cases created.
   *
   * @throws {Unreachable} for an implementation that does not respond or rejects the token
   */
  run(options?: RunOptions): Promise<SuiteResult>;
  /** Deletes the apps that the cases created. Returns the ids of those that are left. */
  cleanUp(): Promise<string[]>;
}

const defaultCases = 20;

let packageBundle: Bundle | undefined;

function readPackageBundle(): Bundle {
  // In the built package generated/ is one folder up, in the repository two.
  for (const up of ['..', '../..']) {
    try {
      return JSON.parse(readFileSync(new URL(`${up}/generated/openapi.json`, import.meta.url), 'utf8')) as Bundle;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('generated/openapi.json is missing from this package; pass the bundle');
}

function getPackageBundle(): Bundle {
  packageBundle ??= readPackageBundle();
  return packageBundle;
}

/** Checks that every other check depends on, so that `only` does not exclude them. */
const preconditions: readonly CheckName[] = ['positive_data_acceptance', 'not_a_server_error'];

const isReported = ({ only, skip = [] }: SuiteOptions, check: CheckName) =>
  !skip.includes(check) && (only === undefined || [...only, ...preconditions].includes(check));

function selectCases(contract: Contract, options: SuiteOptions, seed: number): Case[] {
  const { isReadOnly = false, otherToken, only, skip = [], cases = defaultCases } = options;
  const all = [
    ...lifecycleCases(contract),
    ...rejectedRequestCases(contract),
    ...methodCases(contract),
    ...accountIsolationCases(contract),
    ...listFilterCases(contract),
    ...conditionalRequestCases(contract),
    ...idempotencyCases(contract),
    ...pagingCases(contract),
    ...requestBodyCases(contract, { seed, cases }),
  ];
  const isSelected = ({ check, alsoChecks = [] }: Case) => {
    const checks = [check, ...alsoChecks, ...responseChecks];
    return only === undefined
      ? !skip.includes(check)
      : checks.some((each) => only.includes(each) && !skip.includes(each));
  };
  return all.filter(
    (item) =>
      isSelected(item) &&
      contract.includes(item.level ?? 'documented') &&
      !(isReadOnly && item.isMutating) &&
      !(item.needsOtherToken && otherToken === undefined),
  );
}

/** Sends one request first, so that an unusable target is one error instead of a finding in every case. */
async function checkReachability(session: Session): Promise<void> {
  const list = session.contract.findOperation('list');
  if (list === undefined) return;
  const { response, request } = await session.send(list).catch((error: unknown) => {
    throw error instanceof NoResponse ? new Unreachable(`${error.request.url}: ${error.message}`) : error;
  });
  const { status, headers } = response;
  if (status === 401 || status === 403) throw new Unreachable(`the token is rejected with ${status}`);
  if (status === 404) throw new Unreachable(`${request.url} is 404: is the base URL the one before /v1?`);
  if (status >= 300 && status < 400) throw new Unreachable(`${request.url} redirects to ${headers.get('location')}`);
}

/** Runs a case and deletes what it created, so that lists stay short. */
async function runCase(session: Session, item: Case): Promise<CaseResult> {
  const start = performance.now();
  const caseSession = session.forCase(item.name, item.level);
  try {
    await item.run(caseSession);
  } catch (error) {
    if (!(error instanceof NoResponse)) throw error;
    caseSession.reportNoResponse(error);
  }
  await session.cleanUp();
  const { name, operationId, check } = item;
  return { name, operationId, check, findings: caseSession.findings, milliseconds: performance.now() - start };
}

/** Runs cases one after the other. Returns the results of those that ended before the run was aborted. */
async function runCases(session: Session, cases: readonly Case[], { signal, onProgress }: RunOptions) {
  const results: CaseResult[] = [];
  if (signal) session.abortOn(signal);
  try {
    await checkReachability(session);
    for (const item of cases) {
      const result = await runCase(session, item);
      results.push(result);
      onProgress?.(results.length, cases.length, result);
    }
  } catch (error) {
    if (!(error instanceof Aborted)) throw error;
  }
  return results;
}

function toRunnable(session: Session, item: Case): RunnableCase {
  return {
    name: `${item.check}: ${item.name}`,
    async run() {
      const { findings } = await runCase(session, item);
      if (findings.length === 0) return;
      throw new Error(findings.map(({ check, message, curl }) => `${check}: ${message}\n${curl}`).join('\n\n'));
    },
  };
}

/** Formats the ids of apps that could not be deleted; an empty string for none. */
export const describeLeftBehind = (ids: readonly string[]) =>
  ids.length === 0 ? '' : `${ids.length} apps could not be deleted: ${ids.join(', ')}`;

/**
 * Creates the cases for an implementation. No request is sent before a case runs.
 *
 * @throws {Unreachable} for a base URL or a token that no request can be made with
 * @throws {TypeError} for an invalid base URL
 * @throws {Error} for a missing bundle, or one with unsupported types
 * @example
 * const suite = createSuite({ baseUrl: 'http://127.0.0.1:3000', token: 'YOUR_API_TOKEN' });
 * const result = await suite.run();
 * console.log(renderText(result));
 */
export function createSuite(options: SuiteOptions): Suite {
  const { level = 'extension', seed = Math.floor(Math.random() * 2 ** 31), bundle = getPackageBundle() } = options;
  const contract = readContract(bundle, level);
  const session = openSession(contract, options, (check) => isReported(options, check));
  const cases = selectCases(contract, options, seed);

  return {
    seed,
    cases: cases.map((item) => toRunnable(session, item)),
    cleanUp: () => session.cleanUp({ isLast: true }),
    async run(runOptions = {}) {
      const results = await runCases(session, cases, runOptions).catch(async (error: Error) => {
        const left = describeLeftBehind(await session.cleanUp({ isLast: true }));
        throw error instanceof Unreachable && left !== '' ? new Unreachable(`${error.message}; ${left}`) : error;
      });
      const leftBehind = await session.cleanUp({ isLast: true });
      const coverage = session.coverage.list();
      return {
        ...{ seed, level, results, coverage, leftBehind },
        findings: results.flatMap(({ findings }) => findings),
        requests: session.requestCount,
        coveredShare: coveredShare(coverage),
        isAborted: results.length < cases.length,
      };
    },
  };
}
