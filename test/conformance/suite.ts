import { findUnmet, listChecks, listLimits } from './case-coverage.ts';
import {
  type CaseResult,
  type Progress,
  type RunnableCase,
  type RunOptions,
  runCases,
  toRunnable,
} from './case-runs.ts';
import { type Cause, findCauses } from './causes.ts';
import { type Bundle, type Level, readContract } from './contract.ts';
import { type CoverageItem, coveredShare } from './coverage.ts';
import type { CheckName, Finding } from './exchange.ts';
import type { Target } from './http-client.ts';
import { escapeControls } from './masking.ts';
import { getPackageBundle } from './package-bundle.ts';
import { Unreachable } from './run-errors.ts';
import { type NotTried, seedOfId, selectCases, summarise } from './selection.ts';
import { openSession } from './session.ts';

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
  /**
   * Id of a finding of an earlier run. Its case runs with the seed of that run, and only that finding is reported. The
   * other options have to be those of the earlier run.
   */
  readonly replay?: string;
  /** Whether the run ends after the first case with findings. @default false */
  readonly isFailFast?: boolean;
  /** Bundled description. @default the bundle of this package */
  readonly bundle?: Bundle;
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
  readonly notTried: readonly NotTried[];
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

/** Checks that every other check depends on, so that `only` does not exclude them. */
const preconditions: readonly CheckName[] = ['positive_data_acceptance', 'not_a_server_error'];

const isReported = ({ only, skip = [] }: SuiteOptions, check: CheckName) =>
  !skip.includes(check) && (only === undefined || [...only, ...preconditions].includes(check));

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
  const progress: Progress = { session, seed, isFailFast, ...(replay !== undefined && { replay }) };

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
        unmet: findUnmet(options, selection, seed, results),
        requests: session.requestCount,
        coveredShare: coveredShare(coverage),
        isAborted: isEarly && !isCutShort,
      };
    },
  };
}
