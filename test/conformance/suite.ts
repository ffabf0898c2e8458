import { readFileSync } from 'node:fs';
import { accountCases } from './cases/accounts.ts';
import { bodyCases } from './cases/bodies.ts';
import type { Case } from './cases/case.ts';
import { listCases } from './cases/filters.ts';
import { lifeCases } from './cases/life.ts';
import { methodCases } from './cases/methods.ts';
import { pageCases } from './cases/pages.ts';
import { repeatCases } from './cases/repeats.ts';
import { requestCases } from './cases/requests.ts';
import { versionCases } from './cases/versions.ts';
import { answerChecks } from './checks.ts';
import { type Bundle, type Contract, type Level, readContract } from './contract.ts';
import { type CoverageItem, coveredShare } from './coverage.ts';
import type { CheckName, Finding } from './exchange.ts';
import { NoAnswer, type Target, Unreachable } from './sender.ts';
import { Ended, openSession, type Session } from './session.ts';

export interface SuiteOptions extends Target {
  /** How much of the contract is demanded. Default: all of it. */
  readonly level?: Level;
  /** Change nothing: only cases that read. */
  readonly isReadOnly?: boolean;
  /** Where random values begin. Default: random, and always told. */
  readonly seed?: number;
  /** Generated values per case. Default: 20. */
  readonly cases?: number;
  /** Report only what breaks these checks, and that a request which has to work does not. Default: all. */
  readonly only?: readonly CheckName[];
  /** Do not report what breaks these checks. */
  readonly skip?: readonly CheckName[];
  /** The bundled description. Default: the one of this package. */
  readonly bundle?: Bundle;
}

/** What came of one case. */
export interface CaseResult {
  readonly name: string;
  readonly operationId: string;
  readonly check: CheckName;
  readonly findings: readonly Finding[];
  readonly milliseconds: number;
}

export interface SuiteResult {
  readonly seed: number;
  readonly level: Level;
  readonly results: readonly CaseResult[];
  readonly findings: readonly Finding[];
  readonly requests: number;
  readonly coverage: readonly CoverageItem[];
  /** From 0 to 1, of what a client can cover. */
  readonly coveredShare: number;
  /** The ids of apps that were made and could not be removed. */
  readonly leftBehind: readonly string[];
  /** Whether it was ended before the last case. */
  readonly isAborted: boolean;
}

/** A case as a test runner wants it: a name and a function that rejects when something is found. */
export interface RunnableCase {
  readonly name: string;
  run(): Promise<void>;
}

export interface RunOptions {
  /** Ends the run before the next request; what was made is removed all the same. */
  readonly signal?: AbortSignal;
  /** Called after each case. */
  readonly onProgress?: (done: number, all: number, result: CaseResult) => void;
}

export interface Suite {
  readonly seed: number;
  readonly cases: readonly RunnableCase[];
  /** Runs every case and cleans up. Rejects with `Unreachable` when the implementation cannot be used at all. */
  run(options?: RunOptions): Promise<SuiteResult>;
  /** Removes what the cases made. Gives the ids of what could not be removed. */
  cleanUp(): Promise<string[]>;
}

const defaultCases = 20;

let ownBundle: Bundle | undefined;

function findBundle(): Bundle {
  ownBundle ??= readOwnBundle();
  return ownBundle;
}

