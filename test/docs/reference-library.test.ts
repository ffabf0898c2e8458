// @databases none
import { describe, expect, it } from 'vitest';
import { renderLlms } from '../../openapi/docs/llms.ts';
import { renderReference } from '../../openapi/docs/reference.ts';
import { describeSchema } from '../../openapi/docs/schema-words.ts';
import { type Bundle, completeBundle, type Schema } from '../../openapi/generate/bundle.ts';
import { describeLibrary } from '../contract/library-description.ts';

const library = completeBundle(describeLibrary() as object as Bundle);
const reference = renderReference(library, 'library');
const section = (heading: string) => reference.split(`\n### ${heading}\n`)[1]?.split(/^### /m)[0] ?? '';

it('a schema is described in words', () => {
  const describeIt = (schema: Schema) => describeSchema(library, schema);
  expect(describeIt({ type: 'number', exclusiveMinimum: 1, exclusiveMaximum: 9, multipleOf: 2 })).toBe(
    'number, more than 1, less than 9, a multiple of 2',
  );
  expect(describeIt({ type: 'array', items: { type: 'string' }, uniqueItems: true, default: [] })).toBe(
    'array of string, no item twice, default `[]`',
  );
  expect(describeIt({ type: 'array', contains: { const: 1 }, minContains: 2 })).toContain('2 or more of them');
});

it.each<[Schema, string]>([
  [{ type: ['array', 'null'], items: { type: 'string' } }, 'array of string or null'],
  [{ type: ['object', 'null'], title: 'Book', properties: { a: {} } }, '[Book](#book) or null'],
  [{ type: ['string', 'null'], format: 'uri' }, 'string or null, uri'],
  [{ type: ['object', 'null'], additionalProperties: { type: 'string' } }, 'object of string or null'],
  [{ properties: { a: {} }, additionalProperties: false }, 'object with `a`, no other property'],
  [{ type: 'object', additionalProperties: false }, 'object, no other property'],
  [{ properties: { a: {} }, additionalProperties: { type: 'string' } }, 'object with `a`, other properties: string'],
  [{ enum: ['a', 'b'], anyOf: [{ minLength: 1 }] }, 'one of `a`, `b`, any value, 1 or more characters'],
  [
    {
      properties: { a: {} },
      oneOf: [
        { title: 'A', properties: {} },
        { title: 'B', properties: {} },
      ],
    },
    'object with `a`, [A](#a) or [B](#b)',
  ],
  [{ oneOf: [{ type: 'string' }], allOf: [{ minLength: 2 }] }, 'string, any value, 2 or more characters'],
  [
    { oneOf: [{ title: 'A', properties: {} }], discriminator: { propertyName: 'kind' } },
    '[A](#a), told apart by `kind`',
  ],
])('%j is described as %s', (schema, words) => {
  expect(describeSchema(library, schema)).toBe(words);
});

describe('the reference of a description without titles and provenance', () => {
  it('names nothing undefined', () => {
    // The samples of the client have `undefined` for arguments that are left out.
    expect(reference.replaceAll(/^```.*?^```/gms, '')).not.toMatch(/undefined|\[object Object\]/);
    expect(renderLlms(library, { markdown: 'docs.md', typescript: 'typescript.md' })).not.toContain('undefined');
  });

  it('links each body to its schema', () => {
    const either = '[PaperBook](#paperbook) or [AudioBook](#audiobook), told apart by `kind`.';
    expect(section('replaceBook')).toContain(`\`application/json\`, required.\n\n${either}`);
    expect(section('replaceBook')).toContain(`\`application/json\`: ${either}`);
    expect(reference).toContain('\n### PaperBook\n');
  });

  it('says that an operation needs no token', () => {
    expect(section('getStatus')).toContain('`GET /books/status` · `getStatus` · no token');
    expect(section('getStatus')).toContain('`text/plain`: string.');
  });
});
