// @databases none
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { CreateOAuthApp } from '../../generated/types.ts';
import {
  type Validated,
  validateCreateOAuthApp,
  validateUpdateOAuthApp,
  withMessages,
} from '../../generated/validators.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import { generateBodies, seed } from './fuzz-bodies.ts';

const count = soak(150, 550);
const { create, update } = generateBodies(count);
const path = '/v1/oauth-apps';
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer();
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

/** Sends bodies to the server. Returns the differences between its verdict and a validator's, and the number of valid bodies. */
async function compare(target: string, bodies: unknown[], validate: (value: unknown) => Validated<unknown>) {
  let validCount = 0;
  const differences = await mapInParallel(bodies, async (body) => {
    const { status, json } = await http.send(target, { body: JSON.stringify(body) });
    const { value, validation_errors } = validate(body);
    if (status === 200) validCount += 1;
    const expected = status === 200 ? undefined : (json.validation_errors ?? { status });
    const isSame = JSON.stringify(expected) === JSON.stringify(validation_errors);
    return isSame && (value !== undefined) === (status === 200) ? [] : [{ expected, validation_errors, body }];
  });
  console.log(
    `${target.split(' ')[0]}: ${bodies.length} bodies, ${validCount} valid, ${differences.flat().length} differences (seed ${seed})`,
  );
  return { differences: differences.flat(), validCount };
}

test.each([
  ['create', `POST ${path}`, create, validateCreateOAuthApp],
  ['update', `PATCH ${path}/{id}`, update, validateUpdateOAuthApp],
] as const)('the validator of %s agrees with the server', async (_verb, target, bodies, validate) => {
  const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
  const { differences, validCount } = await compare(target.replace('{id}', id), bodies, validate);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(Math.min(validCount, count - validCount)).toBeGreaterThan(count / 5);
});

describe('a validator', () => {
  const valid = example('CreateOAuthApp');

  test('returns the value as JSON carries it', () => {
    const { value } = validateCreateOAuthApp({ ...valid, metadata: { at: new Date(0), none: undefined } });
    expect(value).toEqual({ ...valid, metadata: { at: '1970-01-01T00:00:00.000Z' } });
    expectTypeOf(value).toEqualTypeOf<CreateOAuthApp | undefined>();
  });

  test('names each invalid field with its reasons', () => {
    const { validation_errors } = validateCreateOAuthApp({ ...valid, name: '', client_secret: '***', extra: 1 });
    expect(validation_errors).toEqual({
      name: ['must NOT have fewer than 1 characters'],
      client_secret: ['must not be made only of asterisks and white space'],
      extra: ['must NOT have additional properties'],
    });
  });

  const circular: unknown[] = [];
  circular.push(circular);
  test.each([undefined, null, [], 'text', 1n, circular, () => 1])('rejects a value that is no object: %#', (value) => {
    expect(validateUpdateOAuthApp(value)).toEqual({ validation_errors: { body: ['must be object'] } });
  });
});

/** Returns the issues that a library of forms would get. */
const issuesOf = (schema: Pick<typeof validateCreateOAuthApp, '~standard'>, value: unknown) =>
  schema['~standard'].validate(value).issues;

describe('a validator as a Standard Schema', () => {
  const valid = example('CreateOAuthApp');

  test('returns the value or issues with path, code and parameters', () => {
    const { version, validate } = validateCreateOAuthApp['~standard'];
    expect(version).toBe(1);
    expect(validate(valid)).toEqual({ value: valid });
    const path = ['name'];
    expect(issuesOf(validateCreateOAuthApp, { ...valid, name: '' })).toEqual([
      { message: 'must NOT have fewer than 1 characters', path, code: 'minLength', params: { limit: 1 } },
    ]);
    expect(issuesOf(validateCreateOAuthApp, { ...valid, provider: undefined })).toMatchObject([
      { path: ['provider'], code: 'required' },
    ]);
    expect(issuesOf(validateCreateOAuthApp, { ...valid, metadata: { a: '\0' } })).toMatchObject([
      { path: ['metadata', 'a'], code: 'storable' },
    ]);
    expect(issuesOf(validateCreateOAuthApp, { ...valid, metadata: { a: 'x'.repeat(20_000) } })).toMatchObject([
      { path: ['metadata'], code: 'size' },
    ]);
    expect(issuesOf(validateCreateOAuthApp, 7)).toMatchObject([{ path: [], code: 'type' }]);
  });

  test('has the words of its caller', () => {
    const schema = withMessages(validateCreateOAuthApp, ({ code, path }) => `${path.join('.')}: ${code}`);
    expect(schema['~standard'].validate(valid)).toEqual({ value: valid });
    expect(issuesOf(schema, { ...valid, name: '' })).toMatchObject([{ message: 'name: minLength' }]);
  });

  test('has the words of the server in both forms', () => {
    for (const body of create.slice(0, 100)) {
      const { validation_errors = {} } = validateCreateOAuthApp(body);
      const messages = (issuesOf(validateCreateOAuthApp, body) ?? []).map(({ message }) => message);
      expect(messages.sort()).toEqual(Object.values(validation_errors).flat().sort());
    }
  });
});
