/** Pairs of keywords, references, moves and parts that few edits change. Each was rated by hand before it was compared. */
import type { Rating } from '../../openapi/diff/finding.ts';
import type { Edit, Row } from './diff-edit-places.ts';
import {
  app,
  apps,
  array,
  body,
  inRequest,
  inResponse,
  json,
  link,
  list,
  listContent,
  object,
  parameter,
  parameters,
  ref,
  response,
  schemas,
  string,
  text,
} from './diff-edit-places.ts';
import { bundle } from './documented.ts';

const req = (name: string, before: unknown, after: unknown): Row => [name, inRequest(after), inRequest(before)];
const res = (name: string, before: unknown, after: unknown): Row => [
  `${name} in a response`,
  inResponse(after),
  inResponse(before),
];
const both = (name: string, before: unknown, after: unknown): Row[] => [
  req(name, before, after),
  res(name, before, after),
];

const number = { type: 'integer' };
const call = (more: object = {}) => ({ post: { responses: { 200: response() }, ...more } });
const [hooks, callbacks]: [Edit, Edit] = [
  ['/webhooks', { made: call() }],
  [`${apps}/post/callbacks`, { made: { '{$request.body#/url}': call() } }],
];
const region = (more: object): Edit => ['/servers/0/variables', { region: { default: 'eu', ...more } }];
const scheme = '/components/securitySchemes';
const oauth = (scopes: object, tokenUrl = 'https://a.example'): Edit => [
  `${scheme}/Flow`,
  { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } },
];
const kind = (value: string, more: object = {}) =>
  object({ required: ['kind'], properties: { kind: { const: value }, ...more } });
const twice = (one: string, other = '^b') => ({ allOf: ['^a', one, other].map((pattern) => string({ pattern })) });
const item = bundle.paths['/v1/oauth-apps/{id}'];
/** A schema that responses use too, where fewer values are an addition. */
const fewer: Edit = [`${schemas}/Health/minProperties`, 1];
const within = (name: string, schema: (health: object) => unknown): Row => [
  `fewer values within ${name}`,
  fewer,
  inRequest(schema(ref('schemas', 'Health'))),
];

