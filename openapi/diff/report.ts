import { ratings } from './compare.ts';
import type { Finding } from './rate.ts';
import type { Rating } from './redocly.ts';

/** What the report says about a comparison. */
export interface Comparison {
  baseName: string;
  baseVersion: string;
  version: string;
  /** The lowest version that the changes allow. */
  demanded: string;
  findings: readonly Finding[];
}

/** A pointer as a reader says it: `GET /v1/oauth-apps, responses/200` or `components/schemas/Name`. */
function namePlace(pointer: string): string {
  const [first = '', ...steps] = pointer.split('/').slice(1);
  const plain = steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (first !== 'paths') return [first, ...plain].join('/') || 'The description';
  const [path = '', method = '', ...rest] = plain;
  return [`${method.toUpperCase()} ${path}`.trim(), rest.join('/')].filter(Boolean).join(', ');
}

/** The operation or the component that a place is in. */
const nameOwner = (pointer: string) => namePlace(pointer.split('/').slice(0, 4).join('/')).replace('components/', '');

const select = (findings: readonly Finding[], wanted: Rating) => findings.filter(({ rating }) => rating === wanted);

/** A line for each place, with all that was said of it. */
function listPlaces(findings: readonly Finding[], render: (place: string, messages: string) => string): string[] {
  const places = Map.groupBy(findings, ({ pointer }) => namePlace(pointer));
  return [...places].map(([place, of]) => render(place, [...new Set(of.map(({ message }) => message))].join('; ')));
}

/** For a person at a terminal. */
export function renderText({ baseName, baseVersion, version, demanded, findings }: Comparison): string {
  const lines = ratings.flatMap((rating) =>
    listPlaces(select(findings, rating), (place, messages) => `${rating}  ${place}: ${messages}`),
  );
  const counts = ratings.map((rating) => `${select(findings, rating).length} ${rating}`).join(', ');
  const verdict = findings[0] ? `${counts}: a ${findings[0].rating} change.` : 'Nothing changed.';
  return [
    `${baseName} (${baseVersion}) → working tree (${version})`,
    '',
    ...lines,
    ...(lines.length > 0 ? [''] : []),
    `${verdict} The version must be at least ${demanded}.`,
  ].join('\n');
}

/** A section of a changelog: what breaks and what is new in full, of words no more than where they changed. */
export function renderMarkdown({ version, findings }: Comparison): string {
  const item = (place: string, messages: string) => `- **${place}**: ${messages}`;
  const owners = new Set(select(findings, 'patch').map(({ pointer }) => nameOwner(pointer)));
  const sections = {
    Breaking: listPlaces(select(findings, 'major'), item).join('\n'),
    New: listPlaces(select(findings, 'minor'), item).join('\n'),
    'Words and examples': [...owners].join(', '),
  };
  const parts = Object.entries(sections).flatMap(([heading, text]) => (text ? [`### ${heading}`, text] : []));
  return [`## ${version}`, ...(parts.length > 0 ? parts : ['The API is unchanged.'])].join('\n\n');
}
