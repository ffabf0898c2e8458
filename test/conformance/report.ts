import type { CoverageItem } from './coverage.ts';
import type { Finding } from './exchange.ts';
import { groupBy } from './group-by.ts';
import { type CaseResult, describeLeftBehind, type SuiteResult } from './suite.ts';

/** Reports of a run. None of them contains a secret or a token. */

const formatPercent = (share: number) => `${Math.floor(share * 1000) / 10} %`;

function renderFinding(finding: Finding): string {
  const { check, operationId, caseName, message, pointer, provenance, request, response, curl } = finding;
  return [
    `✗ ${check} · ${operationId} · ${caseName}`,
    `    ${message}`,
    `    contract  #${pointer} (${provenance})`,
    `    request   ${request}`,
    `    response  ${response}`,
    `    curl      ${curl}`,
  ].join('\n');
}

/** Groups findings with the same check, operation and message. */
function groupFindings(findings: readonly Finding[]): { finding: Finding; count: number }[] {
  const groups = groupBy(findings, ({ check, operationId, message }) => `${check} ${operationId} ${message}`);
  return [...groups.values()].map((group) => ({ finding: group[0] as Finding, count: group.length }));
}

function renderCoverage(items: readonly CoverageItem[]): string {
  const kinds = groupBy(items, ({ kind }) => kind);
  const rows = [...kinds].map(([kind, ofKind]) => {
    const possible = ofKind.filter(({ isCovered, reason }) => isCovered || reason === undefined);
    const covered = possible.filter(({ isCovered }) => isCovered).length;
    return `  ${kind.padEnd(10)} ${String(covered).padStart(4)} of ${possible.length}`;
  });
  const missing = items.filter(({ isCovered, reason }) => !isCovered && reason === undefined);
  const outOfReach = groupBy(
    items.filter(({ isCovered, reason }) => !isCovered && reason !== undefined),
    ({ reason }) => reason,
  );
  return [
    'Coverage',
    ...rows,
    ...missing.map(({ name }) => `  not covered: ${name}`),
    ...[...outOfReach].map(
      ([reason, same]) => `  out of reach of a client (${reason}): ${same.map(({ name }) => name).join('; ')}`,
    ),
  ].join('\n');
}

/** Renders the numbers of cases and of failed cases by operation and check. */
function renderTable(results: readonly CaseResult[]): string {
  const rows = groupBy(results, ({ operationId, check }) => `  ${operationId.padEnd(18)} ${check.padEnd(30)}`);
  return [...rows]
    .map(([head, cases]) => {
      const failed = cases.filter(({ findings }) => findings.length > 0).length;
      return `${head} ${String(cases.length).padStart(4)} cases${failed > 0 ? `  ${failed} failed` : ''}`;
    })
    .sort()
    .join('\n');
}

/** Renders a run as text for a terminal. Findings with the same message are shown once, with their number. */
export function renderText(result: SuiteResult): string {
  const { results, findings, requests, seed, level, leftBehind, coverage, coveredShare, isAborted } = result;
  const different = groupFindings(findings);
  return [
    renderTable(results),
    '',
    ...different.flatMap(({ finding, count }) => [
      renderFinding(finding) + (count > 1 ? `\n    seen      ${count} times` : ''),
      '',
    ]),
    renderCoverage(coverage),
    '',
    ...(leftBehind.length > 0 ? [describeLeftBehind(leftBehind)] : []),
    ...(isAborted ? ['The run was aborted before the last case.'] : []),
    `${results.length} cases, ${requests} requests, ${findings.length} findings (${different.length} different), coverage ${formatPercent(coveredShare)}, level ${level}, seed ${seed}`,
  ].join('\n');
}

/** Renders a run as JSON: the whole result. */
export function renderJson(result: SuiteResult): string {
  return JSON.stringify(result, null, 2);
}

const escapeXml = (text: string) =>
  text
    // XML does not allow most control characters, not even as references.
    .replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** Renders a run as JUnit's XML, with a test case for each case. */
export function renderJunit({ results, findings }: SuiteResult): string {
  const failed = results.filter((result) => result.findings.length > 0).length;
  const cases = results.map(({ name, operationId, check, findings: ofCase, milliseconds }) => {
    const head = `<testcase classname="${operationId}.${check}" name="${escapeXml(name)}" time="${(milliseconds / 1000).toFixed(3)}"`;
    if (ofCase.length === 0) return `  ${head}/>`;
    const text = ofCase.map(renderFinding).join('\n');
    const message = escapeXml(ofCase[0]?.message ?? '');
    return `  ${head}>\n    <failure message="${message}">${escapeXml(text)}</failure>\n  </testcase>`;
  });
  const head = `<testsuite name="oauth-apps conformance" tests="${results.length}" failures="${failed}" errors="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${findings.length} findings -->\n${head}\n${cases.join('\n')}\n</testsuite>\n`;
}
