import { listKeywords } from './boundary-values.ts';
import type { CaseResult } from './case-runs.ts';
import type { Case } from './cases/case.ts';
import { bodySchemaOf, type Contract, levelOfKeyword } from './contract.ts';
import type { CoverageItem } from './coverage.ts';
import type { CheckName } from './exchange.ts';
import { responseChecks } from './response-checks.ts';
import { idOf, isReplayedCase, type Selection } from './selection.ts';
import type { SuiteOptions } from './suite.ts';

/** Coverage by the cases of a run: checks, limits of fields, and what the options ask for. */

/** Returns a part of the coverage for each operation and check that has cases. */
export function listChecks({ all }: Selection, results: readonly CaseResult[]): CoverageItem[] {
  const nameOf = ({ operationId, check }: Case | CaseResult) => `${operationId} ${check}`;
  const tried = new Set(results.filter(({ notTried }) => notTried === undefined).map(nameOf));
  return [...new Set(all.map(nameOf))].map((name) => ({ kind: 'check', name, isCovered: tried.has(name) }));
}

/** Returns a part of the coverage for each keyword that limits a field of a request. */
export function listLimits(
  { parts }: Contract,
  { selected }: Selection,
  results: readonly CaseResult[],
): CoverageItem[] {
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
export function findUnmet(
  { only = [], skip = [], operations = [], replay }: SuiteOptions,
  { selected }: Selection,
  seed: number,
  results: readonly CaseResult[],
) {
  const tried = results.filter(({ notTried }) => notTried === undefined);
  const isTried = (check: CheckName) =>
    tried.some((result) => result.check === check || responseChecks.includes(check)) || alsoTried.has(check);
  // Besides its own case a replay runs the one that guards the records of others.
  const isReplay = (item: Case | undefined) => item !== undefined && isReplayedCase(replay ?? '', idOf(seed, item));
  const isReplayTried = results.some(({ notTried }, index) => notTried === undefined && isReplay(selected[index]));
  const alsoTried = new Set(tried.flatMap(({ findings }) => findings.map(({ check }) => check)));
  return [
    ...only.filter((check) => !skip.includes(check) && !isTried(check)),
    ...operations.filter((operationId) => !tried.some((result) => result.operationId === operationId)),
    ...(replay !== undefined && !isReplayTried ? [replay] : []),
  ];
}
