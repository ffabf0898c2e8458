/** Single edits of the bundle, each with the rating that it must get. */
import type { Rating } from '../../openapi/diff/finding.ts';

/** Sets the value at a JSON pointer, removes it when `value` is undefined, appends it to a list at `-`. */
export type Edit = [pointer: string, value?: unknown];

/** An edit, and those that make the older bundle out of the present one. */
export interface RatedEdit {
  readonly name: string;
  readonly rating: Rating;
  readonly base: readonly Edit[];
  readonly edits: readonly Edit[];
}

const apps = '/paths/~1v1~1oauth-apps';
const app = '/paths/~1v1~1oauth-apps~1{id}';
const schemas = '/components/schemas';
const parameters = '/components/parameters';
const headers = '/components/headers';
const created = `${schemas}/CreateOAuthApp/properties`;
const shown = `${schemas}/OAuthApp/properties`;
const body = `${apps}/post/requestBody`;
const list = `${apps}/get/responses/200`;
const listContent = `${list}/content/application~1json`;
const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const text = { type: 'string' };
const json = (schema: object) => ({ 'application/json': { schema } });
const response = (content?: object) => ({ description: 'New.', ...(content && { content }) });
const parameter = (name: string, place: string, more: object = {}) => ({ name, in: place, schema: text, ...more });
const link = { operationId: 'getOAuthApp', parameters: { id: '$response.body#/id' } };

type Row = [name: string, edit: Edit | Edit[], base?: Edit | Edit[]];
const toList = (edits: Edit | Edit[] | undefined): Edit[] =>
  edits === undefined ? [] : Array.isArray(edits[0]) ? (edits as Edit[]) : [edits as Edit];

/** A property of the request and of the response with a schema, before and after. */
const inRequest = (schema: unknown): Edit => [`${created}/extra`, schema];
const inResponse = (schema: unknown): Edit => [`${shown}/extra`, schema];

/** Rows for a changed schema, in a request and in a response. */
const both = (name: string, before: unknown, after: unknown): { request: Row; response: Row } => ({
  request: [`${name} in a request`, inRequest(after), inRequest(before)],
  response: [`${name} in a response`, inResponse(after), inResponse(before)],
});

const string = (more: object) => ({ type: 'string', ...more });
const array = (more: object) => ({ type: 'array', items: text, ...more });
const object = (more: object) => ({ type: 'object', ...more });

