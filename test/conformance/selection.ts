import { accountIsolationCases } from './cases/account-isolation.ts';
import type { Case } from './cases/case.ts';
import { conditionalRequestCases } from './cases/conditional-requests.ts';
import { guardCase } from './cases/guard.ts';
import { idempotencyCases } from './cases/idempotency.ts';
import { lifecycleCases } from './cases/lifecycle.ts';
import { listFilterCases } from './cases/list-filters.ts';
import { listParameterCases } from './cases/list-parameters.ts';
import { methodCases } from './cases/methods.ts';
import { pagingCases } from './cases/paging.ts';
import { rejectedRequestCases } from './cases/rejected-requests.ts';
import { malformedIdCases } from './cases/rejected-urls.ts';
import { requestBodyCases } from './cases/request-bodies.ts';
import { wireCases } from './cases/wire-requests.ts';
import type { Contract } from './contract.ts';
import type { CheckName, Finding } from './exchange.ts';
import { hashOf, rename } from './findings.ts';
import { groupBy } from './group-by.ts';
import { responseChecks } from './response-checks.ts';
import type { SuiteOptions } from './suite.ts';

/** Selection of the cases of a run, and the reasons why the others are left out. */

/**
 * Cases that a run left out for the same reason.
 *
 * @example
 * const show = ({ reason, cases }: NotTried) => `${cases} cases: ${reason}`;
 */
export interface NotTried {
  /** Reason, and the option that changes it where there is one. */
  readonly reason: string;
  /** Number of cases. */
  readonly cases: number;
  /** Checks whose cases were not tried. */
  readonly checks: readonly CheckName[];
}

/** Cases of a run. */
export interface Selection {
  /** Every case of the level. */
  readonly all: readonly Case[];
  readonly selected: readonly Case[];
  readonly notTried: readonly NotTried[];
}

const defaultCases = 20;

/** Returns the id of a case: the seed, and a hash of its names. The ids of its findings begin with it. */
export const idOf = (seed: number, { check, operationId, name }: Case) =>
  `${seed}-${hashOf(`${check} ${operationId} ${name}`)}`;

/**
 * Returns the seed of an id of findings; undefined for a text that is no id.
 *
 * @example
 * console.log(seedOfId('7-00c0ffee')); // 7
 */
export function seedOfId(id: string): number | undefined {
  const [, seed] = /^(\d{1,10})(?:-[\da-f]{8}){1,2}$/.exec(id) ?? [];
  return seed === undefined ? undefined : Number(seed);
}

/** Returns whether the id to replay is that of a case, or of one of its findings. */
export const isReplayedCase = (replay: string, caseId: string) => replay === caseId || replay.startsWith(`${caseId}-`);

/** Returns whether a finding has the id to replay, or belongs to the case with it. */
export const isReplayed = (replay: string | undefined, { id }: Pick<Finding, 'id'>) =>
  replay === undefined || id === replay || id.startsWith(`${replay}-`);

/** Creates every case of the contract, the ones above its level too. */
function createCases(contract: Contract, seed: number, cases: number): Case[] {
  const createForPart = (part: Contract): Case[] => [
    ...guardCase(part),
    ...lifecycleCases(part),
    ...rejectedRequestCases(part),
    ...methodCases(part),
    ...accountIsolationCases(part),
    ...listFilterCases(part),
    ...listParameterCases(part),
    ...conditionalRequestCases(part),
    ...idempotencyCases(part),
    ...pagingCases(part),
    ...requestBodyCases(part, { seed, cases }),
    ...wireCases(part),
    ...malformedIdCases(part),
  ];
  const all = contract.parts.flatMap((part) =>
    createForPart(part).map((item) => ({ ...item, name: rename(item.name, part), contract: part })),
  );
  // The guards come first: they protect the records of every resource.
  return [...all.filter(({ isGuard }) => isGuard), ...all.filter(({ isGuard }) => !isGuard)];
}

/** Returns the first case of each operation, check and kind. Together they get every kind of response. */
function findRepresentatives(cases: readonly Case[]): Set<Case> {
  const kinds = groupBy(cases, ({ operationId, check, kind, name }) => `${operationId} ${check} ${kind ?? name}`);
  return new Set([...kinds.values()].flatMap(([first]) => first ?? []));
}

/** Returns why an option leaves a case out; undefined where none does. */
function createFilter(contract: Contract, options: SuiteOptions, seed: number, all: readonly Case[]) {
  const { isReadOnly = false, otherToken, only, skip = [], operations, replay, fetch } = options;
  const asked = (only ?? []).filter((check) => !skip.includes(check));
  const asksForResponses = asked.some((check) => responseChecks.includes(check));
  const representatives = findRepresentatives(asksForResponses ? all : []);
  const isAsked = (item: Case) => {
    const checks = [item.check, ...(item.alsoChecks ?? [])];
    if (only === undefined) return !skip.includes(item.check);
    return checks.some((check) => asked.includes(check)) || representatives.has(item);
  };
  return (item: Case): string | undefined => {
    if (!contract.includes(item.level ?? 'documented')) return `a level above ${contract.level} (--level)`;
    if (replay !== undefined) return isReplayedCase(replay, idOf(seed, item)) ? undefined : 'not the case of --replay';
    if (!isAsked(item)) return 'other checks (--only, --skip)';
    if (operations !== undefined && !operations.includes(item.operationId)) return 'other operations (--operation)';
    if (isReadOnly && item.isMutating) return 'they change something (--read-only)';
    if (item.needsConnection && fetch !== undefined)
      return 'they need a connection of their own (`fetch`, --ca, --insecure)';
    if (item.needsOtherToken && otherToken === undefined) return 'no token of another account (--other-token)';
    return undefined;
  };
}

/** Returns the cases that are left out, by their reason. */
export const summarise = (left: readonly (readonly [reason: string, check: CheckName])[]): NotTried[] =>
  [...groupBy(left, ([reason]) => reason)].map(([reason, cases]) => ({
    reason,
    cases: cases.length,
    checks: [...new Set(cases.map(([, check]) => check))],
  }));

/** Selects the cases of a run. A case that guards the records of others is part of every run that changes something. */
export function selectCases(contract: Contract, options: SuiteOptions, seed: number): Selection {
  const all = createCases(contract, seed, options.cases ?? defaultCases);
  const findReason = createFilter(contract, options, seed, all);
  const reasons = all.map((item) => [item, findReason(item)] as const);
  const asked = reasons.flatMap(([item, reason]) => (reason === undefined ? [item] : []));
  const needsGuard = asked.some(({ isMutating }) => isMutating);
  const selected = all.filter((item) => asked.includes(item) || (needsGuard && item.isGuard));
  return {
    all: all.filter(({ level = 'documented' }) => contract.includes(level)),
    selected,
    notTried: summarise(
      reasons.flatMap(([item, reason]) =>
        reason === undefined || selected.includes(item) ? [] : [[reason, item.check] as const],
      ),
    ),
  };
}
