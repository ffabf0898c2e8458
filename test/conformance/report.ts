import type { CaseResult } from './case-runs.ts';
import type { Cause } from './causes.ts';
import type { CoverageItem } from './coverage.ts';
import { checkNames, type Finding } from './exchange.ts';
import { groupBy } from './group-by.ts';
import { escapeControls } from './masking.ts';
import { responseChecks } from './response-checks.ts';
import { describeLeftBehind, type SuiteResult } from './suite.ts';

/** Reports of a run as text, JSON and XML. None of them contains a secret, a token or a control character. */

/**
 * Options of the text.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const options: TextOptions = { isVerbose: true };
 * const text = renderText(result, options);
 */
export interface TextOptions {
  /** Whether every different finding is shown with its script, and every part that is not covered. @default false */
  readonly isVerbose?: boolean;
  /** Whether the coverage is shown. A run of one finding covers next to nothing. @default true */
  readonly hasCoverage?: boolean;
}

const maxLineLength = 110;
/** Number of characters of a response in an example. */
const maxResponseLength = 40;
const maxListed = 6;
/** Number of causes that are shown with their sentence and example. */
const maxWholeCauses = 12;

const cut = (text: string) => (text.length > maxLineLength ? `${text.slice(0, maxLineLength - 1)}…` : text);
const formatPercent = (share: number) => `${Math.floor(share * 1000) / 10} %`;
const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;

/** Formats a list, with the number of the items that are left out. */
function formatList(items: readonly string[], max = maxListed): string {
  const more = items.length > max ? `, and ${items.length - max} more` : '';
  return `${items.slice(0, max).join(', ')}${more}`;
}

/** Renders a finding with everything that is known about it. */
export function renderFinding(finding: Finding): string {
  const { id, check, operationId, caseName, message, pointer, provenance, request, response, curl, again } = finding;
  return [
    `✗ ${check} · ${operationId} · ${caseName}`,
    `    ${message}`,
    `    contract  #${pointer} (${provenance})`,
    `    request   ${request}`,
    `    response  ${response}`,
    `    replay    oauth-apps verify … --replay ${id}`,
    ...(again === curl ? [] : [`    again     ${again.split('\n').slice(0, -1).join('\n              ')}`]),
    `    curl      ${again.split('\n').at(-1)}`,
  ].join('\n');
}

/** Groups findings with the same check, operation and message. */
function groupFindings(findings: readonly Finding[]): { finding: Finding; count: number }[] {
  const groups = groupBy(findings, ({ check, operationId, message }) => `${check} ${operationId} ${message}`);
  return [...groups.values()].map((group) => ({ finding: group[0] as Finding, count: group.length }));
}

function renderFindings(findings: readonly Finding[]): string[] {
  return groupFindings(findings).flatMap(({ finding, count: seen }) => [
    renderFinding(finding) + (seen > 1 ? `\n    seen      ${seen} times` : ''),
    '',
  ]);
}

/** Returns what the contract demands and what was received, where a cause is about one value. */
function formatExpected({ expected, got }: Finding): string[] {
  return expected === undefined ? [] : [`     expected ${expected}, got ${got ?? 'something else'}`];
}

/** Shortens a pointer to its last parts, which say what it is about. */
const cutPointer = (pointer: string) => (pointer.length > 40 ? `…${pointer.slice(-39)}` : `#${pointer}`);

/** Formats operations in one line, as many as fit, and the id of the example, which is never cut. */
function formatOperations(operations: readonly string[], { id }: Finding): string {
  const lines = operations.map(
    (_, index) => `     on       ${formatList(operations, operations.length - index)} · --replay ${id}`,
  );
  return lines.find((line) => line.length <= maxLineLength) ?? lines.at(-1) ?? '';
}

/** Formats the sentence of the contract in one line, which ends with its place. */
function formatSentence({ sentence, pointer }: Finding): string {
  const place = ` (${cutPointer(pointer)})`;
  const room = maxLineLength - '     contract '.length - place.length;
  return `     contract ${sentence.length > room ? `${sentence.slice(0, room - 1)}…` : sentence}${place}`;
}

/** Formats an exchange in one line, in which the response has a place of its own. */
function formatExample({ request, response }: Finding): string {
  const start = response.slice(0, maxResponseLength);
  const room = maxLineLength - '     example   → '.length - start.length;
  return cut(`     example  ${request.length > room ? `${request.slice(0, room - 1)}…` : request} → ${response}`);
}

