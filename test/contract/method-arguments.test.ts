// @databases none
import { describe, expect, it } from 'vitest';
import { listArguments } from '../../openapi/generate/arguments.ts';
import { type Bundle, listOperations } from '../../openapi/generate/bundle.ts';
import { bundle } from './documented.ts';

const app = { 'application/json': { schema: { $ref: '#/components/schemas/OAuthApp' } } };
const success = { description: 'Done.', content: app };

describe('the arguments of a client method', () => {
  const paths = ['/v1/things', '/v1/things/{id}', '/v1/things/{id}/parts/{part}', '/v1/things/{id}/archive'];
  const cases = paths.flatMap((path) =>
    (['get', 'put', 'post', 'patch', 'delete'] as const).map((method) => ({ path, method })),
  );
  const optional = { in: 'query', name: 'expand', schema: { type: 'string' } };
  const additions: [string, object][] = [
    ['a query parameter', { parameters: [optional] }],
    ['a header', { parameters: [{ ...optional, in: 'header' }] }],
    ['a body', { requestBody: { content: app } }],
    ['all of them', { parameters: [optional, { ...optional, in: 'header' }], requestBody: { content: app } }],
  ];

  it.each(additions)('keep their places when the first optional one is %s', (_name, addition) => {
    for (const { path, method } of cases) {
      const names = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name = '']) => name);
      const inPath = names.map((name) => ({ in: 'path', name, required: true, schema: { type: 'string' } }));
      const list = (more: { parameters?: object[] }) => {
        const parameters = [...inPath, ...(more.parameters ?? [])];
        const copy = {
          ...bundle,
          paths: { [path]: { [method]: { operationId: 'doIt', responses: { 200: success }, ...more, parameters } } },
        } as Bundle;
        const [only] = listOperations(copy);
        return only && listArguments(only).map(({ name, isOptional }) => `${name}${isOptional ? '?' : ''}`);
      };
      expect(list(addition), `${method} ${path}`).toEqual(list({}));
    }
  });
});