function readOwnBundle(): Bundle {
  // In the built package generated/ is one folder up, in the repository two.
  for (const up of ['..', '../..']) {
    try {
      return JSON.parse(readFileSync(new URL(`${up}/generated/openapi.json`, import.meta.url), 'utf8')) as Bundle;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('generated/openapi.json is not in this package; pass the bundle');
}

/** Without these nothing else can be seen, so that `only` does not hide them. */
const preconditions: readonly CheckName[] = ['positive_data_acceptance', 'not_a_server_error'];

/** Whether what breaks a check is reported. */
const isReported = ({ only, skip = [] }: SuiteOptions, check: CheckName) =>
  !skip.includes(check) && (only === undefined || [...only, ...preconditions].includes(check));

function chooseCases(contract: Contract, options: SuiteOptions, seed: number): Case[] {
  const { isReadOnly = false, otherToken, only, skip = [], cases = defaultCases } = options;
  const all = [
    ...lifeCases(contract),
    ...requestCases(contract),
    ...methodCases(contract),
    ...accountCases(contract),
    ...listCases(contract),
    ...versionCases(contract),
    ...repeatCases(contract),
    ...pageCases(contract),
    ...bodyCases(contract, { seed, cases }),
  ];
  const isWanted = ({ check, alsoChecks = [] }: Case) => {
    const checks = [check, ...alsoChecks, ...answerChecks];
    return only === undefined
      ? !skip.includes(check)
      : checks.some((each) => only.includes(each) && !skip.includes(each));
  };
  return all.filter(
    (item) =>
      isWanted(item) &&
      contract.includes(item.level ?? 'documented') &&
      !(isReadOnly && item.changesThings) &&
      !(item.needsOtherToken && otherToken === undefined),
  );
}

/** Sees whether the implementation can be used at all, before every case says the same. */
async function knock(session: Session): Promise<void> {
  const list = session.contract.find('list');
  if (list === undefined) return;
  const { response, request } = await session.send(list).catch((error: unknown) => {
    throw error instanceof NoAnswer ? new Unreachable(`${error.request.url}: ${error.message}`) : error;
  });
  const { status, headers } = response;
  if (status === 401 || status === 403) throw new Unreachable(`the token is refused with ${status}`);
  if (status === 404) throw new Unreachable(`${request.url} is 404: is the base URL the one before /v1?`);
  if (status >= 300 && status < 400) throw new Unreachable(`${request.url} redirects to ${headers.get('location')}`);
}

/** Runs a case and removes what it made, so that lists stay short. */
async function runCase(session: Session, item: Case): Promise<CaseResult> {
  const start = performance.now();
  const own = session.named(item.name, item.level);
  try {
    await item.run(own);
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    own.reportSilence(error);
  }
  await session.cleanUp();
  const { name, operationId, check } = item;
  return { name, operationId, check, findings: own.findings, milliseconds: performance.now() - start };
}

/** What to say of apps that stay; nothing where there are none. */
export const describeLeftBehind = (ids: readonly string[]) =>
  ids.length === 0 ? '' : `${ids.length} apps could not be removed: ${ids.join(', ')}`;

/** The cases for an implementation. Nothing is sent before one of them runs. Throws `Unreachable` for a bad target. */
export function createSuite(options: SuiteOptions): Suite {
  const { level = 'extension', seed = Math.floor(Math.random() * 2 ** 31), bundle = findBundle() } = options;
  const contract = readContract(bundle, level);
  const session = openSession(contract, options, (check) => isReported(options, check));
  const cases = chooseCases(contract, options, seed);

  const runAll = async ({ signal, onProgress }: RunOptions) => {
    const results: CaseResult[] = [];
    if (signal) session.endWith(signal);
    try {
      await knock(session);
      for (const item of cases) {
        const result = await runCase(session, item);
        results.push(result);
        onProgress?.(results.length, cases.length, result);
      }
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
    return results;
  };

  return {
    seed,
    cases: cases.map((item) => ({
      name: `${item.check}: ${item.name}`,
      async run() {
        const { findings } = await runCase(session, item);
        if (findings.length === 0) return;
        throw new Error(findings.map(({ check, message, curl }) => `${check}: ${message}\n${curl}`).join('\n\n'));
      },
    })),
    cleanUp: () => session.cleanUp({ isLast: true }),
    async run(runOptions = {}) {
      const results = await runAll(runOptions).catch(async (error: Error) => {
        const left = describeLeftBehind(await session.cleanUp({ isLast: true }));
        throw error instanceof Unreachable && left !== '' ? new Unreachable(`${error.message}; ${left}`) : error;
      });
      const leftBehind = await session.cleanUp({ isLast: true });
      const coverage = session.coverage.list();
      return {
        ...{ seed, level, results, coverage, leftBehind },
        findings: results.flatMap(({ findings }) => findings),
        requests: session.sent,
        coveredShare: coveredShare(coverage),
        isAborted: results.length < cases.length,
      };
    },
  };
}
