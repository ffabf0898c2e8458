// @databases none
import { expect, test } from 'vitest';
import { type Change, json, reportChange, text } from './diff-small-bundle.ts';

type Report = readonly [pointer: string, value: unknown, lines: string | string[], before?: Change];
/** Changes of the path, with the lines about them, and a change before. */
const reports: readonly Report[] = [
  ['get/parameters/-', { name: 'x', in: 'query', schema: text }, 'minor get/parameters/4: parameter query x was added'],
  [
    'get/parameters/-',
    { name: 'x', in: 'query', required: true, schema: text },
    'major get/parameters/4: parameter query x was added (a request that was valid may be rejected)',
  ],
  ['get/parameters/1', undefined, 'major get/parameters/1: parameter query q was removed (callers may send it)'],
  ['get/parameters/2', undefined, 'major get/parameters/2: parameter header h was removed (callers may send it)'],
  ['get/parameters/2/name', 'h', 'major get/parameters/2: name changed from "H" to "h" (callers may send it)'],
  [
    'get/parameters/1/name',
    'r',
    [
      'major get/parameters/1: parameter query q was removed (callers may send it)',
      'minor get/parameters/1: parameter query r was added',
    ],
  ],
  [
    'get/parameters/1/in',
    'header',
    [
      'major get/parameters/1: parameter query q was removed (callers may send it)',
      'minor get/parameters/1: parameter header q was added',
    ],
  ],
  [
    'get/parameters/1/required',
    true,
    'major get/parameters/1: required was set to true (a request that was valid may be rejected)',
  ],
  ['get/parameters/1/required', false, 'patch get/parameters/1: required was set to false'],
  ['get/parameters/0/required', false, 'minor get/parameters/0: required changed from true to false'],
  ['get/parameters/1/allowEmptyValue', true, 'minor get/parameters/1: allowEmptyValue was set to true'],
  [
    'get/parameters/1/allowEmptyValue',
    undefined,
    'major get/parameters/1: allowEmptyValue was removed (a request that was valid may be rejected)',
    ['get/parameters/1/allowEmptyValue', true],
  ],
  [
    'get/parameters/1/x-content-media-type',
    'application/json',
    'major get/parameters/1: x-content-media-type was set to "application/json" (client methods take another type)',
  ],
  ['get/parameters/1/example', 'a', 'patch get/parameters/1: example was set to "a"'],
  [
    'get/parameters/1/examples',
    { A: { value: 'a' } },
    'patch get/parameters/1: examples was set to {"A":{"value":"a"}}',
  ],
  ['get/parameters/1/description', 'a', 'patch get/parameters/1: description was set to "a"'],
  ['get/parameters/1/deprecated', true, 'minor get/parameters/1: deprecated was set to true'],
  [
    'get/parameters/1/unknown',
    true,
    'major get/parameters/1: unknown was set to true (no rule knows that it is harmless)',
  ],
  [
    'get/parameters/1/x-max-bytes',
    5,
    'major get/parameters/1: x-max-bytes was set to 5 (a request that was valid may be rejected)',
  ],
  ['get/parameters/1/style', 'form', 'patch get/parameters/1: style was set to "form"'],
  [
    'get/parameters/1/style',
    'spaceDelimited',
    'major get/parameters/1: style was set to "spaceDelimited" (callers encode it in another way)',
  ],
  ['get/parameters/3/style', 'form', 'patch get/parameters/3: style was set to "form"'],
  ['get/parameters/0/style', 'simple', 'patch get/parameters/0: style was set to "simple"'],
  ['get/parameters/2/style', 'simple', 'patch get/parameters/2: style was set to "simple"'],
  [
    'get/parameters/2/style',
    'form',
    'major get/parameters/2: style was set to "form" (callers encode it in another way)',
  ],
  ['get/parameters/1/explode', true, 'patch get/parameters/1: explode was set to true'],
  [
    'get/parameters/1/explode',
    false,
    'major get/parameters/1: explode was set to false (callers encode it in another way)',
  ],
  ['get/parameters/0/explode', false, 'patch get/parameters/0: explode was set to false'],
  [
    'get/parameters/0/explode',
    true,
    'major get/parameters/0: explode was set to true (callers encode it in another way)',
  ],
  [
    'get/parameters/1/explode',
    false,
    'patch get/parameters/1: explode was set to false',
    ['get/parameters/1/style', 'spaceDelimited'],
  ],
  ['get/parameters/1/allowReserved', false, 'patch get/parameters/1: allowReserved was set to false'],
  [
    'get/parameters/1/allowReserved',
    true,
    'major get/parameters/1: allowReserved was set to true (callers encode it in another way)',
  ],
  [
    'get/parameters/1/schema/maxLength',
    5,
    'major get/parameters/1/schema: maxLength was set to 5 (a request that was valid may be rejected)',
  ],
  [
    'get/parameters/1/schema',
    undefined,
    'major get/parameters/1: schema was removed (no rule knows that it is harmless)',
  ],
  [
    'get/parameters/1/content',
    json(text),
    'major get/parameters/1: content was added (a request that was valid may be rejected)',
  ],
  [
    'get/parameters/1/content',
    undefined,
    'major get/parameters/1: content was removed (a request that was valid may be rejected)',
    ['get/parameters/1/content', json(text)],
  ],
  ['get/responses/200/headers/C', { schema: text }, 'minor get/responses/200/headers/C: header C was added'],
  [
    'get/responses/200/headers/A',
    undefined,
    'major get/responses/200/headers/A: header A was removed (callers may read it)',
  ],
  [
    'get/responses/200/headers/A/required',
    undefined,
    'major get/responses/200/headers/A: required was removed (callers may read it)',
  ],
  ['get/responses/200/headers/B/required', true, 'minor get/responses/200/headers/B: required was set to true'],
  ['get/responses/200/headers/B/required', false, 'patch get/responses/200/headers/B: required was set to false'],
  [
    'get/responses/200/headers/A/schema/maxLength',
    5,
    'minor get/responses/200/headers/A/schema: maxLength was set to 5',
  ],
  ['get/responses/200/headers/A/style', 'simple', 'patch get/responses/200/headers/A: style was set to "simple"'],
  [
    'get/responses/200/headers/A/style',
    'form',
    'major get/responses/200/headers/A: style was set to "form" (callers encode it in another way)',
  ],
  [
    'get/responses/200/headers/A/content',
    json(text),
    'major get/responses/200/headers/A: content was added (callers may read it)',
  ],
  [
    'get/responses/200/headers',
    undefined,
    [
      'major get/responses/200/headers/A: header A was removed (callers may read it)',
      'major get/responses/200/headers/B: header B was removed (callers may read it)',
    ],
  ],
  ['get/responses/200/links/M', { operationId: 'getA' }, 'minor get/responses/200/links/M: link M was added'],
  ['get/responses/200/links/L', undefined, 'major get/responses/200/links/L: link L was removed (callers may read it)'],
  [
    'get/responses/200/links/L/operationId',
    'addA',
    'major get/responses/200/links/L: operationId changed from "getA" to "addA" (no rule knows that it is harmless)',
  ],
  [
    'get/responses/200/content/text~1plain',
    { schema: text },
    'minor get/responses/200/content/text~1plain: media type text/plain was added',
  ],
  [
    'get/responses/200/content/text~1csv',
    undefined,
    'major get/responses/200/content/text~1csv: media type text/csv was removed (callers may read it)',
  ],
  ['get/responses/200/content', undefined, 'major get/responses/200: content was removed (callers may read it)'],
  ['get/responses/304/content', json(text), 'major get/responses/304: content was added (callers may read it)'],
  [
    'get/responses/200/content/text~1csv/schema/maxLength',
    5,
    'minor get/responses/200/content/text~1csv/schema: maxLength was set to 5',
  ],
  [
    'get/responses/200/content/text~1csv/schema',
    undefined,
    'major get/responses/200/content/text~1csv: schema was removed (no rule knows that it is harmless)',
  ],
  [
    'get/responses/200/content/text~1csv/encoding',
    {},
    'major get/responses/200/content/text~1csv: encoding was set to {} (callers encode it in another way)',
  ],
  [
    'get/responses/200/content/text~1csv/example',
    'a',
    'patch get/responses/200/content/text~1csv: example was set to "a"',
  ],
  ['get/responses/200/description', 'Fine.', 'patch get/responses/200: description changed from "Ok." to "Fine."'],
  [
    'get/responses/201',
    { description: 'New.' },
    'major get/responses/201: response 201 was added (callers know only the other successes)',
  ],
  ['get/responses/410', { description: 'New.' }, 'minor get/responses/410: response 410 was added'],
  ['get/responses/5XX', { description: 'New.' }, 'minor get/responses/5XX: response 5XX was added'],
  [
    'get/responses/default',
    { description: 'New.' },
    'major get/responses/default: response default was added (callers know only the other successes)',
  ],
  ['post/responses/304', { description: 'New.' }, 'minor post/responses/304: response 304 was added'],
  [
    'post/responses/3040',
    { description: 'New.' },
    'major post/responses/3040: response 3040 was added (callers know only the other successes)',
  ],
  ['get/responses/404', undefined, 'major get/responses/404: response 404 was removed (callers may handle it)'],
  ['get/responses/200', undefined, 'major get/responses/200: response 200 was removed (callers may handle it)'],
  ['post/requestBody', undefined, 'major post: requestBody was removed (callers may send it)'],
  ['post/requestBody/required', undefined, 'minor post/requestBody: required was removed'],
  [
    'post/requestBody/content/text~1csv',
    { schema: text },
    'minor post/requestBody/content/text~1csv: media type text/csv was added',
  ],
  [
    'post/requestBody/content/application~1json',
    undefined,
    'major post/requestBody/content/application~1json: media type application/json was removed (callers may send it)',
  ],
  [
    'post/requestBody/content/application~1json/schema/maxLength',
    5,
    'major post/requestBody/content/application~1json/schema: maxLength was set to 5 (a request that was valid may be rejected)',
  ],
  [
    'post/requestBody/content/application~1json/schema',
    undefined,
    'major post/requestBody/content/application~1json: schema was removed (no rule knows that it is harmless)',
  ],
  ['post/requestBody/description', 'A.', 'patch post/requestBody: description was set to "A."'],
  ['delete/requestBody', { content: json(text) }, 'minor delete: requestBody was added'],
  [
    'delete/requestBody',
    { required: true, content: json(text) },
    'major delete: requestBody was added (a request that was valid may be rejected)',
  ],
  ['delete/requestBody', { required: false, content: json(text) }, 'minor delete: requestBody was added'],
  [
    'post/requestBody/content',
    undefined,
    'major post/requestBody: content was removed (a request that was valid may be rejected)',
  ],
  [
    'get/operationId',
    'readA',
    'major get: operationId changed from "getA" to "readA" (client methods and handlers have this name)',
  ],
  ['get', undefined, 'major get: Operation `getA` was removed (callers may use it)'],
  ['get/callbacks', {}, 'patch get: callbacks was set to {}'],
  ['get/callbacks', { done: {} }, 'minor get/callbacks/done: was added'],
  ['get/summary', 'A', 'patch get: summary was set to "A"'],
];

// One test, because a test for each change costs more than the comparison.
test('the report tells each change of an operation', () => {
  for (const [pointer, value, lines, before] of reports) {
    const found = reportChange([pointer, value], ...(before ? [before] : []));
    expect(found, `${pointer}: ${JSON.stringify(value)}`).toEqual([lines].flat());
  }
});