/** Changes by which a schema accepts more values. The opposite of each accepts fewer. */
const wider = [
  ['a higher maxLength', string({ maxLength: 5 }), string({ maxLength: 9 })],
  ['no maxLength', string({ maxLength: 5 }), text],
  ['a lower minLength', string({ minLength: 5 }), string({ minLength: 2 })],
  ['no pattern', string({ pattern: '^a' }), text],
  ['no format', string({ format: 'uuid' }), text],
  ['another enum value', string({ enum: ['a'] }), string({ enum: ['a', 'b'] })],
  ['no enum', string({ enum: ['a'] }), text],
  ['no const', string({ const: 'a' }), text],
  ['an enum for a const', string({ const: 'a' }), string({ enum: ['a', 'b'] })],
  ['a higher maximum', { type: 'integer', maximum: 5 }, { type: 'integer', maximum: 6 }],
  ['no exclusiveMaximum', { type: 'integer', exclusiveMaximum: 5 }, { type: 'integer' }],
  ['a lower minimum', { type: 'integer', minimum: 5 }, { type: 'integer', minimum: -5 }],
  ['no exclusiveMinimum', { type: 'integer', exclusiveMinimum: 5 }, { type: 'integer' }],
  ['numbers for integers', { type: 'integer' }, { type: 'number' }],
  ['null as well', text, { type: ['string', 'null'] }],
  ['any type', text, {}],
  ['a divisor for multipleOf', { type: 'integer', multipleOf: 10 }, { type: 'integer', multipleOf: 5 }],
  ['no multipleOf', { type: 'integer', multipleOf: 10 }, { type: 'integer' }],
  ['more items', array({ maxItems: 5 }), array({ maxItems: 6 })],
  ['no minItems', array({ minItems: 1 }), array({})],
  ['repeated items', array({ uniqueItems: true }), array({})],
  ['any items', array({}), { type: 'array' }],
  ['longer items', array({ items: string({ maxLength: 1 }) }), array({ items: string({ maxLength: 2 }) })],
  ['more properties', object({ maxProperties: 1 }), object({ maxProperties: 2 })],
  ['fewer properties', object({ minProperties: 2 }), object({ minProperties: 1 })],
  ['other properties', object({ additionalProperties: false }), object({})],
  ['other texts', object({ additionalProperties: false }), object({ additionalProperties: text })],
  ['any other properties', object({ additionalProperties: text }), object({ additionalProperties: true })],
  ['a property that is not required', object({ required: ['a'] }), object({ required: [] })],
  ['a higher maxContains', array({ contains: text, maxContains: 2 }), array({ contains: text, maxContains: 3 })],
  ['a lower minContains', array({ contains: text, minContains: 3 }), array({ contains: text, minContains: 2 })],
  ['another branch of anyOf', { anyOf: [{ type: 'integer' }] }, { anyOf: [{ type: 'integer' }, { type: 'null' }] }],
  ['another branch of oneOf', { oneOf: [{ type: 'integer' }] }, { oneOf: [{ type: 'null' }, { type: 'integer' }] }],
  ['no anyOf', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, {}],
  [
    'a longer branch',
    { anyOf: [{ type: 'null' }, string({ maxLength: 1 })] },
    { anyOf: [{ type: 'null' }, string({ maxLength: 2 })] },
  ],
  [
    'an enum value beside a text in another branch',
    { anyOf: [object({ properties: { a: string({ enum: ['x'] }) } }), text] },
    { anyOf: [object({ properties: { a: string({ enum: ['x', 'y'] }) } }), text] },
  ],
] as const;

/** Changes of schemas that no rule knows. */
const unclear = [
  ['another pattern', string({ pattern: '^a' }), string({ pattern: '^b' })],
  ['another format', string({ format: 'uuid' }), string({ format: 'uri' })],
  ['another type', text, { type: 'integer' }],
  ['other values', string({ enum: ['a'] }), string({ enum: ['b'] })],
  ['another const', string({ const: 'a' }), string({ const: 'b' })],
  ['another multipleOf', { type: 'integer', multipleOf: 3 }, { type: 'integer', multipleOf: 2 }],
  ['contains', array({}), array({ contains: string({ pattern: 'a' }) })],
  ['no contains', array({ contains: string({ pattern: 'a' }) }), array({})],
  ['prefixItems', array({}), array({ prefixItems: [text] })],
  ['patternProperties', object({}), object({ patternProperties: { '^a': text } })],
  ['no patternProperties', object({ patternProperties: { '^a': text } }), object({})],
  ['propertyNames', object({}), object({ propertyNames: { maxLength: 3 } })],
  ['dependentRequired', object({}), object({ dependentRequired: { a: ['b'] } })],
  ['no dependentRequired', object({ dependentRequired: { a: ['b'] } }), object({})],
  ['dependentSchemas', object({}), object({ dependentSchemas: { a: { required: ['b'] } } })],
  ['not', text, string({ not: { const: 'a' } })],
  ['no not', string({ not: { const: 'a' } }), text],
  ['if', text, string({ if: { minLength: 2 }, else: { pattern: 'a' } })],
  ['no if', string({ if: { minLength: 2 }, else: { pattern: 'a' } }), text],
  ['contentSchema', text, string({ contentSchema: { type: 'object' } })],
  ['no contentSchema', string({ contentSchema: { type: 'object' } }), text],
  ['contentMediaType', text, string({ contentMediaType: 'application/json' })],
  ['contentEncoding', text, string({ contentEncoding: 'base64' })],
  ['unevaluatedItems', array({}), array({ unevaluatedItems: false })],
  ['an unknown keyword', text, string({ nullable: true })],
  ['an unknown extension', text, string({ 'x-nullable': true })],
  ['no unknown extension', string({ 'x-nullable': true }), text],
  ['a discriminator', { oneOf: [object({})] }, { oneOf: [object({})], discriminator: { propertyName: 'kind' } }],
  [
    'another propertyName',
    { oneOf: [object({})], discriminator: { propertyName: 'kind' } },
    { oneOf: [object({})], discriminator: { propertyName: 'type' } },
  ],
  ['xml', text, string({ xml: { name: 'a' } })],
] as const;

