import { readFileSync } from 'node:fs';
import { listKeywords } from './boundary-values.ts';
import type { Case } from './cases/case.ts';
import { type Cause, findCauses } from './causes.ts';
import { type Bundle, bodySchemaOf, type Contract, type Level, levelOfKeyword, readContract } from './contract.ts';
import { type CoverageItem, coveredShare } from './coverage.ts';
import type { CheckName, Finding } from './exchange.ts';
import { NoResponse, type Target, Unreachable } from './http-client.ts';
import { escapeControls } from './masking.ts';
import { responseChecks } from './response-checks.ts';
import { idOf, type NotTried as NotTriedCases, type Selection, seedOfId, selectCases, summarise } from './selection.ts';
import { Aborted, NotTried, openSession, type Session } from './session.ts';

/**
 * Implementation under test, and the cases to run.
 *
 * @example
 * const options: SuiteOptions = { baseUrl, token, level: 'documented', cases: 5 };
 * const suite = createSuite(options);
 */
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
  /** operationIds whose cases run. @default all operations */
  readonly operations?: readonly string[];
  /** Id of a finding of an earlier run. Only its case runs, with the seed of that run. */
  readonly replay?: string;
  /** Whether the run ends after the first case with findings. @default false */
  readonly isFailFast?: boolean;
  /** Bundled description. @default the bundle of this package */
  readonly bundle?: Bundle;
}

/**
 * Result of one case.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const show = ({ name, milliseconds }: CaseResult) => `${name}: ${milliseconds} ms`;
 * const lines = result.results.map(show);
 */
export interface CaseResult {
  readonly name: string;
  readonly operationId: string;
  readonly check: CheckName;
  /** Findings made during the case, those of other checks too. */
  readonly findings: readonly Finding[];
  /** Whether a finding is of the check of the case. */
  readonly isBroken: boolean;
  /** Reason why the case could not be tried; undefined for one that was. */
  readonly notTried?: string;
  /** Duration of the case. */
  readonly milliseconds: number;
}

/**
 * Result of a run.
 *
 * @example
 * const result: SuiteResult = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(result.findings.length); // 0
 */
export interface SuiteResult {
  readonly seed: number;
  readonly level: Level;
  /** Results of the cases that ran, in their order. */
  readonly results: readonly CaseResult[];
  /** Findings of all cases. */
  readonly findings: readonly Finding[];
  /** Findings grouped by what is broken, the documented level first. */
  readonly causes: readonly Cause[];
  /** Cases that were left out, by reason. */
  readonly notTried: readonly NotTriedCases[];
  /** Checks and operations that the options name and that no case tried. */
  readonly unmet: readonly string[];
  /** Number of requests that were sent. */
  readonly requests: number;
  readonly coverage: readonly CoverageItem[];
  /** Covered share, from 0 to 1, of the parts that a client can cover. */
  readonly coveredShare: number;
  /** Ids of apps that were created and could not be deleted. */
  readonly leftBehind: readonly string[];
  /** Whether the run was aborted before its last case. */
  readonly isAborted: boolean;
  /** Whether the run ended early, after the first case with findings. */
  readonly isCutShort: boolean;
}

/**
 * Case in the form that a test runner needs.
 *
 * @example
 * const suite = createSuite({ baseUrl, token, only: ['ignored_auth'] });
 * const run = async ({ name, run }: RunnableCase) => {
 *   await run();
 *   return name;
 * };
 * for (const item of suite.cases) console.log(await run(item));
 * await suite.cleanUp();
 */
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

/**
 * Cases for one implementation.
 *
 * @example
 * const suite: Suite = createSuite({ baseUrl, token, seed: 7 });
 * console.log(suite.seed); // 7
 */
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

/** Returns the bundle of this package. @throws {Error} where it is missing */
export function getPackageBundle(): Bundle {
  packageBundle ??= readPackageBundle();
  return packageBundle;
}

/**
 * Returns the operationIds of the bundle of this package.
 *
 * @example
 * console.log(listOperationIds().includes('getOAuthApp')); // true
 */
export const listOperationIds = (): string[] =>
  readContract(getPackageBundle(), 'extension').operations.map(({ operationId }) => operationId);

