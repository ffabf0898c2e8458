import type { Cause } from './causes.ts';
import type { CoverageItem } from './coverage.ts';
import { checkNames, type Finding } from './exchange.ts';
import { groupBy } from './group-by.ts';
import { describeLeftBehind, type SuiteResult } from './suite.ts';

/** Report of a run as one HTML file, which needs neither a network nor a script. It contains no secret. */

/**
 * Options of the HTML report.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * const options: HtmlOptions = { docsUrl: 'https://api.example.com/docs' };
 * const page = renderHtml(result, options);
 */
export interface HtmlOptions {
  /** URL of the docs page, to which each cause links. @default no links */
  readonly docsUrl?: string;
}

/** Number of exchanges of a cause that are shown. */
const maxExchanges = 5;

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const code = (text: string) => `<code>${escapeHtml(text)}</code>`;
const formatPercent = (share: number) => `${Math.floor(share * 1000) / 10} %`;

const style = `:root{color-scheme:light dark;--text:#1c2128;--dim:#57606a;--back:#fff;--card:#f6f8fa;--line:#d0d7de;--bad:#b42318;--good:#1a6e34;--link:#0b57d0}
@media(prefers-color-scheme:dark){:root{--text:#e6edf3;--dim:#9aa4af;--back:#0d1117;--card:#161b22;--line:#30363d;--bad:#ff8a80;--good:#6fdd8b;--link:#7ab7ff}}
*{box-sizing:border-box}body{margin:0 auto;padding:1rem;max-width:75rem;font:16px/1.5 system-ui,sans-serif;color:var(--text);background:var(--back)}
h1{font-size:1.5rem;margin:.5rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:0}a{color:var(--link)}
code,pre{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere}pre{white-space:pre-wrap;margin:.25rem 0;padding:.5rem;background:var(--back);border:1px solid var(--line);border-radius:6px}
.dim{color:var(--dim)}.bad{color:var(--bad)}.good{color:var(--good)}.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.75rem;margin:.75rem 0}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.15rem .75rem;margin:.5rem 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
details{margin:.35rem 0}summary{cursor:pointer;overflow-wrap:anywhere}.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.875rem}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;white-space:nowrap}td.number{text-align:right}
@media(max-width:30rem){body{padding:.75rem}dl{grid-template-columns:minmax(0,1fr)}dt{margin-top:.25rem}}`;

function renderExchange({ caseName, operationId, status, message, request, response, again, id }: Finding): string {
  const head = `${operationId} ${status || 'without a response'}: ${message}`;
  return `<details><summary>${escapeHtml(head)}</summary>
<dl><dt>case</dt><dd>${escapeHtml(caseName)}</dd><dt>replay</dt><dd>${code(`--replay ${id}`)}</dd></dl>
<div class="dim">request</div><pre>${escapeHtml(request)}</pre><div class="dim">response</div><pre>${escapeHtml(response)}</pre>
<div class="dim">again</div><pre>${escapeHtml(again)}</pre></details>`;
}

/** Returns the place of an operation in the docs page. */
function renderLink({ docsUrl }: HtmlOptions, { operationId }: Finding): string {
  if (docsUrl === undefined) return '';
  return ` · <a href="${escapeHtml(`${docsUrl}#operation/${operationId}`)}">docs of ${escapeHtml(operationId)}</a>`;
}

