/** Lists the statements of the description by provenance: documented by Sequin, inferred, or an extension. */
import { type Bundle, deref, listOperations, type Schema } from '../generate/bundle.ts';

/** Sequin's pages. Their names are those that the pages themselves use. */
const publishedPages = [
  ['index', 'https://sequin.io/docs/llms.txt'],
  ['objects', 'https://sequin.io/docs/management-api/objects'],
  ['errors', 'https://sequin.io/docs/management-api/errors'],
] as const;

const grades = ['documented', 'inferred', 'extension'] as const;
const kinds = ['Operations', 'Parameters', 'Responses', 'Response headers', 'Properties'] as const;

/** A statement of the description. */
export interface Statement {
  /** The provenance. */
  readonly grade: (typeof grades)[number];
  /** The kind of node that makes the statement. */
  readonly kind: (typeof kinds)[number];
  /** The summary of the operation or the title of the schema; empty when the statement is listed once for all. */
  readonly owner: string;
  /** The name of the node. */
  readonly name: string;
}

/** Returns the provenance of a node; undefined where the house rules are off and there is none. */
export const provenanceOf = (node: object) => (node as { 'x-provenance'?: Statement['grade'] })['x-provenance'];

type Marked = readonly [name: string, node: object];
const code = (name: string) => `\`${name}\``;

/** Returns every statement that has a provenance, in the order of the description. */
export function listStatements(bundle: Bundle): Statement[] {
  const operations = listOperations(bundle);
  const list = (kind: Statement['kind'], owner: string, nodes: readonly Marked[]) =>
    nodes.flatMap(([name, node]): Statement[] => {
      const grade = provenanceOf(deref(bundle, node));
      return grade === undefined ? [] : [{ grade, kind, owner, name }];
    });
  const schemas = Object.values(bundle.components.schemas).flatMap(({ title, properties = {} }) =>
    Object.entries(properties as Record<string, Schema>).flatMap(([name, property]): Statement[] => {
      const grade = provenanceOf(property);
      return grade === undefined ? [] : [{ grade, kind: 'Properties', owner: String(title), name: code(name) }];
    }),
  );
  return [
    ...operations.flatMap(({ summary, parameters, responses, ...operation }) => [
      ...list('Operations', '', [[summary, operation]]),
      ...list(
        'Parameters',
        summary,
        parameters.map((parameter) => [code(parameter.name), parameter]),
      ),
      ...list('Responses', summary, Object.entries(responses)),
      ...Object.values(responses).flatMap(({ headers = {} }) =>
        list(
          'Response headers',
          '',
          Object.entries(headers).map(([name, header]) => [code(name), header]),
        ),
      ),
    ]),
    ...schemas,
  ];
}

/** Renders the statements of a kind: `- Parameters`, and below it `- List OAuth apps: …`. */
function renderKind(kind: string, statements: readonly Statement[]): string[] {
  const own = statements.filter((statement) => statement.kind === kind);
  const namesOf = (owner: string) => new Set(own.filter((statement) => statement.owner === owner).map((s) => s.name));
  const owners = [...new Set(own.map(({ owner }) => owner))];
  const lines = owners.map((owner) => `${owner && `  - ${owner}: `}${[...namesOf(owner)].join(', ')}`);
  if (owners.length === 0) return [];
  return owners[0] === '' ? [`- ${kind}: ${lines.join()}`] : [`- ${kind}`, ...lines];
}

/** The title of the section of `renderProvenance`. */
export const provenanceTitle = 'Where this comes from';

/** Renders every statement by provenance, in Markdown. It has no headings, because Redoc hides the text below them. */
export function renderProvenance(bundle: Bundle): string {
  const statements = listStatements(bundle);
  const links = publishedPages.map(([name, url]) => `[${name}](${url})`).join(', ');
  const lists = grades.flatMap((grade) => {
    const lines = kinds.flatMap((kind) =>
      renderKind(
        kind,
        statements.filter((statement) => statement.grade === grade),
      ),
    );
    return lines.length > 0 ? [`**Marked ${grade}**`, lines.join('\n')] : [];
  });
  return [
    `Sequin's reference is at sequin.io: ${links}. This section lists every statement of this description by its mark.`,
    ...lists,
  ].join('\n\n');
}