/** Checks that every other check depends on, so that `only` does not exclude them. */
const preconditions: readonly CheckName[] = ['positive_data_acceptance', 'not_a_server_error'];

const isReported = ({ only, skip = [] }: SuiteOptions, check: CheckName) =>
  !skip.includes(check) && (only === undefined || [...only, ...preconditions].includes(check));

/** Sends one request first, so that an unusable target is one error instead of a finding in every case. */
async function checkReachability(session: Session): Promise<void> {
  const list = session.contract.parts.flatMap((part) => part.findOperation('list') ?? [])[0];
  if (list === undefined) return;
  const { response, request } = await session.send(list).catch((error: unknown) => {
    throw error instanceof NoResponse ? new Unreachable(`${error.request.url}: ${error.message}`) : error;
  });
  const { status, headers } = response;
  if (status === 401 || status === 403) throw new Unreachable(`the token is rejected with ${status}`);
  if (status === 404) throw new Unreachable(`${request.url} is 404: is the base URL the one before /v1?`);
  if (status >= 300 && status < 400)
    throw new Unreachable(`${request.url} redirects to ${escapeControls(headers.get('location') ?? 'nowhere')}`);
}

/** State of a run that its cases share. */
interface Progress {
  readonly session: Session;
  readonly seed: number;
  readonly isFailFast: boolean;
  /** Reason why no more case may change anything; undefined as long as they may. */
  unsafe?: string;
}

/** Runs a case and deletes what it created, so that lists stay short. */
async function runCase(progress: Progress, item: Case): Promise<CaseResult> {
  const start = performance.now();
  const { session, seed } = progress;
  const { name, operationId, check } = item;
  const caseSession = session.forCase(idOf(seed, item), name, item.level, item.contract);
  let notTried = item.isMutating ? progress.unsafe : undefined;
  try {
    if (notTried === undefined) await item.run(caseSession);
  } catch (error) {
    if (error instanceof NotTried) notTried = error.message;
    else if (error instanceof NoResponse) caseSession.reportNoResponse(error);
    else throw error;
  }
  await caseSession.cleanUp();
  const { findings } = caseSession;
  const isBroken = findings.some((finding) => finding.check === check);
  if (item.isGuard && isBroken) progress.unsafe = 'create replaces existing apps, which could be those of others';
  const milliseconds = performance.now() - start;
  return { name, operationId, check, findings, isBroken, ...(notTried !== undefined && { notTried }), milliseconds };
}

/** Runs cases one after the other. Returns the results of those that ended before the run did. */
async function runCases(progress: Progress, cases: readonly Case[], { signal, onProgress }: RunOptions) {
  const results: CaseResult[] = [];
  const { session, isFailFast } = progress;
  if (signal) session.abortOn(signal);
  try {
    if (cases.length > 0) await checkReachability(session);
    for (const item of cases) {
      const result = await runCase(progress, item);
      results.push(result);
      onProgress?.(results.length, cases.length, result);
      if (isFailFast && result.findings.length > 0) break;
    }
  } catch (error) {
    if (!(error instanceof Aborted)) throw error;
  }
  return results;
}

function toRunnable(progress: Progress, item: Case): RunnableCase {
  return {
    name: `${item.check}: ${item.name}`,
    async run() {
      const { findings } = await runCase(progress, item);
      if (findings.length === 0) return;
      throw new Error(findings.map(({ check, message, curl }) => `${check}: ${message}\n${curl}`).join('\n\n'));
    },
  };
}

/** Returns a part of the coverage for each operation and check that has cases. */
function listChecks({ all }: Selection, results: readonly CaseResult[]): CoverageItem[] {
  const nameOf = ({ operationId, check }: Case | CaseResult) => `${operationId} ${check}`;
  const tried = new Set(results.filter(({ notTried }) => notTried === undefined).map(nameOf));
  return [...new Set(all.map(nameOf))].map((name) => ({ kind: 'check', name, isCovered: tried.has(name) }));
}

