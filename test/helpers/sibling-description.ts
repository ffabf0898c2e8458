import type { Bundle } from '../conformance/contract.ts';
import { bundle } from '../contract/documented.ts';

/** Bundle with more than one resource: credentials that refer to OAuth apps, and operations that belong to none. */

const ref = (kind: string, name: string) => ({ $ref: `#/components/${kind}/${name}` });
const problems = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([status, name]) => [status, ref('responses', name)]));

const json = (schema: object, value: unknown) => ({
  content: { 'application/json': { schema, examples: { Own: { value } } } },
});
const success = (schema: object, value: unknown) => ({
  200: {
    description: 'As asked for.',
    headers: { 'X-Request-Id': ref('headers', 'RequestId'), 'Cache-Control': ref('headers', 'NoStore') },
    ...json(schema, value),
    'x-provenance': 'extension',
  },
});
const common = problems({
  400: 'MalformedRequest',
  401: 'Unauthorized',
  405: 'MethodNotAllowed',
  422: 'ValidationFailed',
});
const ofWrites = problems({ 413: 'ContentTooLarge', 415: 'UnsupportedMediaType' });
const notFound = problems({ 404: 'NotFound' });

const own = { 'x-provenance': 'extension' };
const text = { type: 'string', minLength: 1, maxLength: 40, pattern: '^[^\\x00]*$', ...own };
const secret = { type: 'string', minLength: 8, maxLength: 100, pattern: '^[a-z0-9-]+$', 'x-secret': true, ...own };
const shown = { type: 'string', 'x-secret': { mask: '**********' }, ...own };
const scopes = {
  type: 'array',
  minItems: 1,
  maxItems: 4,
  uniqueItems: true,
  items: { type: 'string', pattern: '^[a-z]{1,20}$' },
  ...own,
};
const limits = {
  type: 'object',
  additionalProperties: false,
  required: ['per_day'],
  properties: {
    per_day: { type: 'integer', minimum: 1, maximum: 500, ...own },
    share: { type: 'number', exclusiveMinimum: 0, maximum: 1, ...own },
  },
  ...own,
};
const app = { type: 'string', 'x-refers-to': 'oauth-apps', ...own };
const changeable = { label: text, access_token: secret, refresh_token: secret, scopes, limits };

const example = {
  oauth_app_id: '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8',
  label: 'Warehouse',
  access_token: 'access-1234567890',
  refresh_token: 'refresh-1234567890',
  scopes: ['read', 'write'],
  limits: { per_day: 5 },
};
const received = { ...example, id: 'c1', access_token: '**********', refresh_token: '**********' };

const idParameter = {
  ...{ name: 'credential_id', in: 'path', required: true, description: 'ID of the credential.', ...own },
  schema: { type: 'string' },
};
const operation = (operationId: string, description: string, more: object) => ({
  ...{ operationId, description, ...own },
  ...more,
});

const item = ref('schemas', 'Credential');

/** Returns the bundle of the package with the other operations first. */
export function createSiblingBundle(): Bundle {
  const copy = structuredClone(bundle) as unknown as Bundle;
  Object.assign(copy.components.schemas, {
    Credential: {
      type: 'object',
      required: ['id', 'oauth_app_id', 'label', 'access_token', 'refresh_token', 'scopes', 'limits'],
      properties: {
        id: { type: 'string', ...own },
        oauth_app_id: app,
        ...changeable,
        access_token: shown,
        refresh_token: shown,
      },
    },
    CreateCredential: {
      type: 'object',
      additionalProperties: false,
      required: ['oauth_app_id', 'label', 'access_token', 'refresh_token', 'scopes', 'limits'],
      properties: { oauth_app_id: app, ...changeable },
    },
    SecretChange: {
      type: 'object',
      additionalProperties: false,
      required: ['client_secret'],
      properties: { client_secret: { ...ref('schemas', 'ClientSecret'), 'x-secret': true, ...own } },
    },
    UpdateCredential: { type: 'object', additionalProperties: false, properties: changeable },
  });
  const filter = { name: 'oauth_app_id', in: 'query', schema: { type: 'string' }, 'x-filters': 'oauth_app_id', ...own };
  const list = { type: 'object', required: ['data'], properties: { data: { type: 'array', items: item, ...own } } };
  const body = (name: string) => ({ requestBody: { required: true, ...json(ref('schemas', name), example) } });
  const { oauth_app_id: _, ...change } = example;
  const paths = {
    '/v1/status': {
      get: operation('getStatus', 'Says that the service works.', {
        security: [],
        parameters: [],
        responses: {
          ...success({ type: 'object', required: ['ok'], properties: { ok: { const: true, ...own } } }, { ok: true }),
          405: common[405],
          400: common[400],
          422: common[422],
        },
      }),
    },
    '/v1/oauth-apps/{id}/secret': {
      post: operation('changeSecret', 'Changes the secret of an OAuth app.', {
        parameters: [ref('parameters', 'OAuthAppId')],
        requestBody: {
          required: true,
          ...json(ref('schemas', 'SecretChange'), { client_secret: 'changed-1234567890' }),
        },
        responses: { ...success(ref('schemas', 'OAuthApp'), {}), ...common, ...ofWrites, ...notFound },
      }),
    },
    '/v1/credentials/{credential_id}': {
      get: operation('getCredential', 'Gets a credential.', {
        parameters: [idParameter],
        responses: { ...success(item, received), ...common, ...notFound },
      }),
      patch: operation('updateCredential', 'Replaces the fields that are present.', {
        parameters: [idParameter],
        requestBody: { required: true, ...json(ref('schemas', 'UpdateCredential'), change) },
        responses: { ...success(item, received), ...common, ...ofWrites, ...notFound },
      }),
      delete: operation('deleteCredential', 'Deletes a credential.', {
        parameters: [idParameter],
        responses: {
          ...success(
            { type: 'object', required: ['id'], properties: { id: { type: 'string', ...own } } },
            { id: 'c1' },
          ),
          ...common,
          ...notFound,
        },
      }),
    },
    '/v1/credentials': {
      get: operation('listCredentials', 'Lists the credentials.', {
        parameters: [filter],
        responses: { ...success(list, { data: [received] }), ...common },
      }),
      post: operation('createCredential', 'Creates a credential. Each request creates one.', {
        parameters: [],
        ...body('CreateCredential'),
        responses: { ...success(item, received), ...common, ...ofWrites },
      }),
    },
  };
  copy.paths = { ...(paths as unknown as Bundle['paths']), ...copy.paths };
  return copy;
}
