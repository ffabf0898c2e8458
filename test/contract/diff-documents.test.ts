// @databases none
import { expect, test } from 'vitest';
import { bundle, type Change, json, reportEdits, text } from './diff-small-bundle.ts';

const used = { schemas: 'Used', parameters: 'Page', responses: 'None', headers: 'Total', requestBodies: 'New' };
const ref = (kind: keyof typeof used) => ({ $ref: `#/components/${kind}/${used[kind]}` });
const page = { name: 'page', in: 'query', schema: text };
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: text });
const answer = { description: 'Ok.' };
const operation = (operationId: string, more: object = {}) => ({ operationId, responses: { 200: answer }, ...more });

/** A small description with servers, schemes and shared components. */
const description = {
  ...bundle,
  openapi: '3.1.0',
  info: { title: 'A', version: '1.0.0', license: { name: 'MIT' } },
  servers: [{ url: 'https://b.example' }, { url: 'https://a.example', description: 'A.' }],
  paths: {
    ...bundle.paths,
    '/b': {
      parameters: [ref('parameters')],
      get: operation('listB', {
        responses: {
          200: { ...answer, headers: { Total: ref('headers') }, content: json(ref('schemas')) },
          404: ref('responses'),
        },
      }),
      post: operation('addB', { requestBody: ref('requestBodies') }),
    },
  },
  components: {
    schemas: { Used: text, Spare: text },
    parameters: { Page: page, Spare: { ...page, name: 'spare' } },
    responses: { None: { description: 'None.' }, Spare: { description: 'None.', content: json(text) } },
    headers: { Total: { schema: text }, Spare: { schema: text } },
    requestBodies: { New: { content: json(text) }, Spare: { content: json(text) } },
    examples: { E: { value: 1 } },
    securitySchemes: { S: { type: 'http', scheme: 'bearer', 'x-scopes': { read: 'Reads.', write: 'Writes.' } } },
  },
};

const moves = '(callers send requests to another place)';
const unknown = '(no rule knows that it is harmless)';
const receives = '(callers receive these requests)';
const narrower = '(a request that was valid may be rejected)';
const a = '/paths/~1a~1{id}';
const b = '/paths/~1b';
const scheme = '/components/securitySchemes/S';
const [first, second] = ['https://b.example', 'https://a.example'];
const from = `major #/servers: servers changed from ["${first}","${second}"] to`;

const webhooks: readonly Change[] = [['/webhooks', { w: { post: { responses: {} } } }]];

