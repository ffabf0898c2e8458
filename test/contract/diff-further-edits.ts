/** Removals, moves and combinations. They were written down before the rules of other tools were read. */
import type { Rating } from '../../openapi/diff/finding.ts';
import type { Edit, Row } from './diff-edit-places.ts';
import {
  app,
  apps,
  array,
  body,
  created,
  headers,
  inRequest,
  inResponse,
  json,
  list,
  listContent,
  object,
  parameter,
  parameters,
  ref,
  response,
  schemas,
  shown,
  string,
  text,
} from './diff-edit-places.ts';
import { bundle } from './documented.ts';

const responses = '/components/responses';
const itemPath = bundle.paths['/v1/oauth-apps/{id}'];
const listResponse = bundle.paths['/v1/oauth-apps']?.get?.responses?.[200];
const getApp = `${app}/get`;
const patchBody = `${app}/patch/requestBody`;

/** A property in a request that becomes another kind of nested schema. */
const nested = (schema: unknown) => inRequest(object({ properties: { one: schema } }));
const nestedShown = (schema: unknown) => inResponse(object({ properties: { one: schema } }));
const move = (from: string, to: string, value: unknown): Edit[] => [[from], [to, value]];

export const furtherRows: Record<Rating, Row[]> = {
  patch: [
    ['a nested description', nested(string({ description: 'One.' })), nested(text)],
    ['a schema that moves to components', inRequest(ref('schemas', 'Name')), inRequest(bundle.components.schemas.Name)],
    ['a nested enum in another order', nested(string({ enum: ['b', 'a'] })), nested(string({ enum: ['a', 'b'] }))],
    ['a minProperties of 0', inRequest(object({ minProperties: 0 })), inRequest(object({}))],
    ['a oneOf of one branch', inResponse({ oneOf: [text] }), inResponse(text)],
    [
      'an anyOf of types for a list of types',
      inRequest({ anyOf: [text, { type: 'integer' }] }),
      inRequest({ type: ['string', 'integer'] }),
    ],
    [
      'a limit beside null',
      inRequest({ anyOf: [string({ maxLength: 5 }), { type: 'null' }] }),
      inRequest({ type: ['string', 'null'], maxLength: 5 }),
    ],
    ['an allOf of one branch within a list', inRequest(array({ items: { allOf: [text] } })), inRequest(array({}))],
    ['explode written out as it is', [`${parameters}/Limit/explode`, true]],
    ['a summary of an example', ['/components/examples/OAuthApp/summary', 'An app']],
  ],
  minor: [
    ['a further path', ['/paths/~1v1~1health', { get: { operationId: 'getHealth', responses: { 200: response() } } }]],
    ['a further media type of a response', [`${list}/content/text~1csv`, { schema: text }]],
    [
      'a further property deep in a response',
      nestedShown(object({ properties: { two: text } })),
      nestedShown(object({})),
    ],
    [
      'a further optional property deep in a request',
      nested(object({ properties: { two: text } })),
      nested(object({})),
    ],
    ['a wider enum deep in a request', nested(string({ enum: ['a', 'b'] })), nested(string({ enum: ['a'] }))],
    [
      'a narrower enum deep in a response',
      nestedShown(string({ enum: ['a'] })),
      nestedShown(string({ enum: ['a', 'b'] })),
    ],
    ['an optional cookie', [`${apps}/get/parameters/-`, parameter('theme', 'cookie')]],
    ['an optional parameter of a whole path', [`${apps}/parameters`, [parameter('trace', 'header')]]],
    [
      'a map for a closed object',
      inRequest(object({ additionalProperties: text })),
      inRequest(object({ additionalProperties: false })),
    ],
    ['null in a request', inRequest({ anyOf: [text, { type: 'null' }] }), inRequest(text)],
    [
      'a further branch of a oneOf of a request',
      inRequest({ oneOf: [text, { type: 'integer' }] }),
      inRequest({ oneOf: [text] }),
    ],
    ['a branch less in a response', inResponse({ anyOf: [text] }), inResponse({ anyOf: [text, { type: 'integer' }] })],
    ['items with a limit in a response', inResponse(array({ items: string({ maxLength: 5 }) })), inResponse(array({}))],
    ['items without a limit in a request', inRequest(array({})), inRequest(array({ items: string({ maxLength: 5 }) }))],
    ['a further error', [`${getApp}/responses/418`, ref('responses', 'NotFound')]],
    ['a further header of an error', [`${responses}/NotFound/headers/X-Note`, { schema: text }]],
    ['a body that may be left out', [`${body}/required`, false]],
    ['a required response property that was optional', [`${schemas}/OAuthAppList/required/-`, 'next_cursor']],
    [
      'a further callback',
      [`${apps}/post/callbacks`, { made: { '{$request.body#/name}': { post: { responses: { 200: response() } } } } }],
    ],
  ],
  major: [
    ['a path under another name', move('/paths/~1v1~1oauth-apps~1{id}', '/paths/~1v2~1oauth-apps~1{id}', itemPath)],
    ['an operation of another method', move(`${app}/patch`, `${app}/put`, itemPath?.patch)],
    [
      'two operations that swap their names',
      [
        [`${getApp}/operationId`, 'deleteOAuthApp'],
        [`${app}/delete/operationId`, 'getOAuthApp'],
      ],
    ],
    ['a parameter that moves to the header', [`${parameters}/Limit/in`, 'header']],
    ['a parameter in other letters', [`${parameters}/Limit/name`, 'Limit']],
    ['a property in other letters', move(`${created}/name`, `${created}/Name`, ref('schemas', 'Name'))],
    [
      'a property that moves into another',
      move(`${shown}/client_id`, `${shown}/client`, object({ properties: { id: text } })),
    ],
    [
      'a body of every media type',
      move(`${body}/content/application~1json`, `${body}/content/*~1*`, { schema: ref('schemas', 'CreateOAuthApp') }),
    ],
    [
      'a response in another media type',
      move(`${list}/content/application~1json`, `${list}/content/application~1hal+json`, {
        schema: ref('schemas', 'OAuthAppList'),
      }),
    ],
    ['errors without problem details', [`${responses}/NotFound/content`, json(object({}))]],
    ['errors without a body', [`${responses}/NotFound/content`]],
    ['a success without a body', [`${list}/content`]],
    ['a success of another status', move(list, `${apps}/get/responses/206`, listResponse)],
    [
      'an error for a range of errors',
      move(`${getApp}/responses/404`, `${getApp}/responses/4XX`, ref('responses', 'NotFound')),
    ],
    ['an object for a list', [`${listContent}/schema`, ref('schemas', 'OAuthApp')]],
    ['a list without its envelope', [`${listContent}/schema`, array({ items: ref('schemas', 'OAuthApp') })]],
    ['a number for a text in a response', inResponse({ type: 'number' }), inResponse(text)],
    ['a text for a number in a request', inRequest(text), inRequest({ type: 'integer' })],
    ['a list for a single value in a request', inRequest(array({})), inRequest(text)],
    ['null in a response', inResponse({ anyOf: [text, { type: 'null' }] }), inResponse(text)],
    ['no null in a request', inRequest(text), inRequest({ type: ['string', 'null'] })],
    [
      'a removed property deep in a response',
      nestedShown(object({})),
      nestedShown(object({ properties: { two: text } })),
    ],
    ['a removed property deep in a request', nested(object({})), nested(object({ properties: { two: text } }))],
    [
      'a required property deep in a request',
      nested(object({ required: ['two'], properties: { two: text } })),
      nested(object({ properties: { two: text } })),
    ],
    [
      'a property no longer certain deep in a response',
      nestedShown(object({ properties: { two: text } })),
      nestedShown(object({ required: ['two'], properties: { two: text } })),
    ],
    ['a limit of the items of a list', inRequest(array({ items: string({ maxLength: 5 }) })), inRequest(array({}))],
    ['a closed object deep in a request', nested(object({ additionalProperties: false })), nested(object({}))],
    [
      'a map that becomes closed',
      inResponse(object({ additionalProperties: false, properties: {} })),
      inResponse(object({ additionalProperties: text })),
    ],
    [
      'a map of other values',
      inResponse(object({ additionalProperties: { type: 'integer' } })),
      inResponse(object({ additionalProperties: text })),
    ],
    [
      'a oneOf for an anyOf in a request',
      inRequest({ oneOf: [text, string({ maxLength: 3 })] }),
      inRequest({ anyOf: [text, string({ maxLength: 3 })] }),
    ],
    ['a not in a request', inRequest(string({ not: { const: 'x' } })), inRequest(text)],
    [
      'a condition in a request',
      inRequest(object({ if: { required: ['a'] }, else: { required: ['b'] } })),
      inRequest(object({})),
    ],
    [
      'dependent properties in a request',
      inRequest(object({ dependentRequired: { a: ['b'] } })),
      inRequest(object({})),
    ],
    [
      'names of properties in a request',
      inRequest(object({ propertyNames: { pattern: '^a' } })),
      inRequest(object({})),
    ],
    ['a tuple in a request', inRequest(array({ prefixItems: [text, text] })), inRequest(array({}))],
    ['another dialect', ['/jsonSchemaDialect', 'https://json-schema.org/draft/2019-09/schema']],
    [
      'another encoding of a body',
      [`${body}/content/application~1json/encoding`, { name: { contentType: 'text/plain' } }],
    ],
    ['a removed header of an error', [`${responses}/NotFound/headers/X-Request-Id`]],
    [
      'a header with another pattern',
      [`${headers}/ETag/schema/pattern`, '^x$'],
      [`${headers}/ETag/schema/pattern`, '^y$'],
    ],
    ['a header that is a number', [`${headers}/RequestId/schema`, { type: 'integer' }]],
    [
      'an alternative of security removed',
      [`${getApp}/security`, [{ BearerAuth: ['read'] }]],
      [`${getApp}/security`, [{ BearerAuth: ['read'] }, { BearerAuth: ['write'] }]],
    ],
    ['a further scope that is needed', [`${getApp}/security`, [{ BearerAuth: ['read', 'admin'] }]]],
    [
      'a key in place of a bearer token',
      ['/components/securitySchemes/BearerAuth', { type: 'apiKey', in: 'header', name: 'X-Key' }],
    ],
    ['the next minor version of OpenAPI', ['/openapi', '3.2.0']],
    ['the first of two servers removed', ['/servers/0']],
    ['a variable in the URL of a server', ['/servers/0/url', 'https://{region}.sequin.io']],
    [
      'an optional parameter removed and its name used anew',
      [
        [`${parameters}/Limit/name`, 'size'],
        [`${parameters}/Cursor/name`, 'limit'],
      ],
    ],
    [
      'a narrower and a wider limit together',
      [
        [`${schemas}/Name/minLength`, 0],
        [`${schemas}/Name/maxLength`, 100],
      ],
    ],
    [
      'an added operation beside a removed one',
      [[`${app}/put`, { ...itemPath?.get, operationId: 'readOAuthApp' }], [getApp]],
    ],
    ['a further required body', [`${app}/delete/requestBody`, { required: true, content: json(object({})) }]],
    ['a body that is gone', [patchBody]],
    [
      'a required header of a whole path',
      [`${app}/parameters/-`, parameter('X-Version', 'header', { required: true })],
      [`${app}/parameters`, []],
    ],
    [
      'a schema in place of content of a parameter',
      [`${parameters}/Limit`, { name: 'limit', in: 'query', content: json({ type: 'integer' }) }],
    ],
    ['a default that differs deep in a request', nested(string({ default: 'b' })), nested(string({ default: 'a' }))],
    [
      'a const for an enum of two in a request',
      inRequest(string({ const: 'a' })),
      inRequest(string({ enum: ['a', 'b'] })),
    ],
    ['a limit that no own rule knows', inRequest(string({ 'x-limit': 3 })), inRequest(text)],
  ],
};