function renderCause(cause: Cause, index: number, isWhole: boolean): string {
  const { check, message, operations, example } = cause;
  const times = cause.count > 1 ? ` (${cause.count} times)` : '';
  return [
    `${String(index + 1).padStart(3)}. ${check}: ${message}${times}`,
    formatOperations(operations, example),
    ...(isWhole ? [formatSentence(example), ...formatExpected(example).map(cut), formatExample(example)] : []),
  ].join('\n');
}

/** Renders the causes under the levels that they belong to. Of many, the last ones are named alone. */
function renderCauses(causes: readonly Cause[], isVerbose: boolean): string[] {
  const isWhole = (index: number) => isVerbose || index < maxWholeCauses;
  return [...groupBy(causes, ({ provenance }) => provenance)].flatMap(([level, ofLevel]) => [
    `${count(ofLevel.length, 'cause')} at the level ${level}`,
    ...ofLevel.map((cause) => renderCause(cause, causes.indexOf(cause), isWhole(causes.indexOf(cause)))),
    '',
  ]);
}

/** Renders how many cases of each check passed. Checks of every response have no cases of their own. */
function renderChecks(results: readonly CaseResult[]): string[] {
  const tried = results.filter(({ notTried }) => notTried === undefined);
  const cells = checkNames.flatMap((check) => {
    const ofCheck = tried.filter((result) => result.check === check);
    const broken = ofCheck.filter(({ isBroken }) => isBroken).length;
    if (ofCheck.length > 0) return [`${check} ${ofCheck.length - broken} of ${ofCheck.length}`];
    const found = tried.filter(({ findings }) => findings.some((finding) => finding.check === check)).length;
    return responseChecks.includes(check) && tried.length > 0
      ? [`${check} ${found === 0 ? 'all' : `not in ${count(found, 'case')}`}`]
      : [];
  });
  return wrap('Passed    ', cells);
}

/** Breaks a list into lines of limited length. */
function wrap(head: string, cells: readonly string[]): string[] {
  const lines: string[] = [];
  let line = head;
  for (const [index, cell] of cells.entries()) {
    const text = `${cell}${index < cells.length - 1 ? ', ' : ''}`;
    if ((line + text).length > maxLineLength && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = ' '.repeat(head.length);
    }
    line += text;
  }
  return cells.length === 0 ? [] : [...lines, line];
}

function renderCoverage(items: readonly CoverageItem[], isVerbose: boolean): string[] {
  const cells = [...groupBy(items, ({ kind }) => kind)].map(([kind, ofKind]) => {
    const possible = ofKind.filter(({ isCovered, reason }) => isCovered || reason === undefined);
    return `${kind} ${possible.filter(({ isCovered }) => isCovered).length} of ${possible.length}`;
  });
  const missing = items.filter(({ isCovered, reason }) => !isCovered && reason === undefined).map(({ name }) => name);
  const outOfReach = groupBy(
    items.filter(({ isCovered, reason }) => !isCovered && reason !== undefined),
    ({ reason }) => reason,
  );
  const shown = isVerbose ? Number.POSITIVE_INFINITY : 4;
  const statuses = (same: readonly CoverageItem[]) =>
    isVerbose ? same.map(({ name }) => name) : [...new Set(same.map(({ name }) => name.split(' ')[1] ?? name))];
  return [
    ...wrap('Coverage  ', cells),
    ...(missing.length > 0 ? [`          not covered: ${formatList(missing, shown)}`] : []),
    ...[...outOfReach].map(
      ([reason, same]) => `          out of reach: ${formatList(statuses(same), shown)} (${reason})`,
    ),
  ];
}

function renderNotTried({ notTried, unmet }: SuiteResult): string[] {
  return [
    ...notTried.map(({ reason, cases, checks }, index) => {
      const head = `${index === 0 ? 'Not tried ' : '          '}${count(cases, 'case')} of `;
      const names = `${head}${checks.join(', ')}: ${reason}`;
      return names.length <= maxLineLength ? names : `${head}${count(checks.length, 'check')}: ${reason}`;
    }),
    ...unmet.map((name) => `Asked for and not tried: ${escapeControls(name)}`),
  ];
}

