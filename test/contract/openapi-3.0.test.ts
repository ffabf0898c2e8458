// @databases none
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenAPISchemaValidator } from 'express-openapi-validator/dist/framework/openapi.schema.validator.js';
import { describe, expect, it } from 'vitest';
import type { Bundle, Schema } from '../../openapi/generate/bundle.ts';
import { toOpenApi30 } from '../../openapi/generate/openapi-3.0.ts';
import type { Description } from '../../server/description.ts';
import { example } from '../helpers/examples.ts';
import { root } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { bundle } from './documented.ts';

const converted: Description & Bundle = JSON.parse(await readFile(join(root, 'generated/openapi-3.0.json'), 'utf8'));

/** Returns the conversion of a schema. */
function convert(schema: unknown): unknown {
  const copy = structuredClone(bundle);
  copy.components.schemas.Probe = schema as Schema;
  return (toOpenApi30(copy) as Bundle).components.schemas.Probe;
}

describe('the description in OpenAPI 3.0', () => {
  it('is valid', () => {
    const validator = new OpenAPISchemaValidator({ version: '3.0.3', validateApiSpec: true } as never);
    expect(validator.validate(converted as never)).toMatchObject({ errors: [] });
    expect(JSON.stringify(converted)).not.toMatch(/"(const|contentMediaType|identifier)":/);
  });

  it('has every operation, parameter, response and example', () => {
    const shapeOf = ({ paths, components }: Bundle) => ({
      operations: Object.entries(paths).map(([path, item]) => [path, Object.keys(item)]),
      components: Object.entries(components).map(([kind, named]) => [kind, Object.keys(named)]),
      examples: components.examples,
    });
    expect(shapeOf(converted)).toEqual(shapeOf(bundle));
  });

  it('accepts the requests and the responses of the server', async () => {
    await using server = await startServer({ description: converted });
    const { client } = server;
    const app = await client.createOAuthApp(example('CreateOAuthApp'));
    await client.updateOAuthApp(app.id, { name: 'another' });
    await client.createOAuthApp({ ...example('CreateOAuthApp'), metadata: { a: [1, null, { b: 'c&d' }] } });
    const statuses = [
      await server.fetch('/v1/oauth-apps?limit=1'),
      await server.fetch('/v1/oauth-apps?truncate_secrets=false&health.status=ok&provider=stripe'),
      await server.fetch(`/v1/oauth-apps?metadata=${encodeURIComponent('{"a":[1,null,{"b":"c&d"}]}')}`),
      await server.fetch(`/v1/oauth-apps/${app.id}`, { headers: { 'If-None-Match': '"v2"' } }),
      await server.fetch('/v1/oauth-apps', { method: 'POST', body: '{' }),
      await server.fetch('/v1/oauth-apps', { headers: { Authorization: 'Bearer wrong' } }),
      await server.fetch('/v1/oauth-apps/unknown'),
      await server.fetch(`/v1/oauth-apps/${app.id}`, { method: 'PUT' }),
      await server.fetch(`/v1/oauth-apps/${app.id}`, { method: 'DELETE', headers: { 'If-Match': '"v1"' } }),
      await server.fetch('/v1/oauth-apps', { method: 'POST', body: '{"name":"\\u0000"}' }),
      await server.fetch('/v1/oauth-apps', { method: 'POST', body: '{"client_secret":"*"}' }),
      await server.fetch(`/v1/oauth-apps/${app.id}`, { method: 'DELETE' }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([200, 200, 200, 304, 400, 401, 404, 405, 412, 422, 422, 200]);
  });

  it.each([
    [{ const: 'a' }, { enum: ['a'] }],
    [{ type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [{ type: ['string', 'integer'] }, { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    [{ exclusiveMinimum: 1 }, { minimum: 1, exclusiveMinimum: true }],
    [{ examples: ['a', 'b'] }, { example: 'a' }],
    [
      { $ref: '#/components/schemas/Name', maxLength: 3 },
      { allOf: [{ $ref: '#/components/schemas/Name' }], maxLength: 3 },
    ],
    [{ properties: { a: true, b: false } }, { properties: { a: {}, b: { not: {} } } }],
    [
      { items: { const: 1 }, anyOf: [{ const: 2 }] },
      { items: { enum: [1] }, anyOf: [{ enum: [2] }] },
    ],
  ])('converts %j', (schema, expected) => {
    expect(convert(schema)).toEqual(expected);
  });

  it.each([{ patternProperties: {} }, { contentMediaType: 'text/plain' }, { if: {} }])('rejects %j', (schema) => {
    expect(() => convert(schema)).toThrow(`no keyword \`${Object.keys(schema)[0]}\``);
  });
});