type Report = readonly [edits: readonly Change[], lines: readonly string[], before?: readonly Change[]];
/** Edits of the description, with the lines about them, and edits that make the older one. */
const reports: readonly Report[] = [
  [
    [['/servers/-', { url: 'https://0.example' }]],
    [`${from.replace('major', 'minor')} ["${first}","${second}","https://0.example"]`],
  ],
  [[['/servers/1', undefined]], [`${from} ["${first}"] ${moves}`]],
  [[['/servers/0', undefined]], [`${from} ["${second}"] ${moves}`]],
  [[['/servers/1/url', 'https://c.example']], [`${from} ["${first}","https://c.example"] ${moves}`]],
  [[['/servers', undefined]], [`${from} [] ${moves}`]],
  [[['/servers', [...description.servers].reverse()]], []],
  [
    [['/servers', [{ url: first }]]],
    [`major #/servers: servers changed from [] to ["${first}"] ${moves}`],
    [['/servers', undefined]],
  ],
  [[['/servers/1/description', 'B.']], ['patch #/servers: servers have other words']],
  [[['/servers/1/description', undefined]], ['patch #/servers: servers have other words']],
  [[['/servers/0/variables', { r: { default: 'eu' } }]], [`major #/servers: server ${first} changed ${moves}`]],
  [[['/servers/1/x', 1]], [`major #/servers: server ${second} changed ${moves}`]],
  [[['/openapi', '3.1.2']], ['patch #: openapi changed from "3.1.0" to "3.1.2"']],
  [[['/openapi', '3.2.0']], ['major #: openapi changed from "3.1.0" to "3.2.0" (tools may not know this version)']],
  [[['/openapi', '4.1.0']], ['major #: openapi changed from "3.1.0" to "4.1.0" (tools may not know this version)']],
  [[['/info/title', 'B']], ['patch #/info: title changed from "A" to "B"']],
  [[['/info/license/name', 'ISC']], ['patch #/info: license changed from {"name":"MIT"} to {"name":"ISC"}']],
  [[['/info/contact', {}]], ['patch #/info: contact was set to {}']],
  [[['/info/termsOfService', 'x']], ['patch #/info: termsOfService was set to "x"']],
  [[['/info/summary', 'x']], ['patch #/info: summary was set to "x"']],
  [[['/info/version', '2.0.0']], []],
  [[['/info/x', 1]], [`major #/info: x was set to 1 ${unknown}`]],
  [[['/info', undefined]], []],
  [[['/tags', [{ name: 'B' }]]], ['patch #: tags was set to [{"name":"B"}]']],
  [[['/externalDocs', {}]], ['patch #: externalDocs was set to {}']],
  [[['/description', 'x']], ['patch #: description was set to "x"']],
  [[['/x-logo', 'x']], ['patch #: x-logo was set to "x"']],
  [[['/x-other', 'x']], [`major #: x-other was set to "x" ${unknown}`]],
  [[['/security', []]], []],
  [[['/webhooks', { w: {} }]], ['minor #/webhooks/w: was added']],
  [[['/webhooks', {}]], ['patch #: webhooks was set to {}']],
  [[['/webhooks', undefined]], ['patch #: webhooks was removed'], [['/webhooks', {}]]],
  [[], [], [['/webhooks', {}]]],
  [[['/webhooks', undefined]], [`major #/webhooks/w: was removed ${receives}`], webhooks],
  [[['/webhooks/w/post/summary', 'x']], ['patch #/webhooks/w: has other words'], webhooks],
  [[['/webhooks/w/post/x', 1]], [`major #/webhooks/w: changed ${receives}`], webhooks],
  [[], [], webhooks],
  [[['/x-max-body-bytes', 5]], ['minor #: x-max-body-bytes changed from 4 to 5'], [['/x-max-body-bytes', 4]]],
  [
    [['/x-max-body-bytes', 3]],
    [`major #: x-max-body-bytes changed from 4 to 3 ${narrower}`],
    [['/x-max-body-bytes', 4]],
  ],

  [[['/paths/~1c', { get: operation('getC') }]], ['minor #/paths/~1c: was added']],
  [
    [[b, undefined]],
    [
      'major #/paths/~1b/get: Operation `listB` was removed (callers may use it)',
      'major #/paths/~1b/post: Operation `addB` was removed (callers may use it)',
    ],
  ],
  [
    [
      [a, undefined],
      ['/paths/~1a~1{key}', JSON.parse(JSON.stringify(bundle.paths['/a/{id}']).replaceAll('"id"', '"key"'))],
    ],
    ['major #/paths/~1a~1{key}: its name changed from "/a/{id}" to "/a/{key}" (the types of `paths` have this name)'],
  ],
  [[[`${b}/put`, operation('putB')]], ['minor #/paths/~1b/put: was added']],
  ...'get put post patch delete options head trace query'
    .split(' ')
    .map(
      (method): Report => [
        [[`/paths/~1c/${method}`, undefined]],
        [`major #/paths/~1c/${method}: Operation \`m\` was removed (callers may use it)`],
        [['/paths/~1c', { [method]: operation('m') }]],
      ],
    ),
  [[[`${b}/summary`, 'x']], ['patch #/paths/~1b: summary was set to "x"']],
  [[[`${b}/servers`, []]], [`major #/paths/~1b: servers was set to [] ${moves}`]],
  [[[`${b}/get/servers`, []]], [`major #/paths/~1b/get: servers was set to [] ${moves}`]],
  [[[`${b}/get/security`, []]], []],
  [[[`${b}/get/callbacks`, {}]], ['patch #/paths/~1b/get: callbacks was set to {}']],
  [[[`${b}/get/callbacks`, undefined]], ['patch #/paths/~1b/get: callbacks was removed'], [[`${b}/get/callbacks`, {}]]],
  // A parameter of a path is one of each of its operations.
  [
    [
      [`${b}/parameters`, undefined],
      [`${b}/get/parameters`, [page]],
      [`${b}/post/parameters`, [ref('parameters')]],
    ],
    ['patch #/paths/~1b: parameters was removed'],
  ],
  [
    [
      [`${b}/parameters`, undefined],
      [`${b}/get/parameters`, [page]],
    ],
    [
      'major #/paths/~1b/parameters/0: parameter query page was removed (callers may send it)',
      'patch #/paths/~1b: parameters was removed',
    ],
  ],
  [
    [[`${b}/get/parameters`, [{ ...page, required: true }]]],
    [`major #/paths/~1b/get/parameters/0: required was set to true ${narrower}`],
  ],
  [
    [['/components/parameters/Page/name', 'PAGE']],
    [
      'major #/paths/~1b/parameters/0: parameter query page was removed (callers may send it)',
      'minor #/paths/~1b/parameters/0: parameter query PAGE was added',
    ],
  ],

  [[[`${scheme}/bearerFormat`, 'JWT']], [`patch #${scheme}: bearerFormat was set to "JWT"`]],
  [[[`${scheme}/description`, 'x']], [`patch #${scheme}: description was set to "x"`]],
  [[[`${scheme}/scheme`, 'basic']], [`major #${scheme}: scheme changed from "bearer" to "basic" ${unknown}`]],
  [[[`${scheme}/x-scopes/more`, 'x']], [`minor #${scheme}/x-scopes/more: scope more was added`]],
  [
    [[`${scheme}/x-scopes/read`, undefined]],
    [`major #${scheme}/x-scopes/read: scope read was removed (tokens may have it)`],
  ],
  [[[`${scheme}/x-scopes/read`, 'x']], [`patch #${scheme}/x-scopes/read: scope read has other words`]],
  [[['/components/securitySchemes/T', {}]], ['minor #/components/securitySchemes/T: was added']],
  [[[scheme, undefined]], [`major #${scheme}: was removed (callers sign in with it)`]],

  [[['/components/examples/F', {}]], ['patch #/components/examples/F: was added']],
  [[['/components/examples/E', undefined]], ['patch #/components/examples/E: was removed']],
  [[['/components/examples/E/value', 2]], ['patch #/components/examples/E: value changed from 1 to 2']],
  ...['externalValue', 'dataValue', 'serializedValue'].map(
    (name): Report => [
      [[`/components/examples/E/${name}`, 2]],
      [`patch #/components/examples/E: ${name} was set to 2`],
    ],
  ),

  // Components that no operation uses are compared as well, others where they are used.
  ...[
    ['schemas', '', `major #/components/schemas/Spare: maxLength was set to 5 ${narrower}`],
    ['parameters', '/schema', `major #/components/parameters/Spare/schema: maxLength was set to 5 ${narrower}`],
    [
      'responses',
      '/content/application~1json/schema',
      'minor #/components/responses/Spare/content/application~1json/schema: maxLength was set to 5',
    ],
    ['headers', '/schema', 'minor #/components/headers/Spare/schema: maxLength was set to 5'],
    [
      'requestBodies',
      '/content/application~1json/schema',
      `major #/components/requestBodies/Spare/content/application~1json/schema: maxLength was set to 5 ${narrower}`,
    ],
  ].map(([kind, rest, line = '']): Report => [[[`/components/${kind}/Spare${rest}/maxLength`, 5]], [line]]),
  [
    [['/components/schemas/Spare/maxLength', undefined]],
    ['major #/components/schemas/Spare: maxLength was removed (a response may hold what callers do not expect)'],
    [['/components/schemas/Spare/maxLength', 5]],
  ],
  [[['/components/schemas/Used/maxLength', 5]], ['minor #/components/schemas/Used: maxLength was set to 5']],
  [[['/components/schemas/More', text]], []],
  [[['/components/schemas/Spare', undefined]], []],
  [[['/components/headers/Spare', undefined]], []],
  [[['/components/links', { L: {} }]], []],
  [
    [['/components/links/L/operationId', 'x']],
    [`major #/components/links/L: operationId was set to "x" ${unknown}`],
    [['/components/links', { L: {} }]],
  ],
  [[['/servers', undefined]], [], [['/servers', []]]],
  [[['/openapi', undefined]], ['major #: openapi was removed (tools may not know this version)']],
  [[['/x-max-body-bytes', undefined]], ['minor #: x-max-body-bytes was removed'], [['/x-max-body-bytes', 4]]],
  // A target of a `$ref` of which rules know only whether it is the same.
  [
    [['/components/schemas/Used/properties/a/maxLength', 5]],
    [
      `major #/webhooks/w: changed ${receives}`,
      `major #/components/schemas/Used/properties/a: maxLength was set to 5 ${narrower}`,
    ],
    [
      ['/webhooks', { w: { post: [{ x: ref('schemas') }] } }],
      ['/paths', {}],
      ['/components/schemas', { Used: { properties: { a: {}, b: ref('schemas') } } }],
    ],
  ],
  [
    [['/webhooks/w/title', 6]],
    ['patch #/webhooks/w: has other words'],
    [['/webhooks', { w: { title: 5, $ref: '#/components/schemas/Spare' } }]],
  ],
  // Beside a `$ref`.
  [
    [[`${b}/parameters/0/description`, 'x']],
    ['patch #/paths/~1b: parameters changed', 'patch #/paths/~1b/parameters/0: description was set to "x"'],
  ],
  [[[`${b}/get/responses/404/x`, 1]], [`major #/paths/~1b/get/responses/404: x was set to 1 ${unknown}`]],
  [
    [[`${b}/get/responses/404/summary`, undefined]],
    ['patch #/paths/~1b/get/responses/404: summary was removed'],
    [[`${b}/get/responses/404/summary`, 'x']],
  ],
  [
    [[`${b}/servers/0/description`, 'B.']],
    ['patch #/paths/~1b: servers changed'],
    [[`${b}/servers`, [{ url: first, description: 'A.' }]]],
  ],
  [
    [[`${b}/get/callbacks/c`, undefined]],
    [`major #/paths/~1b/get/callbacks/c: was removed ${receives}`],
    [[`${b}/get/callbacks`, { c: {} }]],
  ],
  // Two parameters of a path are known by their positions.
  [
    [['/paths/~1d~1{key}~1{lang}/get/parameters/0/schema/maxLength', 5]],
    [`major #/paths/~1d~1{key}~1{lang}/get/parameters/0/schema: maxLength was set to 5 ${narrower}`],
    [['/paths/~1d~1{key}~1{lang}', { get: operation('d', { parameters: ['key', 'lang'].map(inPath) }) }]],
  ],
  [
    [
      ['/paths/~1e~1', { get: operation('e') }],
      ['/paths/~1e~1{key}', undefined],
    ],
    ['major #/paths/~1e~1{key}/get: Operation `d` was removed (callers may use it)', 'minor #/paths/~1e~1: was added'],
    [['/paths/~1e~1{key}', { get: operation('d', { parameters: [inPath('key')] }) }]],
  ],
  // A component that is used no more.
  [
    [
      [`${b}/get/responses/200/content`, undefined],
      ['/components/schemas/Used/maxLength', 5],
    ],
    [
      'major #/paths/~1b/get/responses/200: content was removed (callers may read it)',
      `major #/components/schemas/Used: maxLength was set to 5 ${narrower}`,
    ],
  ],
  [[['/components/mediaTypes', {}]], [`major #/components: mediaTypes was set to {} ${unknown}`]],
  [[['/components', undefined]], [], [['/paths', {}]]],
];

// One test, because a test for each change costs more than the comparison.
test('the report tells each change of a description', () => {
  for (const [edits, lines, before] of reports)
    expect(reportEdits(description, edits, before), JSON.stringify(edits)).toEqual(lines);
});