/** Changes that leave a schema as it is. */
const same = [
  ['a minLength of 0', text, string({ minLength: 0 })],
  ['a minItems of 0', array({}), array({ minItems: 0 })],
  ['uniqueItems that is false', array({}), array({ uniqueItems: false })],
  ['additionalProperties that are true', object({}), object({ additionalProperties: true })],
  ['an enum for the const', string({ const: 'a' }), string({ enum: ['a'] })],
  ['a list of one type', text, { type: ['string'] }],
  ['another order of types', { type: ['string', 'null'] }, { type: ['null', 'string'] }],
  ['a $ref within allOf', ref('schemas', 'Health'), { allOf: [ref('schemas', 'Health')] }],
  [
    'a schema in place of a $ref',
    string({ $ref: '#/components/schemas/HealthStatus' }),
    ref('schemas', 'HealthStatus'),
  ],
  [
    'an allOf that says it twice',
    string({ maxLength: 5 }),
    { allOf: [string({ maxLength: 5 }), string({ maxLength: 9 })] },
  ],
  [
    'another order of branches',
    { anyOf: [{ type: 'integer' }, { type: 'null' }] },
    { anyOf: [{ type: 'null' }, { type: 'integer' }] },
  ],
  ['a description', text, string({ description: 'A text.' })],
  ['a title', text, string({ title: 'Extra' })],
  ['an example', text, string({ examples: ['a'] })],
  ['a comment', text, string({ $comment: 'a' })],
  ['words within not', string({ not: { const: 'a' } }), string({ not: { const: 'a', description: 'No.' } })],
  ['an enum beside the text', { anyOf: [string({ enum: ['a'] }), text] }, text],
] as const;

const pairs = (changes: readonly (readonly [string, unknown, unknown])[]) =>
  changes.map(([name, before, after]) => both(name, before, after));
const invert = (changes: typeof wider) =>
  changes.map(([name, before, after]) => both(`the opposite of ${name}`, after, before));