/**
 * Renders a run as text for a terminal: the causes, what passed, what is covered, and what was not tried.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(renderText(result).includes('0 findings')); // true
 */
export function renderText(result: SuiteResult, { isVerbose = false, hasCoverage = true }: TextOptions = {}): string {
  const { results, findings, causes, requests, seed, level, leftBehind, coverage, coveredShare } = result;
  const tried = results.filter(({ notTried }) => notTried === undefined).length;
  const left = describeLeftBehind(leftBehind);
  return [
    ...(isVerbose ? renderFindings(findings) : []),
    ...renderCauses(causes, isVerbose),
    ...renderChecks(results),
    ...(hasCoverage ? renderCoverage(coverage, isVerbose) : []),
    ...renderNotTried(result),
    ...(left === '' ? [] : [isVerbose ? left : cut(left)]),
    ...(result.isAborted ? ['The run was aborted before the last case.'] : []),
    ...(result.isCutShort ? ['The run ended after the first case with findings (--fail-fast).'] : []),
    ...(causes.length > maxWholeCauses && !isVerbose
      ? [
          `The causes from ${maxWholeCauses + 1} on are shown without sentence and example; --verbose and --html show both.`,
        ]
      : []),
    ...(findings.length > 0 && !isVerbose ? ['--verbose shows every finding with a script that repeats it.'] : []),
    `${count(tried, 'case')}, ${count(requests, 'request')}, ${count(findings.length, 'finding')} (${count(causes.length, 'cause')}), coverage ${formatPercent(coveredShare)}, level ${level}, seed ${seed}`,
  ].join('\n');
}

/**
 * Renders a run as JSON: the whole result.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(JSON.parse(renderJson(result)).seed === result.seed); // true
 */
export function renderJson(result: SuiteResult): string {
  // JSON allows most control characters above U+001F as they are.
  return JSON.stringify(result, null, 2)
    .split('\n')
    .map((line) => escapeControls(line))
    .join('\n');
}

const escapeXml = (text: string) =>
  text
    // XML does not allow most control characters, not even as references.
    .replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

interface JunitCase {
  readonly className: string;
  readonly name: string;
  readonly seconds: number;
  readonly findings: readonly Finding[];
  readonly notTried?: string;
}

function renderJunitCase({ className, name, seconds, findings, notTried }: JunitCase): string {
  const head = `<testcase classname="${className}" name="${escapeXml(name)}" time="${seconds.toFixed(3)}"`;
  if (notTried !== undefined) return `  ${head}>\n    <skipped message="${escapeXml(notTried)}"/>\n  </testcase>`;
  if (findings.length === 0) return `  ${head}/>`;
  const text = findings.map(renderFinding).join('\n');
  const message = escapeXml(findings[0]?.message ?? '');
  return `  ${head}>\n    <failure message="${message}">${escapeXml(text)}</failure>\n  </testcase>`;
}

/** Returns test cases for findings that were made during cases of other checks. */
function listOtherFindings(results: readonly CaseResult[]): JunitCase[] {
  const others = results.flatMap(({ check, findings }) => findings.filter((finding) => finding.check !== check));
  const groups = groupBy(others, ({ operationId, check }) => `${operationId}.${check}`);
  return [...groups].map(([className, ofClass]) => ({
    className,
    name: 'in cases of other checks',
    seconds: 0,
    findings: groupFindings(ofClass).map(({ finding }) => finding),
  }));
}

/**
 * Renders a run as JUnit's XML: a test case for each case, and one for what was found on the way.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(renderJunit(result).includes('<testsuite')); // true
 */
export function renderJunit({ results, findings }: SuiteResult): string {
  const own = results.map(({ name, operationId, check, findings: ofCase, notTried, milliseconds }) => ({
    className: `${operationId}.${check}`,
    name,
    seconds: milliseconds / 1_000,
    findings: ofCase.filter((finding) => finding.check === check),
    notTried,
  }));
  const cases: JunitCase[] = [...own, ...listOtherFindings(results)];
  const failed = cases.filter((each) => each.findings.length > 0).length;
  const skipped = cases.filter(({ notTried }) => notTried !== undefined).length;
  const head = `<testsuite name="oauth-apps conformance" tests="${cases.length}" failures="${failed}" errors="0" skipped="${skipped}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${findings.length} findings -->\n${head}\n${cases.map(renderJunitCase).join('\n')}\n</testsuite>\n`;
}
