/** Renders the rules of the comparison as the tables of CONTRIBUTING, by comparing a sample for each rule. */
import { compareBundles } from '../../openapi/diff/compare.ts';
import type { Direction } from '../../openapi/diff/effects.ts';
import { Findings } from '../../openapi/diff/finding.ts';
import { compareSchemas } from '../../openapi/diff/schemas.ts';
import { tableOf } from '../../openapi/docs/schema-words.ts';
import { edit } from './diff-bundles.ts';
import type { Edit } from './diff-edit-places.ts';
import { bundle } from './documented.ts';

/** A sample of a keyword: a value, another one, and the names of the change from one to the other and back. */
type Sample = readonly [value: unknown, other: unknown, change: string, opposite: string];

const number = (...names: string[]) => names.map((name): [string, Sample] => [name, [5, 6, 'higher', 'lower']]);
const other = (name: string, value: unknown, another: unknown): [string, Sample] => [
  name,
  [value, another, 'another', 'another'],
];

const samples: readonly [keyword: string, Sample][] = [
  ['type', ['string', ['string', 'null'], 'more', 'fewer']],
  ['enum', [['a'], ['a', 'b'], 'more', 'fewer']],
  other('const', 'a', 'b'),
  ['required', [['a'], ['a', 'b'], 'more', 'fewer']],
  ...number('maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'),
  ...number('minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'),
  ...['pattern', 'format'].map((name) => other(name, 'a', 'b')),
  ['multipleOf', [4, 8, 'a multiple', 'a divisor']],
  ['uniqueItems', [true, false, '`false`', '`true`']],
  ['items', [{ maxLength: 1 }, { maxLength: 2 }, 'wider', 'narrower']],
  ['additionalProperties', [false, true, '`true`', '`false`']],
  ['anyOf', [[{ type: 'integer' }], [{ type: 'integer' }, { type: 'null' }], 'more', 'fewer']],
  ['oneOf', [[{ type: 'integer' }], [{ type: 'integer' }, { type: 'null' }], 'more', 'fewer']],
  ['properties', [{ a: {} }, { a: {}, b: {} }, 'more', 'fewer']],
  ...['readOnly', 'writeOnly'].map((name): [string, Sample] => [name, [true, false, '`false`', '`true`']]),
  other('default', 'a', 'b'),
  ...['title', 'description', 'examples', 'x-provenance'].map((name) => other(name, 'a', 'b')),
  other('deprecated', true, false),
  ['x-max-…', [5, 6, 'higher', 'lower']],
  other('every other', 'a', 'b'),
];

const keywordOf = (name: string) => (name === 'x-max-…' ? 'x-max-bytes' : name === 'every other' ? 'unknown' : name);

/** Rates the change of a keyword, in a request and in a response. */
function rateKeyword(name: string, before: unknown, after: unknown): string {
  const schema = (value: unknown) => (value === undefined ? {} : { [keywordOf(name)]: value });
  const [was, now] = [before, after].map((value) => [{ node: schema(value), pointer: '#' }]);
  const rate = (direction: Direction) => {
    const findings = new Findings();
    const side = () => ({ bundle, reached: new Set<string>() });
    const comparison = { base: side(), revision: side(), findings, compared: new Set<string>() };
    compareSchemas(comparison, was ?? [], now ?? [], direction);
    return findings.list()[0]?.rating ?? 'patch';
  };
  return `${rate('request')} ${rate('response')}`;
}

/** Returns the ratings of a keyword, each with the changes that get it. */
function rateSample([name, [value, other, change, opposite]]: (typeof samples)[number]): string {
  const changes: [string, string][] = [
    ['added', rateKeyword(name, undefined, value)],
    ['removed', rateKeyword(name, value, undefined)],
    [change, rateKeyword(name, value, other)],
    [opposite, rateKeyword(name, other, value)],
  ];
  const byRating = Map.groupBy(changes, ([, rating]) => rating);
  const lines = Array.from(
    byRating,
    ([rating, all]) => `${[...new Set(all.map(([name]) => name))].join(', ')}|${rating}`,
  );
  return lines.join('\n');
}

/** Returns the rows of the keywords. Keywords with the same ratings share theirs. */
function renderKeywords(): string {
  const groups = Map.groupBy(samples, rateSample);
  const rows = Array.from(groups, ([lines, group]) => {
    const names = group.map(([name]) => (name === 'every other' ? name : `\`${name}\``)).join(', ');
    return lines.split('\n').map((line, index) => {
      const [changes = '', ratings = ''] = line.split('|');
      return [index === 0 ? names : '', changes, ...ratings.split(' ')];
    });
  });
  return tableOf(['Keyword of a schema', 'Change', 'Request', 'Response'], rows.flat());
}