/** Returns a part of the coverage for each keyword that limits a field of a request. */
function listLimits({ parts }: Contract, { selected }: Selection, results: readonly CaseResult[]): CoverageItem[] {
  const tried = new Set(
    selected.flatMap(({ covers = [] }, index) =>
      results[index] !== undefined && results[index].notTried === undefined ? covers : [],
    ),
  );
  const names = parts.flatMap((part) =>
    part.operations.flatMap((operation) => {
      const { properties = {} } = bodySchemaOf(part, operation) ?? {};
      return Object.entries(properties).flatMap(([field, schema]) =>
        listKeywords(schema, part.deref)
          .filter((keyword) => part.includes(levelOfKeyword(keyword)))
          .map((keyword) => `${operation.operationId} ${field} ${keyword}`),
      );
    }),
  );
  return names.map((name) => ({ kind: 'keyword', name, isCovered: tried.has(name) }));
}

/** Returns the checks and operations that the options name and that no case tried. */
function findUnmet({ only = [], skip = [], operations = [], replay }: SuiteOptions, results: readonly CaseResult[]) {
  const tried = results.filter(({ notTried }) => notTried === undefined);
  const isTried = (check: CheckName) =>
    tried.some((result) => result.check === check || responseChecks.includes(check)) || alsoTried.has(check);
  const alsoTried = new Set(tried.flatMap(({ findings }) => findings.map(({ check }) => check)));
  return [
    ...only.filter((check) => !skip.includes(check) && !isTried(check)),
    ...operations.filter((operationId) => !tried.some((result) => result.operationId === operationId)),
    ...(replay !== undefined && tried.length === 0 ? [replay] : []),
  ];
}

/** Formats the ids of apps that could not be deleted; an empty string for none. */
export const describeLeftBehind = (ids: readonly string[]) =>
  ids.length === 0 ? '' : `${ids.length} apps could not be deleted: ${escapeControls(ids.join(', '))}`;

/**
 * Creates the cases for an implementation. No request is sent before a case runs.
 *
 * @throws {Unreachable} for a base URL or a token that no request can be made with
 * @throws {TypeError} for an invalid base URL
 * @throws {Error} for a missing bundle, or one with unsupported types
 * @example
 * const suite = createSuite({ baseUrl: 'http://127.0.0.1:3000', token: 'YOUR_API_TOKEN', isReadOnly: true });
 * const result = await suite.run();
 * console.log(renderText(result));
 */
export function createSuite(options: SuiteOptions): Suite {
  const { level = 'extension', bundle = getPackageBundle(), replay, isFailFast = false } = options;
  const { seed = (replay && seedOfId(replay)) || Math.floor(Math.random() * 2 ** 31) } = options;
  const contract = readContract(bundle, level);
  const session = openSession(contract, options, (check) => isReported(options, check));
  const selection = selectCases(contract, options, seed);
  const { selected } = selection;
  const progress: Progress = { session, seed, isFailFast };

  return {
    seed,
    cases: selected.map((item) => toRunnable(progress, item)),
    cleanUp: () => session.cleanUp({ isLast: true }),
    async run(runOptions = {}) {
      const results = await runCases(progress, selected, runOptions).catch(async (error: Error) => {
        const left = describeLeftBehind(await session.cleanUp({ isLast: true }));
        throw error instanceof Unreachable && left !== '' ? new Unreachable(`${error.message}; ${left}`) : error;
      });
      const leftBehind = await session.cleanUp({ isLast: true });
      const coverage = [
        ...session.coverage.list(),
        ...listChecks(selection, results),
        ...listLimits(contract, selection, results),
      ];
      const findings = results.flatMap((result) => result.findings);
      const isEarly = results.length < selected.length;
      const isCutShort = isEarly && isFailFast && (results.at(-1)?.findings.length ?? 0) > 0;
      const untried = results.flatMap(({ notTried, check }) =>
        notTried === undefined ? [] : [[notTried, check] as const],
      );
      return {
        ...{ seed, level, results, coverage, leftBehind, findings, isCutShort },
        causes: findCauses(findings),
        notTried: [...selection.notTried, ...summarise(untried)],
        unmet: findUnmet(options, results),
        requests: session.requestCount,
        coveredShare: coveredShare(coverage),
        isAborted: isEarly && !isCutShort,
      };
    },
  };
}
