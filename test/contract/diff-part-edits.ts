/** Moves, combinations, and parts of a description that few edits change. Each was rated by hand before it was compared. */
import type { Rating } from '../../openapi/diff/finding.ts';
import type { Edit, Row } from './diff-edit-places.ts';
import {
  app,
  apps,
  body,
  inRequest,
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
  text,
} from './diff-edit-places.ts';
import { bundle } from './documented.ts';

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
const item = bundle.paths['/v1/oauth-apps/{id}'];
/** A schema that responses use too, where fewer values are an addition. */
const fewer: Edit = [`${schemas}/Health/minProperties`, 1];

export const partRows: Record<Rating, Row[]> = {
  patch: [
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
    [
      'words beside a reference and a further tag of an operation',
      [
        [`${apps}/get/parameters/1/description`, 'One.'],
        [`${app}/get/deprecated`, true],
      ],
    ],
    ['a further webhook', ['/webhooks/gone', call()], hooks],
    ['a further callback beside one', [`${apps}/post/callbacks/gone`, { '{$url}': call() }], callbacks],
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
    [
      'an extension beside a reference',
      [
        [`${apps}/get/parameters/1/x-internal`, true],
        [`${apps}/get/summary`, 'List'],
      ],
    ],
    [
      'an extension beside a reference to a response',
      [
        [`${apps}/get/responses/429/x-internal`, true],
        [`${apps}/get/summary`, 'List'],
      ],
    ],
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