const rows: Record<Rating, Row[]> = {
  patch: [
    ...pairs(same).flatMap(({ request, response }) => [request, response]),
    ['another title of the description', ['/info/title', 'Apps']],
    ['another license', ['/info/license/name', 'ISC']],
    ['a contact', ['/info/contact', { name: 'A' }]],
    ['external docs', ['/externalDocs', { url: 'https://example.com' }]],
    ['another tag', [`${apps}/get/tags`, ['Apps']]],
    ['words of a tag', ['/tags/0/description', 'Apps.']],
    ['words of a server', ['/servers/0/description', 'Another.']],
    ['a patch of OpenAPI', ['/openapi', '3.1.2']],
    ['a summary of an operation', [`${apps}/get/summary`, 'List apps']],
    ['a summary of a path', [`${apps}/summary`, 'Apps']],
    ['words of a parameter', [`${parameters}/Limit/description`, 'Limit.']],
    ['another example of a parameter', [`${parameters}/Limit/example`, 10]],
    ['words of a body', [`${body}/description`, 'An app.']],
    ['words of a response', [`${list}/description`, 'Apps.']],
    ['words of a header', [`${headers}/ETag/description`, 'A tag.']],
    ['words of a shared response', ['/components/responses/NotFound/description', 'Gone.']],
    ['a bearerFormat', ['/components/securitySchemes/BearerAuth/bearerFormat', 'opaque']],
    ['words of a scheme', ['/components/securitySchemes/BearerAuth/description', 'A token.']],
    [
      'an example of a request',
      [`${body}/content/application~1json/examples/Third`, ref('examples', 'CreateOAuthApp')],
    ],
    ['no example of a request', [`${body}/content/application~1json/examples/Stripe`]],
    ['the default style written out', [`${parameters}/Limit/style`, 'form']],
    ['the default explode written out', [`${parameters}/Limit/explode`, true]],
    ['the default style of a path', [`${parameters}/OAuthAppId/style`, 'simple']],
    ['the default explode of a header', [`${headers}/ETag/explode`, false]],
    ['allowReserved that is false', [`${parameters}/Limit/allowReserved`, false]],
    ['required that is false', [`${parameters}/Limit/required`, false]],
    ['another pattern message', [`${schemas}/Name/x-pattern-message`, 'is wrong']],
    [
      'the order of parameters',
      [
        `${apps}/get/parameters`,
        ['Cursor', 'Limit', 'MetadataFilter', 'TruncateSecrets', 'HealthStatusFilter', 'ProviderFilter'].map((name) =>
          ref('parameters', name),
        ),
      ],
    ],
    [
      'a parameter of the path for all operations',
      [
        [`${app}/parameters`, [ref('parameters', 'OAuthAppId')]],
        [`${app}/delete/parameters`, [ref('parameters', 'IfMatch')]],
        [`${app}/get/parameters`, [ref('parameters', 'IfNoneMatch')]],
      ],
    ],
    [
      'a shared parameter in place',
      [
        `${app}/delete/parameters/1`,
        { name: 'If-Match', in: 'header', schema: ref('schemas', 'EntityTags'), 'x-provenance': 'extension' },
      ],
    ],
  ],
  minor: [
    ...pairs(wider).map(({ request }) => request),
    ...invert(wider).map(({ response }) => response),
    ['a new path', ['/paths/~1v1~1more', { get: { operationId: 'listMore', responses: { 200: response() } } }]],
    ['a new method', [`${app}/put`, { operationId: 'putOAuthApp', responses: { 200: response() } }]],
    ['a new HEAD', [`${app}/head`, { operationId: 'headOAuthApp', responses: { 200: response() } }]],
    ['a deprecated parameter', [`${parameters}/Limit/deprecated`, true]],
    ['a deprecated property', [`${shown}/name/deprecated`, true]],
    ['an optional query parameter', [`${app}/get/parameters/-`, parameter('expand', 'query')]],
    ['an optional header parameter', [`${app}/get/parameters/-`, parameter('X-Trace', 'header')]],
    ['an optional parameter of the path', [`${app}/parameters`, [parameter('expand', 'query')]]],
    ['a parameter no longer required', [`${parameters}/Limit/required`, false], [`${parameters}/Limit/required`, true]],
    ['an optional body', [`${app}/delete/requestBody`, { content: json(object({})) }]],
    ['a body no longer required', [`${body}/required`, false]],
    ['another media type of a body', [`${body}/content/application~1xml`, { schema: text }]],
    ['another media type of a response', [`${list}/content/text~1csv`, { schema: text }]],
    ['an error status', [`${app}/get/responses/418`, ref('responses', 'NotFound')]],
    ['a range of errors', [`${app}/get/responses/5XX`, ref('responses', 'ServerFault')]],
    ['a response header', [`${list}/headers/X-Total`, { schema: { type: 'integer' } }]],
    ['a header that is certain', [`${headers}/RetryAfterInFlight/required`, true]],
    ['a link', [`${list}/links`, { Get: link }]],
    ['another example of a response', [`${listContent}/examples/Empty`, { value: { data: [] } }]],
    ['another server', ['/servers/-', { url: 'https://eu.example.com' }]],
    ['a scheme', ['/components/securitySchemes/Key', { type: 'apiKey', in: 'header', name: 'X-Key' }]],
    ['a schema', [`${schemas}/Extra`, object({})]],
    ['a response component', ['/components/responses/Extra', response()]],
    ['a parameter component', [`${parameters}/Extra`, parameter('extra', 'query')]],
    ['a property of a response', [`${shown}/region`, text]],
    [
      'a mapping of a discriminator',
      inResponse({ oneOf: [object({})], discriminator: { propertyName: 'kind', mapping: { a: 'A' } } }),
      inResponse({ oneOf: [object({})], discriminator: { propertyName: 'kind' } }),
    ],
    ['a webhook', ['/webhooks', { changed: { post: { responses: { 200: response() } } } }]],
    ['a callback', [`${apps}/post/callbacks`, { changed: { '{$request.body#/url}': {} } }]],
    ['a property that may be sent again', inRequest(string({})), inRequest(string({ readOnly: true }))],
    ['a property that is shown again', inResponse(string({})), inResponse(string({ writeOnly: true }))],
    ['a higher own limit', [`${schemas}/Metadata/x-max-bytes`, 99_999]],
    ['no own limit', [`${schemas}/Metadata/x-max-bytes`]],
    ['an empty value', [`${parameters}/Cursor/allowEmptyValue`, true]],
    ['a default of a response', inResponse(string({ default: 'a' })), inResponse(text)],
    ['a narrowed pattern of a response', inResponse(string({ pattern: '^a' })), inResponse(text)],
    [
      'a known value beside the text',
      inResponse({ anyOf: [string({ enum: ['a', 'b'] }), text], description: 'Open.' }),
      inResponse({ anyOf: [string({ enum: ['a'] }), text], deprecated: true }),
    ],
  ],
  major: [
    ...pairs(wider).map(({ response }) => response),
    ...invert(wider).map(({ request }) => request),
    ...pairs(unclear).flatMap(({ request, response }) => [request, response]),
    ['no path', [app]],
    ['no method', [`${app}/patch`]],
    [
      'another path',
      [[app], ['/paths/~1v2~1oauth-apps~1{id}', { get: { operationId: 'getOAuthApp', responses: {} } }]],
    ],
    ['no HEAD', [`${app}/head`], [`${app}/head`, { operationId: 'headOAuthApp', responses: { 200: response() } }]],
    ['another operationId', [`${app}/get/operationId`, 'readOAuthApp']],
    ['no operationId', [`${app}/get/operationId`]],
    ['servers of an operation', [`${app}/get/servers`, [{ url: 'https://other.example.com' }]]],
    ['servers of a path', [`${app}/servers`, [{ url: 'https://other.example.com' }]]],
    ['no servers of a path', [`${app}/servers`], [`${app}/servers`, [{ url: 'https://other.example.com' }]]],
    ['a removed server', ['/servers/1']],
    ['another server URL', ['/servers/0/url', 'https://api.example.com']],
    ['variables of a server', ['/servers/0/variables', { region: { default: 'eu' } }]],
    ['no servers', ['/servers']],
    ['another version of OpenAPI', ['/openapi', '3.2.0']],
    ['a dialect', ['/jsonSchemaDialect', 'https://example.com']],
    ['an unknown member of the root', ['/extra', 1]],
    ['an unknown extension of an operation', [`${app}/get/x-internal`, true]],
    ['an unknown member of a parameter', [`${parameters}/Limit/extra`, 1]],
    ['a removed parameter', [`${apps}/get/parameters/0`]],
    ['a removed header parameter', [`${app}/get/parameters/1`]],
    ['a required query parameter', [`${app}/get/parameters/-`, parameter('region', 'query', { required: true })]],
    [
      'a required header parameter of the path',
      [`${app}/parameters`, [parameter('X-A', 'header', { required: true })]],
    ],
    ['a parameter now required', [`${parameters}/Cursor/required`, true]],
    ['another name of a parameter', [`${parameters}/Cursor/name`, 'page']],
    ['another place of a parameter', [`${parameters}/Cursor/in`, 'header']],
    ['another style', [`${parameters}/Cursor/style`, 'spaceDelimited']],
    ['another explode', [`${parameters}/Cursor/explode`, false]],
    ['allowReserved', [`${parameters}/Cursor/allowReserved`, true]],
    ['no empty value', [`${parameters}/Cursor/allowEmptyValue`], [`${parameters}/Cursor/allowEmptyValue`, true]],
    [
      'content for a schema of a parameter',
      [[`${parameters}/Cursor/schema`], [`${parameters}/Cursor/content`, json(text)]],
    ],
    ['no schema of a parameter', [`${parameters}/Cursor/schema`]],
    ['another default', [`${parameters}/TruncateSecrets/schema/default`, false]],
    ['no default', [`${parameters}/TruncateSecrets/schema/default`]],
    ['a default', [`${parameters}/Limit/schema/default`, 10]],
    ['JSON no more in a parameter', [`${parameters}/MetadataFilter/x-content-media-type`]],
    ['no body', [body]],
    ['a required body', [`${app}/delete/requestBody`, { required: true, content: json(object({})) }]],
    ['a body now required', [`${body}/required`, true], [`${body}/required`]],
    ['no media type of a body', [`${body}/content/application~1json`]],
    ['no schema of a body', [`${body}/content/application~1json/schema`]],
    ['no schema of a response', [`${listContent}/schema`]],
    ['a schema of a response', [`${list}/content/text~1csv/schema`, text], [`${list}/content/text~1csv`, {}]],
    ['a schema of a body', [`${body}/content/text~1csv/schema`, text], [`${body}/content/text~1csv`, {}]],
    ['an encoding', [`${body}/content/application~1json/encoding`, { name: { contentType: 'text/plain' } }]],
    ['no content of a response', [`${list}/content`]],
    [
      'content of a response',
      [`${app}/get/responses/304/content`, json(text)],
      [`${app}/get/responses/304`, response()],
    ],
    ['no media type of a response', [`${list}/content/application~1json`]],
    ['no success', [`${apps}/get/responses/200`]],
    ['no error', [`${apps}/get/responses/429`]],
    ['another success', [`${apps}/post/responses/202`, response()]],
    ['a default response', [`${apps}/post/responses/default`, response()]],
    ['a range of successes', [`${apps}/post/responses/2XX`, response()]],
    ['no response header', [`${list}/headers/Cache-Control`]],
    ['a response header no longer certain', [`${headers}/NoStore/required`, false]],
    ['a header without a word of certainty', [`${headers}/NoStore/required`]],
    ['no schema of a header', [`${headers}/ETag/schema`]],
    ['content for a schema of a header', [[`${headers}/ETag/schema`], [`${headers}/ETag/content`, json(text)]]],
    ['another type of a header', [`${headers}/RetryAfter/schema/type`, 'string']],
    ['no link', [`${list}/links/Get`], [`${list}/links`, { Get: link }]],
    ['another link', [`${list}/links/Get/operationId`, 'deleteOAuthApp'], [`${list}/links`, { Get: link }]],
    ['no callback', [`${apps}/post/callbacks`], [`${apps}/post/callbacks`, { changed: {} }]],
    ['no webhook', ['/webhooks'], ['/webhooks', { changed: { post: { responses: { 200: response() } } } }]],
    ['no scheme', ['/components/securitySchemes/BearerAuth']],
    ['another scheme', ['/components/securitySchemes/BearerAuth/scheme', 'basic']],
    ['another type of a scheme', ['/components/securitySchemes/BearerAuth/type', 'apiKey']],
    ['no component of a parameter', [`${parameters}/Extra`], [`${parameters}/Extra`, parameter('extra', 'query')]],
    ['no component of a response', ['/components/responses/Extra'], ['/components/responses/Extra', response()]],
    ['no unused schema', [`${schemas}/Extra`], [`${schemas}/Extra`, object({})]],
    ['an unused schema of another type', [`${schemas}/Extra/type`, 'string'], [`${schemas}/Extra`, object({})]],
    [
      'an unused response without content',
      ['/components/responses/Extra/content'],
      ['/components/responses/Extra', response(json(text))],
    ],
    [
      'another name of a response component',
      [['/components/responses/Extra'], ['/components/responses/Other', response()]],
      ['/components/responses/Extra', response()],
    ],
    ['no example of a response', [`${listContent}/examples/Page`]],
    [
      'another name of an example',
      [[`${listContent}/examples/Page`], [`${listContent}/examples/Paged`, ref('examples', 'OAuthAppListPage')]],
    ],
    [
      'another first example',
      [
        `${listContent}/examples`,
        {
          Page: ref('examples', 'OAuthAppListPage'),
          Masked: ref('examples', 'OAuthAppList'),
          Revealed: ref('examples', 'OAuthAppListRevealed'),
        },
      ],
    ],
    ['a removed property of a request', [`${created}/metadata`]],
    ['a removed property of a response', [`${shown}/updated_at`]],
    [
      'a property of a response that is closed',
      [`${shown}/region`, text],
      [`${schemas}/OAuthApp/additionalProperties`, false],
    ],
    ['a required property of a request', [`${schemas}/UpdateOAuthApp/required`, ['name']]],
    ['a property of a response no longer certain', [`${schemas}/OAuthApp/required`, ['id']]],
    ['a property that is only read', inRequest(string({ readOnly: true })), inRequest(text)],
    ['a property that is only written', inResponse(string({ writeOnly: true })), inResponse(text)],
    ['a property that never exists', [`${shown}/name`, false]],
    ['a body that never exists', [`${schemas}/CreateOAuthApp`, false]],
    ['a lower own limit', [`${schemas}/Metadata/x-max-values`, 1]],
    ['a lower own limit of bodies', ['/x-max-body-bytes', 1]],
    ['a removed value of a list', [`${schemas}/HealthStatus/enum`, ['ok', 'warn']]],
    [
      'a body in place of a schema',
      [`${body}/content/application~1json/schema`, object({ additionalProperties: false })],
    ],
    ['another schema of a body', [`${body}/content/application~1json/schema`, ref('schemas', 'UpdateOAuthApp')]],
    ['a sibling of a $ref', [`${created}/name/maxLength`, 10]],
    [
      'a removed sibling of a $ref in a response',
      [`${shown}/health/minProperties`],
      [`${shown}/health/minProperties`, 1],
    ],
    ['an allOf that adds a limit', [`${created}/name`, { allOf: [ref('schemas', 'Name'), { maxLength: 3 }] }]],
    [
      'a mapping of a discriminator removed',
      inResponse({ oneOf: [object({})], discriminator: { propertyName: 'kind' } }),
      inResponse({ oneOf: [object({})], discriminator: { propertyName: 'kind', mapping: { a: 'A' } } }),
    ],
    [
      'a change together with words',
      [
        [`${schemas}/Name/maxLength`, 10],
        [`${schemas}/Name/description`, 'A name.'],
      ],
    ],
  ],
};

/** The edits, by rating. */
export const ratedEdits: readonly RatedEdit[] = Object.entries(rows).flatMap(([rating, list]) =>
  list.map(([name, edits, base]) => ({ name, rating: rating as Rating, base: toList(base), edits: toList(edits) })),
);
