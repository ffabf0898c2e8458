/** A small description, and the report about a change of it. */
import { compareDocuments } from '../../openapi/diff/document.ts';
import { type Finding, Findings } from '../../openapi/diff/finding.ts';
import type { Bundle } from '../../openapi/generate/bundle.ts';
import { edit } from './diff-bundles.ts';

export const text = { type: 'string' };
export const json = (schema: object) => ({ 'application/json': { schema } });
const id = { name: 'id', in: 'path', required: true, schema: text };

/** A path with a read, a create and a delete, small enough to compare it a thousand times. */
const path = {
  get: {
    operationId: 'getA',
    parameters: [
      ...[id, { name: 'q', in: 'query', schema: text }],
      ...[
        { name: 'H', in: 'header', schema: text },
        { name: 'c', in: 'cookie', schema: text },
      ],
    ],
    responses: {
      200: {
        description: 'Ok.',
        headers: { A: { required: true, schema: text }, B: { schema: text } },
        content: { ...json(text), 'text/csv': { schema: text } },
        links: { L: { operationId: 'getA' } },
      },
      304: { description: 'Same.' },
      404: { description: 'None.', content: json(text) },
    },
  },
  post: {
    ...{ operationId: 'addA', parameters: [id], requestBody: { required: true, content: json(text) } },
    responses: { 200: { description: 'Ok.' } },
  },
  delete: { operationId: 'deleteA', parameters: [id], responses: { 204: { description: 'Gone.' } } },
};
const shared = { schemas: {}, parameters: {}, responses: {}, examples: {}, securitySchemes: {} };
export const bundle: Bundle = JSON.parse(
  JSON.stringify({ info: { title: 'A', version: '1.0.0' }, paths: { '/a/{id}': path }, components: shared }),
);
const root = '/paths/~1a~1{id}/';

/** An edit: a pointer, from the path or from the root of the description, and a value. */
export type Change = [pointer: string, value: unknown];

/** Returns the lines of the report about an edit of a description, after edits that make the older one. */
export function reportEdits(origin: object, edits: readonly Change[], before: readonly Change[] = []): string[] {
  const older = edit(origin as Bundle, ...before);
  const findings = new Findings();
  const side = (bundle: Bundle) => ({ bundle, reached: new Set<string>() });
  const revision = side(edit(older, ...edits));
  compareDocuments({ base: side(older), revision, findings, compared: new Set() });
  return findings.list().map(lineOf);
}

/** Returns the lines of the report about an edit of the path. */
export function reportChange(change: Change, ...before: Change[]): string[] {
  const inPath = ([pointer, value]: Change): Change => [root + pointer, value];
  return reportEdits(bundle, [inPath(change)], before.map(inPath));
}

const lineOf = ({ rating, pointer, message, reason }: Finding) =>
  `${rating} ${pointer.replace(`#${root}`, '')}: ${message}${reason === undefined ? '' : ` (${reason})`}`;