const list = '/paths/~1v1~1oauth-apps/get';
const create = '/paths/~1v1~1oauth-apps/post';
const app = '/paths/~1v1~1oauth-apps~1{id}';
const text = { type: 'string' };
const response = { description: 'New.' };
const limit = '/components/parameters/Limit';
const etag = '/components/headers/ETag';
const scheme = '/components/securitySchemes/BearerAuth';
const content = `${create}/requestBody/content`;
const shown = `${list}/responses/200/content`;

/** Rows: a part of the description, and samples of its addition, its removal and another change. */
const parts: readonly [name: string, added: Edit | undefined, removed: Edit | undefined, changed?: Edit][] = [
  ['path, operation', [`${app}/put`, { responses: { 200: response } }], [app]],
  ['`operationId`', undefined, [`${list}/operationId`], [`${list}/operationId`, 'readApps']],
  [
    'optional parameter',
    [`${list}/parameters/-`, { name: 'a', in: 'query', schema: text }],
    [`${list}/parameters/0`],
    [`${limit}/name`, 'a'],
  ],
  [
    'required parameter',
    [`${list}/parameters/-`, { name: 'a', in: 'query', required: true, schema: text }],
    [`${app}/get/parameters/0`],
  ],
  ['`required` of a parameter or body', [`${limit}/required`, true], [`${create}/requestBody/required`]],
  ['`style`, `explode`, `allowReserved`', [`${limit}/style`, 'pipeDelimited'], undefined, [`${limit}/explode`, false]],
  ['optional body', [`${app}/delete/requestBody`, { content: {} }], [`${create}/requestBody`]],
  ['media type', [`${content}/text~1csv`, {}], [`${content}/application~1json`]],
  ['`schema`, `content`', [`${app}/get/responses/304/content`, {}], [`${shown}/application~1json/schema`]],
  ['success, `default`', [`${create}/responses/202`, response], [`${create}/responses/200`]],
  ['error (4xx, 5xx)', [`${list}/responses/410`, response], [`${list}/responses/429`]],
  [
    'response header',
    [`${list}/responses/200/headers/A`, { schema: text }],
    [`${list}/responses/200/headers/Cache-Control`],
  ],
  ['`required` of a header', ['/components/headers/RetryAfterInFlight/required', true], [`${etag}/required`]],
  [
    'name of a response example',
    [`${shown}/application~1json/examples/A`, {}],
    [`${shown}/application~1json/examples/Page`],
  ],
  ['component', ['/components/schemas/A', {}], ['/components/schemas/Unused']],
  ['server', ['/servers/-', { url: '/' }], ['/servers/1'], ['/servers/0/url', '/']],
  ['server of a path or operation', [`${list}/servers`, []], undefined, [`${app}/servers`, [{ url: '/' }]]],
  ['security scheme', ['/components/securitySchemes/A', { type: 'http' }], [scheme], [`${scheme}/scheme`, 'basic']],
  ['alternative of `security`', [`${list}/security/-`, { BearerAuth: ['admin'] }], undefined, [`${list}/security`, []]],
  ['scope', [`${scheme}/x-scopes/admin`, ''], [`${scheme}/x-scopes/reveal`], [`${scheme}/x-scopes/read`, 'Reads.']],
  ['link, callback, webhook', [`${list}/responses/200/links`, { A: {} }], undefined],
  ['words, example values, order', [`${list}/externalDocs`, {}], [`${list}/summary`], [`${list}/description`, 'A.']],
  ['every other member', ['/extra', 1], ['/x-extra'], [`${list}/x-extra`, true]],
];

const base = edit(bundle, ['/x-extra', 1], ['/components/schemas/Unused', {}]);

const rateEdit = (change: Edit | undefined): string =>
  change === undefined ? '–' : (compareBundles(base, edit(base, change))[0]?.rating ?? 'patch');

function renderParts(): string {
  const rows = parts.map(([name, ...edits]) => [name, ...[edits[0], edits[1], edits[2]].map(rateEdit)]);
  return tableOf(['Part of the description', 'Added', 'Removed', 'Changed'], rows);
}

/** Returns the tables of CONTRIBUTING. */
export const renderRules = (): string => `${renderKeywords()}\n\n${renderParts()}`;
