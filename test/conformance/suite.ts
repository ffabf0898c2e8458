import { readFileSync } from 'node:fs';
import { bodyCases } from './cases/bodies.ts';
import type { Case } from './cases/case.ts';
import { lifeCases } from './cases/life.ts';
import { requestCases } from './cases/requests.ts';
import { versionAndPageCases } from './cases/versions.ts';
import { type Bundle, type Contract, type Level, readContract } from './contract.ts';
import { type CoverageItem, coveredShare } from './coverage.ts';
import type { CheckName, Finding } from './exchange.ts';
import { openSession, type Session, type Target, Unreachable } from './session.ts';

export interface SuiteOptions extends Target {
  /** How much of the contract is demanded. Default: all of it. */
  readonly level?: Level;
  /** Change nothing: only cases that read. */
  readonly isReadOnly?: boolean;
  /** Where random values begin. Default: random, and always told. */
  readonly seed?: number;
  /** Generated values per case. Default: 20. */
  readonly cases?: number;
  /** Only the cases of these checks. Default: all. */
  readonly only?: readonly CheckName[];
  /** Not the cases of these checks. */
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

export interface Suite {
  readonly seed: number;
  readonly contract: Contract;
  readonly cases: readonly RunnableCase[];
  /** Runs every case and cleans up. Rejects with `Unreachable` when the implementation cannot be used at all. */
  run(options?: { signal?: AbortSignal; onProgress?: (done: number, all: number) => void }): Promise<SuiteResult>;
  /** Removes what the cases made. Gives the ids of what could not be removed. */
  cleanUp(): Promise<string[]>;
}

const defaultCases = 20;

function findBundle(): Bundle {
  // In the repository and in the built package alike, generated/ is two or three folders up.
  for (const up of ['../..', '../../..']) {
    try {
      return JSON.parse(readFileSync(new URL(`${up}/generated/openapi.json`, import.meta.url), 'utf8')) as Bundle;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ENOENT') throw error;
    }
  }
  throw new Error('generated/openapi.json is not in this package; pass the bundle');
}

function chooseCases(contract: Contract, options: SuiteOptions, seed: number): Case[] {
  const { isReadOnly = false, otherToken, only, skip = [], cases = defaultCases } = options;
  const all = [
    ...lifeCases(contract),
    ...bodyCases(contract, { seed, cases }),
    ...requestCases(contract),
    ...versionAndPageCases(contract),
  ];
  return all.filter(
    ({ check, changesThings, needsOtherToken }) =>
      !(isReadOnly && changesThings) &&
      !(needsOtherToken && otherToken === undefined) &&
      (only === undefined || only.includes(check)) &&
      !skip.includes(check),
  );
}

/** Sees whether the implementation can be used at all, before every case says the same. */
async function knock(session: Session): Promise<void> {
  const list = session.contract.find('list');
  if (list === undefined) return;
  const { response, request } = await session.named('the first request').send(list);
  if (response.status === 401) throw new Unreachable('the token is refused with 401');
  if (response.status === 404) throw new Unreachable(`${request.url} is 404: is the base URL the one before /v1?`);
}

async function runCase(session: Session, item: Case): Promise<CaseResult> {
  const start = performance.now();
  const from = session.countFindings();
  await item.run(session.named(item.name));
  const { name, operationId, check } = item;
  const findings = session.findings.slice(from);
  return { name, operationId, check, findings, milliseconds: performance.now() - start };
}

/** The cases for an implementation. Nothing is sent before one of them runs. */
export function createSuite(options: SuiteOptions): Suite {
  const { level = 'extension', seed = Math.floor(Math.random() * 2 ** 31), bundle = findBundle() } = options;
  const contract = readContract(bundle, level);
  const session = openSession(contract, options);
  const cases = chooseCases(contract, options, seed);
  return {
    seed,
    contract,
    cases: cases.map((item) => ({
      name: `${item.check}: ${item.name}`,
      async run() {
        const { findings } = await runCase(session, item);
        if (findings.length === 0) return;
        throw new Error(findings.map(({ message, curl }) => `${message}\n${curl}`).join('\n\n'));
      },
    })),
    cleanUp: () => session.cleanUp(),
    async run({ signal, onProgress } = {}) {
      const results: CaseResult[] = [];
      try {
        await knock(session);
        for (const item of cases) {
          if (signal?.aborted) break;
          results.push(await runCase(session, item));
          onProgress?.(results.length, cases.length);
        }
      } catch (error) {
        await session.cleanUp().catch(() => []);
        throw error;
      }
      const leftBehind = await session.cleanUp();
      const coverage = session.coverage.list();
      return {
        ...{ seed, level, results, coverage, leftBehind },
        findings: session.findings,
        requests: session.sent,
        coveredShare: coveredShare(coverage),
        isAborted: results.length < cases.length,
      };
    },
  };
}
