import type { CoverageItem } from './coverage.ts';
import type { Finding } from './exchange.ts';
import { groupBy } from './group-by.ts';
import { type CaseResult, describeLeftBehind, type SuiteResult } from './suite.ts';

/** Reports of a run. None of them holds a secret or a token. */

const percent = (share: number) => `${Math.floor(share * 1000) / 10} %`;

function renderFinding({
  check,
  operationId,
  caseName,
  message,
  pointer,
  provenance,
  request,
  response,
  curl,
}: Finding) {
  return [
    `✗ ${check} · ${operationId} · ${caseName}`,
    `    ${message}`,
    `    contract  #${pointer} (${provenance})`,
    `    sent      ${request}`,
    `    got       ${response}`,
    `    again     ${curl}`,
  ].join('\n');
}

/** Findings that say the same of the same operation, once. */
function distinct(findings: readonly Finding[]): { finding: Finding; count: number }[] {
  const byWords = groupBy(findings, ({ check, operationId, message }) => `${check} ${operationId} ${message}`);
  return [...byWords.values()].map((same) => ({ finding: same[0] as Finding, count: same.length }));
}

function renderCoverage(items: readonly CoverageItem[]): string {
  const kinds = groupBy(items, ({ kind }) => kind);
  const rows = [...kinds].map(([kind, of]) => {
    const possible = of.filter(({ isCovered, reason }) => isCovered || reason === undefined);
    const covered = possible.filter(({ isCovered }) => isCovered).length;
    return `  ${kind.padEnd(10)} ${String(covered).padStart(4)} of ${possible.length}`;
  });
  const missing = items.filter(({ isCovered, reason }) => !isCovered && reason === undefined);
  const beyond = groupBy(
    items.filter(({ isCovered, reason }) => !isCovered && reason !== undefined),
    ({ reason }) => reason,
  );
  return [
    'Coverage',
    ...rows,
    ...missing.map(({ name }) => `  not covered: ${name}`),
    ...[...beyond].map(([reason, of]) => `  beyond a client, ${reason}: ${of.map(({ name }) => name).join('; ')}`),
  ].join('\n');
}

/** Cases and findings by operation and check. */
function renderTable(results: readonly CaseResult[]): string {
  const rows = groupBy(results, ({ operationId, check }) => `  ${operationId.padEnd(18)} ${check.padEnd(30)}`);
  return [...rows]
    .map(([head, of]) => {
      const broken = of.filter(({ findings }) => findings.length > 0).length;
      return `${head} ${String(of.length).padStart(4)} cases${broken > 0 ? `  ${broken} broken` : ''}`;
    })
    .sort()
    .join('\n');
}

/** The summary for a person. */
export function renderText(result: SuiteResult): string {
  const { results, findings, requests, seed, level, leftBehind, coverage, coveredShare, isAborted } = result;
  const all = distinct(findings);
  return [
    renderTable(results),
    '',
    ...all.flatMap(({ finding, count }) => [
      renderFinding(finding) + (count > 1 ? `\n    seen      ${count} times` : ''),
      '',
    ]),
    renderCoverage(coverage),
    '',
    ...(leftBehind.length > 0 ? [describeLeftBehind(leftBehind)] : []),
    ...(isAborted ? ['It was ended before the last case.'] : []),
    `${results.length} cases, ${requests} requests, ${findings.length} findings (${all.length} different), coverage ${percent(coveredShare)}, level ${level}, seed ${seed}`,
  ].join('\n');
}

/** Everything, for a program. */
export function renderJson(result: SuiteResult): string {
  return JSON.stringify(result, null, 2);
}

const escapeXml = (text: string) =>
  text
    // XML has no place for most control characters, not even as references.
    .replaceAll(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');

/** JUnit's XML, for the reports of a CI. */
export function renderJunit({ results, findings }: SuiteResult): string {
  const broken = results.filter((result) => result.findings.length > 0).length;
  const cases = results.map(({ name, operationId, check, findings: found, milliseconds }) => {
    const head = `<testcase classname="${operationId}.${check}" name="${escapeXml(name)}" time="${(milliseconds / 1000).toFixed(3)}"`;
    if (found.length === 0) return `  ${head}/>`;
    const text = found.map(renderFinding).join('\n');
    const message = escapeXml(found[0]?.message ?? '');
    return `  ${head}>\n    <failure message="${message}">${escapeXml(text)}</failure>\n  </testcase>`;
  });
  const head = `<testsuite name="oauth-apps conformance" tests="${results.length}" failures="${broken}" errors="0">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<!-- ${findings.length} findings -->\n${head}\n${cases.join('\n')}\n</testsuite>\n`;
}
