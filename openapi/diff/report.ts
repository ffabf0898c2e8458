import { type Finding, type Rating, ratings } from './finding.ts';

/** The result of a comparison. */
export interface Comparison {
  /** The git ref of the older bundle. */
  baseName: string;
  baseVersion: string;
  version: string;
  /** The lowest version that matches the changes. */
  required: string;
  /** The changes, the gravest first. */
  findings: readonly Finding[];
}

/** Returns a pointer in a readable form: `GET /v1/oauth-apps, responses/200` or `components/schemas/Name`. */
function formatPointer(pointer: string): string {
  const [first = '', ...tokens] = pointer.split('/').slice(1);
  const names = tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (first !== 'paths') return [first, ...names].join('/') || 'The description';
  const [path = '', method = '', ...rest] = names;
  return [`${method.toUpperCase()} ${path}`.trim(), rest.join('/')].filter(Boolean).join(', ');
}

/** Returns the operation or the component that a pointer leads into. */
const ownerOf = (pointer: string) => formatPointer(pointer.split('/').slice(0, 4).join('/')).replace('components/', '');

const select = (findings: readonly Finding[], wanted: Rating) => findings.filter(({ rating }) => rating === wanted);

/** Returns a line for each location, with the messages of all its findings. */
function renderLocations(
  findings: readonly Finding[],
  render: (location: string, messages: string) => string,
): string[] {
  const locations = Map.groupBy(findings, ({ pointer }) => formatPointer(pointer));
  return [...locations].map(([location, group]) =>
    render(location, [...new Set(group.map(({ message }) => message))].join('; ')),
  );
}

const withReason = (finding: Finding): Finding =>
  finding.reason === undefined ? finding : { ...finding, message: `${finding.message} (${finding.reason})` };

/** Renders a comparison for a terminal. */
export function renderText({ baseName, baseVersion, version, required, findings }: Comparison): string {
  const lines = ratings.flatMap((rating) =>
    renderLocations(
      select(findings, rating).map(withReason),
      (location, messages) => `${rating}  ${location}: ${messages}`,
    ),
  );
  const counts = ratings.map((rating) => `${select(findings, rating).length} ${rating}`).join(', ');
  const summary = findings[0] ? `${counts}: a ${findings[0].rating} change.` : 'Nothing changed.';
  return [
    `${baseName} (${baseVersion}) → working tree (${version})`,
    '',
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    `${summary} The version must be at least ${required}.`,
  ].join('\n');
}

/** Renders a comparison as a section of a changelog. Of changed words, it shows only the operation or component. */
export function renderMarkdown({ version, findings }: Comparison): string {
  const item = (location: string, messages: string) => `- **${location}**: ${messages}`;
  const owners = new Set(select(findings, 'patch').map(({ pointer }) => ownerOf(pointer)));
  const sections = {
    Breaking: renderLocations(select(findings, 'major'), item).join('\n'),
    New: renderLocations(select(findings, 'minor'), item).join('\n'),
    'Words and examples': [...owners].join(', '),
  };
  const parts = Object.entries(sections).flatMap(([heading, text]) => (text ? [`### ${heading}`, text] : []));
  return [`## ${version}`, ...(parts.length > 0 ? parts : ['The API is unchanged.'])].join('\n\n');
}

/** Renders a comparison as JSON, for programs. `rating` is the gravest; null when nothing changed. */
export const renderJson = (comparison: Comparison): string =>
  JSON.stringify({ ...comparison, rating: comparison.findings[0]?.rating ?? null }, null, 2);

/** The levels of annotations in GitHub's workflows. A change of words has none. */
const levels: Partial<Record<Rating, string>> = { major: 'error', minor: 'notice' };

const escapeText = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) => escapeText(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

/** Renders a comparison as annotations of a workflow of GitHub, and as text. */
export function renderGitHub(comparison: Comparison): string {
  const annotations = comparison.findings.flatMap((finding) => {
    const level = levels[finding.rating];
    if (level === undefined) return [];
    const title = escapeProperty(`${finding.rating}: ${formatPointer(finding.pointer)}`);
    const file = finding.pointer.startsWith('#/package/') ? 'package.json' : 'generated/openapi.json';
    return [`::${level} file=${file},title=${title}::${escapeText(withReason(finding).message)}`];
  });
  return [...annotations, renderText(comparison)].join('\n');
}