function renderCause(cause: Cause, options: HtmlOptions): string {
  const { check, message, count, operations, example, provenance } = cause;
  const { pointer, sentence, expected, got } = example;
  const different = [...groupBy(cause.findings, (finding) => `${finding.operationId} ${finding.message}`).values()];
  const shown = [[example], ...different.filter((same) => !same.includes(example))]
    .slice(0, maxExchanges)
    .flatMap(([finding]) => finding ?? []);
  const more = different.length - shown.length;
  return `<section class="card"><h3>${escapeHtml(message)}</h3>
<div class="dim">${code(check)} · ${provenance} · seen ${count === 1 ? 'once' : `${count} times`}${renderLink(options, example)}</div>
<dl><dt>on</dt><dd>${escapeHtml(operations.join(', '))}</dd><dt>contract</dt><dd>${escapeHtml(sentence)} ${code(`#${pointer}`)}</dd>
${expected === undefined ? '' : `<dt>expected</dt><dd>${escapeHtml(expected)}</dd><dt>got</dt><dd>${escapeHtml(got ?? '')}</dd>`}</dl>
${shown.map(renderExchange).join('\n')}${more > 0 ? `<div class="dim">and ${more} more in the JSON report</div>` : ''}</section>`;
}

/** Returns the words for the coverage of a status, and their class. */
function describeCoverage(item: CoverageItem | undefined, hasFindings: boolean): [words: string, mark: string] {
  if (item === undefined) return ['not documented', 'bad'];
  if (item.isCovered) return ['seen', 'good'];
  if (hasFindings) return ['seen, not as described', 'bad'];
  return item.reason === undefined ? ['not seen', 'bad'] : ['out of reach', 'dim'];
}

/** Renders why a client cannot provoke some statuses. */
function renderReasons(items: readonly CoverageItem[]): string {
  const outOfReach = items.filter(({ isCovered, reason }) => !isCovered && reason !== undefined);
  const reasons = groupBy(outOfReach, ({ reason = '' }) => reason);
  const lines = [...reasons].map(([reason, same]) => {
    const statuses = new Set(same.map(({ name }) => name.split(' ')[1]));
    return `${[...statuses].join(', ')} ${reason}`;
  });
  return lines.length === 0 ? '' : `<p class="dim">Out of reach: ${escapeHtml(lines.join('; '))}.</p>`;
}

/** Renders the statuses of each operation with the findings of each check that has any. */
function renderMatrix({ coverage, findings }: SuiteResult): string {
  const checks = checkNames.filter((check) => findings.some((finding) => finding.check === check));
  const statuses = coverage.filter(({ kind }) => kind === 'status');
  const places = groupBy(findings, ({ operationId, status }) => `${operationId} ${status}`);
  const names = new Map(statuses.map((item) => [item.name.split(' ').slice(0, 2).join(' '), item]));
  const undocumented = [...places.keys()].filter((name) => !names.has(name));
  const row = (name: string, item: CoverageItem | undefined) => {
    const ofPlace = places.get(name) ?? [];
    const [seen, mark] = describeCoverage(item, ofPlace.length > 0);
    const cells = checks.map((check) => {
      const number = ofPlace.filter((finding) => finding.check === check).length;
      return `<td class="number bad">${number === 0 ? '' : number}</td>`;
    });
    const [operationId = '', status = ''] = name.split(' ');
    return `<tr><th scope="row">${escapeHtml(operationId)}</th><td>${status === '0' ? 'none' : escapeHtml(status)}</td><td class="${mark}">${escapeHtml(seen)}</td>${cells.join('')}</tr>`;
  };
  const rows = [
    ...[...names].map(([name, item]) => row(name, item)),
    ...undocumented.map((name) => row(name, undefined)),
  ];
  const heads = ['operation', 'status', 'coverage', ...checks].map(
    (text) => `<th scope="col">${escapeHtml(text)}</th>`,
  );
  return `<div class="scroll" tabindex="0"><table><thead><tr>${heads.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>${renderReasons(statuses)}`;
}

/** Renders how many cases of each operation and check passed. */
function renderCases({ results }: SuiteResult): string {
  const tried = results.filter(({ notTried }) => notTried === undefined);
  const rows = [...groupBy(tried, ({ operationId, check }) => `${operationId} ${check}`)].map(([name, cases]) => {
    const broken = cases.filter(({ isBroken }) => isBroken).length;
    const [operationId = '', check = ''] = name.split(' ');
    return `<tr><th scope="row">${escapeHtml(operationId)}</th><td>${escapeHtml(check)}</td><td class="number ${broken > 0 ? 'bad' : 'good'}">${cases.length - broken} of ${cases.length}</td></tr>`;
  });
  return `<details><summary>Cases by operation and check</summary><div class="scroll" tabindex="0"><table><thead><tr><th scope="col">operation</th><th scope="col">check</th><th scope="col">passed</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></div></details>`;
}

function renderMissing({ coverage }: SuiteResult): string {
  const missing = coverage.filter(({ isCovered, reason }) => !isCovered && reason === undefined);
  if (missing.length === 0) return '';
  const names = missing.map(({ name }) => escapeHtml(name)).join(', ');
  return `<details><summary class="bad">${missing.length} of ${coverage.length} parts are not covered</summary><p>${names}</p></details>`;
}

function renderNotTried({ notTried, unmet, leftBehind, isAborted }: SuiteResult): string {
  const left = describeLeftBehind(leftBehind);
  const lines = [
    ...(isAborted ? ['The run was aborted before the last case.'] : []),
    ...unmet.map((name) => `Asked for and not tried: ${name}`),
    ...notTried.map(({ reason, cases, checks }) => `${cases} cases of ${checks.join(', ')}: ${reason}`),
    ...(left === '' ? [] : [left]),
  ];
  return lines.length === 0
    ? ''
    : `<h2>Not tried</h2><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join('')}</ul>`;
}

/**
 * Renders a run as HTML: causes with foldable exchanges, operation by status by check, and what was not tried.
 *
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(renderHtml(result).startsWith('<!doctype html>')); // true
 */
export function renderHtml(result: SuiteResult, options: HtmlOptions = {}): string {
  const { causes, results, requests, coveredShare, level, seed, findings } = result;
  const verdict =
    causes.length === 0
      ? '<span class="good">No findings</span>'
      : `<span class="bad">${causes.length} cause${causes.length === 1 ? '' : 's'}, ${findings.length} findings</span>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Conformance of OAuth apps</title><style>${style}</style></head><body><main>
<h1>Conformance of OAuth apps</h1>
<p>${verdict}. ${results.length} cases, ${requests} requests, coverage ${formatPercent(coveredShare)}, level ${level}, seed ${seed}.</p>
${causes.length === 0 ? '' : `<h2>Causes</h2>${causes.map((cause) => renderCause(cause, options)).join('\n')}`}
<h2>Coverage</h2>${renderMissing(result)}
${renderMatrix(result)}
${renderCases(result)}
${renderNotTried(result)}
</main></body></html>
`;
}

const escapeData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/**
 * Renders the causes as annotations of GitHub Actions, one in a line.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 * @example
 * const result = await createSuite({ baseUrl, token, only: ['ignored_auth'] }).run();
 * console.log(renderAnnotations(result) === ''); // true
 */
export function renderAnnotations({ causes }: SuiteResult): string {
  const line = ({ check, message, operations, example, provenance }: Cause) => {
    const got = example.expected === undefined ? '' : ` Expected ${example.expected}, got ${example.got ?? ''}.`;
    const text = `${message} on ${operations.join(', ')}.${got} ${example.sentence} (#${example.pointer}) --replay ${example.id}`;
    const kind = provenance === 'extension' ? 'warning' : 'error';
    return `::${kind} title=${escapeProperty(`${check} (${provenance})`)}::${escapeData(text)}`;
  };
  return causes.map(line).join('\n');
}