export const combinedRows: Record<Rating, Row[]> = {
  patch: [
    ...both('no type beside values of this type', string({ enum: ['a'] }), { enum: ['a'] }),
    ...both('a type beside values of this type', { enum: ['a', 1] }, { enum: [1, 'a'], type: ['string', 'integer'] }),
    ...both('an allOf within an allOf', string({ maxLength: 5 }), { allOf: [{ allOf: [text] }, { maxLength: 5 }] }),
    ...both('another order of allOf', { allOf: [text, { maxLength: 5 }] }, { allOf: [{ maxLength: 5 }, text] }),
    ...both('items that are true', { type: 'array' }, { type: 'array', items: true }),
    ...both('words of a branch of not', { not: string({ title: 'a' }) }, { not: string({ title: 'b' }) }),
    req('writeOnly where nothing is read', text, string({ writeOnly: true })),
    req('no writeOnly where nothing is read', string({ writeOnly: true }), text),
    res('readOnly where nothing is sent', text, string({ readOnly: true })),
    res('no readOnly where nothing is sent', string({ readOnly: true }), text),
    [
      'a component that is another name of one',
      inRequest(ref('schemas', 'Alias')),
      [inRequest(ref('schemas', 'Name')), [`${schemas}/Alias`, ref('schemas', 'Name')]],
    ],
    ['words of a webhook', ['/webhooks/made/post/description', 'Made.'], hooks],
    ['words of a callback', [`${callbacks[0]}/made/{$request.body#~1url}/post/summary`, 'Made.'], callbacks],
    ['words of a variable of a server', region({ description: 'Where.' }), region({})],
    [
      'another order of further servers',
      [
        ['/servers/1/url', '/c'],
        ['/servers/2/url', '/b'],
      ],
      [
        ['/servers/1/url', '/b'],
        ['/servers/-', { url: '/c' }],
      ],
    ],
    ['words of a link', [`${list}/links/Get/description`, 'One.'], [`${list}/links`, { Get: link }]],
    [
      'another name of a tag',
      [
        ['/tags/0/name', 'Apps'],
        [`${apps}/get/tags`, ['Apps']],
      ],
    ],
    [
      'words of an encoding',
      [`${body}/content/application~1json/encoding/name/headers/A/description`, 'A.'],
      [`${body}/content/application~1json/encoding`, { name: { headers: { A: { schema: text } } } }],
    ],
  ],
  minor: [
    ['a further webhook', ['/webhooks/gone', call()], hooks],
    ['a further callback beside one', [`${apps}/post/callbacks/gone`, { '{$url}': call() }], callbacks],
    req(
      'a named property of a map of its type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: text } }),
    ),
    res(
      'a named property of a map of its type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: text } }),
    ),
    res(
      'a named property of an open map',
      object({ additionalProperties: true }),
      object({ additionalProperties: true, properties: { a: text } }),
    ),
    req(
      'a further branch with a constant of its own',
      { oneOf: [kind('a'), kind('b')] },
      { oneOf: [kind('a'), kind('b'), kind('c')] },
    ),
    req(
      'a wider branch with a constant of its own',
      { oneOf: [kind('a', { n: string({ maxLength: 1 }) }), kind('b')] },
      { oneOf: [kind('a', { n: string({ maxLength: 2 }) }), kind('b')] },
    ),
    req('any text for its values without a type', { enum: ['a'] }, text),
    res('values without a type for any text', text, { enum: ['a'] }),
    req('no writeOnly and a longer text', string({ writeOnly: true, maxLength: 1 }), string({ maxLength: 2 })),
    [
      'a longer parameter of a path',
      [`${parameters}/OAuthAppId/schema/maxLength`, 99],
      [`${parameters}/OAuthAppId/schema/maxLength`, 9],
    ],
    [
      'a further optional parameter and a deprecated one',
      [
        [`${apps}/get/parameters/-`, parameter('page', 'query')],
        [`${parameters}/Cursor/deprecated`, true],
      ],
    ],
    [
      'a shorter parameter with a longer one in its place',
      [`${app}/get/parameters/-`, parameter('a', 'header', { deprecated: true })],
    ],
    ['a further server with a variable', ['/servers/-', { url: '/{v}', variables: { v: { default: '1' } } }]],
  ],
  major: [
    ...both('a branch that others match too', { oneOf: [text] }, { oneOf: [text, string({ maxLength: 3 })] }),
    ...both('a branch less that others match too', { oneOf: [text, string({ maxLength: 3 })] }, { oneOf: [text] }),
    ...both(
      'a wider branch that meets another',
      {
        oneOf: [
          { ...number, maximum: 5 },
          { ...number, minimum: 6 },
        ],
      },
      {
        oneOf: [
          { ...number, maximum: 5 },
          { ...number, minimum: 3 },
        ],
      },
    ),
    ...both(
      'an anyOf for a oneOf',
      { oneOf: [text, string({ maxLength: 3 })] },
      { anyOf: [text, string({ maxLength: 3 })] },
    ),
    ...both('another of three patterns', twice('^c'), twice('^d')),
    ...both(
      'another list of values under the name of a keyword',
      string({ const: { type: ['a', 'b'] } }),
      string({ const: { type: ['b', 'a'] } }),
    ),
    req(
      'a default in another order',
      array({ default: { tags: ['a', 'b'] } }),
      array({ default: { tags: ['b', 'a'] } }),
    ),
    ...both(
      'a condition of a property named title',
      object({ if: { properties: { title: { const: 1 } } } }),
      object({ if: { properties: { title: { const: 2 } } } }),
    ),
    ...both(
      'a property named summary that needs another',
      object({ dependentRequired: { summary: ['a'] } }),
      object({ dependentRequired: { summary: ['b'] } }),
    ),
    ...both(
      'schemas that need a property named example',
      object({ dependentSchemas: { example: { required: ['a'] } } }),
      object({ dependentSchemas: { example: { required: ['b'] } } }),
    ),
    ...both(
      'a value with a member named title',
      { not: { const: { title: 'a' } } },
      { not: { const: { title: 'b' } } },
    ),
    ...both(
      'definitions of a schema',
      object({ $defs: { description: text } }),
      object({ $defs: { description: number } }),
    ),
    ...both(
      'a named property of a map of another type',
      object({ additionalProperties: text }),
      object({ additionalProperties: text, properties: { a: number } }),
    ),
    req(
      'a named property of an open map',
      object({ additionalProperties: true }),
      object({ additionalProperties: true, properties: { a: text } }),
    ),
    res('an open map that is closed', object({ additionalProperties: true }), object({ additionalProperties: false })),
    req(
      'a required property that was only read',
      object({ required: ['a'], properties: { a: string({ readOnly: true }) } }),
      object({ required: ['a'], properties: { a: text } }),
    ),
    req('a flag for a limit', { ...number, exclusiveMaximum: true }, { ...number, exclusiveMaximum: false }),
    req(
      'a property beside a branch with it',
      {
        properties: { a: string({ maxLength: 5 }) },
        anyOf: [object({ properties: { a: string({ maxLength: 9 }) } }), { type: 'null' }],
      },
      {
        properties: { a: string({ maxLength: 3 }) },
        anyOf: [object({ properties: { a: string({ maxLength: 9 }) } }), { type: 'null' }],
      },
    ),
    req('a longer text with a pattern', string({ maxLength: 5 }), string({ maxLength: 9, pattern: '^a' })),
    req(
      'a limit that moves from the items to the list',
      array({ items: string({ maxLength: 5 }) }),
      array({ maxItems: 5 }),
    ),
    ...both(
      'an exclusive limit in place of another',
      { ...number, minimum: 5, maximum: 9 },
      { ...number, exclusiveMinimum: 5, maximum: 9 },
    ),
    req('one type for values of two', { enum: ['a', 1] }, { enum: ['a', 1], type: 'string' }),
    req(
      'null that is a value but no type',
      { type: ['string', 'null'], enum: ['a', null] },
      string({ enum: ['a', null] }),
    ),
    ...both(
      'a discriminator with a further member',
      { oneOf: [kind('a')], discriminator: { propertyName: 'kind' } },
      { oneOf: [kind('a')], discriminator: { propertyName: 'kind', defaultMapping: 'A' } },
    ),
    req(
      'properties of an allOf that are closed',
      { allOf: [object({ properties: { a: text } })] },
      { allOf: [object({ properties: { a: text } })], unevaluatedProperties: false },
    ),
    req(
      'a map of texts for one of anything',
      object({ additionalProperties: {} }),
      object({ additionalProperties: text }),
    ),
    within('patterns of properties', (health) => object({ patternProperties: { '^a': health } })),
    within('contained items', (health) => array({ items: {}, contains: health })),
    within('a tuple', (health) => array({ items: {}, prefixItems: [health] })),
    within('a condition', (health) => ({ if: { required: ['a'] }, else: health })),
    within('an allOf with items', (health) => ({ allOf: [array({ items: health }), { items: object({}) }] })),
    [
      'fewer values within a webhook',
      fewer,
      [['/webhooks', { made: call({ requestBody: { content: json(object({ not: ref('schemas', 'Health') })) } }) }]],
    ],
    [
      'fewer values within a callback',
      fewer,
      [[callbacks[0], { made: { '{$url}': call({ requestBody: { content: json(ref('schemas', 'Health')) } }) } }]],
    ],
    [
      'the first two servers in another order',
      [
        ['/servers/0/url', '/b'],
        ['/servers/1/url', '/a'],
      ],
      [
        ['/servers/0/url', '/a'],
        ['/servers/1/url', '/b'],
      ],
    ],
    ['an extension of a server', ['/servers/0/x-region', 'eu']],
    ['another default of a variable of a server', region({ default: 'us' }), region({})],
    ['a value less of a variable of a server', region({ enum: ['eu'] }), region({ enum: ['eu', 'us'] })],
    ['another method of a webhook', ['/webhooks', { made: { put: call().post } }], hooks],
    ['another address of a callback', [callbacks[0], { made: { '{$request.body#/to}': call() } }], callbacks],
    [
      'a callback less',
      [`${apps}/post/callbacks/gone`],
      [callbacks[0], { made: { '{$url}': call() }, gone: { '{$url}': call() } }],
    ],
    ['another token address', oauth({}, 'https://b.example'), oauth({})],
    ['a scope less of a flow', oauth({}), oauth({ a: 'A.' })],
    [
      'another name of a key',
      [`${scheme}/Key/name`, 'Y'],
      [`${scheme}/Key`, { type: 'apiKey', in: 'header', name: 'X' }],
    ],
    [
      'another name of a scheme',
      [[`${scheme}/BearerAuth`], [`${scheme}/Bearer`, bundle.components.securitySchemes.BearerAuth]],
    ],
    ['two schemes that are needed together', [`${app}/get/security`, [{ BearerAuth: ['read'], Key: [] }]]],
    [
      'a charset of a media type',
      [
        [`${list}/content/application~1json`],
        [`${list}/content/application~1json; charset=utf-8`, { schema: ref('schemas', 'OAuthAppList') }],
      ],
    ],
    [
      'another parameter of a link',
      [`${list}/links/Get/parameters`, { id: '$response.body#/data/0/id' }],
      [`${list}/links`, { Get: link }],
    ],
    [
      'another style of an encoding',
      [`${body}/content/application~1json/encoding/name/style`, 'form'],
      [`${body}/content/application~1json/encoding`, { name: { style: 'deepObject' } }],
    ],
    [
      'no encoding',
      [`${body}/content/application~1json/encoding`],
      [`${body}/content/application~1json/encoding`, { name: { explode: true } }],
    ],
    ['an example without a name', [[`${listContent}/examples`], [`${listContent}/example`, {}]]],
    [
      'another name of an example of an error',
      [
        ['/components/responses/NotFound/content/application~1problem+json/examples/NotFound'],
        ['/components/responses/NotFound/content/application~1problem+json/examples/Gone', {}],
      ],
    ],
    [
      'another status of an error',
      [[`${app}/get/responses/404`], [`${app}/get/responses/410`, ref('responses', 'NotFound')]],
    ],
    ['a header that becomes a cookie', [`${parameters}/IdempotencyKey/in`, 'cookie']],
    [
      'two components that swap their schemas',
      [
        [`${schemas}/Name`, bundle.components.schemas.ClientSecret],
        [`${schemas}/ClientSecret`, bundle.components.schemas.Name],
      ],
    ],
    ['a number for the ID in a path', [`${parameters}/OAuthAppId/schema`, number]],
    [
      'a parameter of an operation that overrides that of its path',
      [`${app}/get/parameters/-`, { ...parameter('v', 'query', { required: true }) }],
      [`${app}/parameters`, [parameter('v', 'query')]],
    ],
    ['a slash at the end of a path', [[app], [`${app}~1`, item]]],
    ['a path with a further parameter', [[app], [`${app}~1{part}`, item]]],
    ['an operation that moves to another path', [[`${app}/get`], [`${apps}~1{id}~1shown`, { get: item?.get }]]],
    ['a secret that is marked no more', [`${schemas}/CreateOAuthApp/properties/client_secret/x-secret`]],
    ['an own limit that is no number', ['/x-max-body-bytes', 'few']],
    [
      'a new property beside a removed one',
      [[`${schemas}/OAuthApp/properties/region`, text], [`${schemas}/OAuthApp/properties/name`]],
    ],
    ['a deprecated and a removed parameter', [[`${parameters}/Cursor/deprecated`, true], [`${apps}/get/parameters/0`]]],
    ['a value of a list in other letters', [`${schemas}/HealthStatus/enum`, ['OK', 'warn', 'error']]],
  ],
};
