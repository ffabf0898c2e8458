import type { Case } from './cases/case.ts';
import { storesNothing } from './cases/expectations.ts';
import type { CheckName, Finding } from './exchange.ts';
import { formsOfToken, toSafeText } from './masking.ts';
import { Aborted, NoResponse, NotTried, RateLimited, Unreachable } from './run-errors.ts';
import { idOf, isReplayed } from './selection.ts';
import type { Session } from './session.ts';

/** Runs of cases, one after the other. */

/**
 * Result of one case.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const show = ({ name, milliseconds }: CaseResult) => `${name}: ${milliseconds} ms`;
 * const lines = result.results.map(show);
 */
export interface CaseResult {
  /** Name of the case. */
  readonly name: string;
  /** Operation that the case is about. */
  readonly operationId: string;
  /** Check that the case belongs to. */
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
  /** Name of the case. */
  readonly name: string;
  /** Runs the case. Rejects with the findings as its message where there are any. */
  run(): Promise<void>;
}

/**
 * Options of one run.
 *
 * @example
 * const options: RunOptions = {};
 */
export interface RunOptions {
  /** Signal that ends the run before its next request. The apps that it created are still deleted. */
  readonly signal?: AbortSignal;
  /** Called after each case with the number of finished cases, the number of all cases, and the result. */
  readonly onProgress?: (done: number, all: number, result: CaseResult) => void;
}

/** Sends one request first, so that an unusable target is one error instead of a finding in every case. */
async function checkReachability(session: Session): Promise<void> {
  const list = session.contract.parts.flatMap((part) => part.findOperation('list') ?? [])[0];
  if (list === undefined) return;
  const { response, request } = await session.send(list).catch((error: unknown) => {
    if (error instanceof RateLimited) throw new Unreachable(error.explanation);
    throw error instanceof NoResponse ? new Unreachable(`${error.request.url}: ${error.message}`) : error;
  });
  const { status, headers } = response;
  const secrets = formsOfToken(session.target.token);
  if (status === 401 || status === 403) throw new Unreachable(`the token is rejected with ${status}`);
  if (status === 404) throw new Unreachable(`${request.url} is 404: is the base URL the one before /v1?`);
  if (status >= 300 && status < 400)
    throw new Unreachable(`${request.url} redirects to ${toSafeText(headers.get('location') ?? 'nowhere', secrets)}`);
}

/** State of a run that its cases share. */
export interface Progress {
  readonly session: Session;
  readonly seed: number;
  readonly isFailFast: boolean;
  /** Id of the only finding, or of the case of the only findings, that results have. */
  readonly replay?: string;
  /** Reason why no more case may change anything; undefined as long as they may. */
  unsafe?: string;
  /** Whether create stores nothing, so that a case that needs no record changes nothing. */
  hasFixedResponses?: boolean;
}

/** Ends what changes something after a guard has found that create makes no app of its own. */
function judgeGuard(progress: Progress, findings: readonly Finding[]): void {
  if (findings.length === 0) return;
  progress.hasFixedResponses = findings.every(({ message }) => message === storesNothing);
  progress.unsafe = progress.hasFixedResponses
    ? 'create stores nothing to try them with'
    : 'create replaces existing apps, which could be those of others';
}

/** Runs a case and deletes what it created, so that lists stay short. */
async function runCase(progress: Progress, item: Case): Promise<CaseResult> {
  const start = performance.now();
  const { session, seed } = progress;
  const { name, operationId, check } = item;
  const caseSession = session.forCase(idOf(seed, item), name, item.level, item.contract);
  const isSafe = !item.isMutating || (progress.hasFixedResponses && item.needsNoRecord);
  let notTried = isSafe ? undefined : progress.unsafe;
  try {
    if (notTried === undefined) await item.run(caseSession);
  } catch (error) {
    if (error instanceof NotTried) notTried = error.message;
    else if (error instanceof NoResponse) caseSession.reportNoResponse(error);
    else throw error;
  }
  await caseSession.cleanUp();
  const findings = caseSession.findings.filter((finding) => isReplayed(progress.replay, finding));
  const isBroken = findings.some((finding) => finding.check === check);
  if (item.isGuard)
    judgeGuard(
      progress,
      caseSession.findings.filter((finding) => finding.check === check),
    );
  const milliseconds = performance.now() - start;
  return { name, operationId, check, findings, isBroken, ...(notTried !== undefined && { notTried }), milliseconds };
}

/** Runs cases one after the other. Returns the results of those that ended before the run did. */
export async function runCases(progress: Progress, cases: readonly Case[], { signal, onProgress }: RunOptions) {
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

/** Returns a case as a test runner needs it. */
export function toRunnable(progress: Progress, item: Case): RunnableCase {
  return {
    name: `${item.check}: ${item.name}`,
    async run() {
      const { findings } = await runCase(progress, item);
      if (findings.length === 0) return;
      throw new Error(findings.map(({ check, message, curl }) => `${check}: ${message}\n${curl}`).join('\n\n'));
    },
  };
}
