import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { CreateOAuthApp } from '../../generated/types.ts';
import { type Validated, validateCreateOAuthApp, validateUpdateOAuthApp } from '../../generated/validators.ts';
import { example } from '../helpers/examples.ts';
import { oddBodies, seed } from '../helpers/odd-bodies.ts';
import { inParallel } from '../helpers/parallel.ts';
import { createSender, type Sender } from '../helpers/sender.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const count = 550;
const { create, update } = oddBodies(count);
const path = '/v1/oauth-apps';
let server: TestServer;
let sender: Sender;
beforeAll(async () => {
  server = await startServer();
  sender = createSender(server.url, server.token);
});
afterAll(async () => {
  sender.close();
  await server[Symbol.asyncDispose]();
});

/** Posts bodies to the server and gives those about which a validator says something else, with the number of good ones. */
async function compare(target: string, bodies: unknown[], validate: (value: unknown) => Validated<unknown>) {
  let goodCount = 0;
  const differences = await inParallel(bodies, async (body) => {
    const { status, json } = await sender.send(target, { body: JSON.stringify(body) });
    const { value, validation_errors } = validate(body);
    if (status === 200) goodCount += 1;
    const said = status === 200 ? undefined : (json.validation_errors ?? { status });
    const isSame = JSON.stringify(said) === JSON.stringify(validation_errors);
    return isSame && (value !== undefined) === (status === 200) ? [] : [{ said, validation_errors, body }];
  });
  console.log(
    `${target.split(' ')[0]}: ${bodies.length} bodies, ${goodCount} good, ${differences.flat().length} differences (seed ${seed})`,
  );
  return { differences: differences.flat(), goodCount };
}

test.each([
  ['create', `POST ${path}`, create, validateCreateOAuthApp],
  ['update', `PATCH ${path}/{id}`, update, validateUpdateOAuthApp],
] as const)('the validator of %s says what the server says', async (_verb, target, bodies, validate) => {
  const { id } = await server.client.createOAuthApp(example('CreateOAuthApp'));
  const { differences, goodCount } = await compare(target.replace('{id}', id), bodies, validate);
  expect(differences.slice(0, 3)).toEqual([]);
  expect(Math.min(goodCount, count - goodCount)).toBeGreaterThan(count / 5);
});

describe('a validator', () => {
  const valid = example('CreateOAuthApp');

  test('gives the value as it would arrive', () => {
    const { value } = validateCreateOAuthApp({ ...valid, metadata: { at: new Date(0), none: undefined } });
    expect(value).toEqual({ ...valid, metadata: { at: '1970-01-01T00:00:00.000Z' } });
    expectTypeOf(value).toEqualTypeOf<CreateOAuthApp | undefined>();
  });

  test('names each field with the reasons', () => {
    const { validation_errors } = validateCreateOAuthApp({ ...valid, name: '', client_secret: '***', extra: 1 });
    expect(validation_errors).toEqual({
      name: ['must NOT have fewer than 1 characters'],
      client_secret: ['must not be made only of asterisks'],
      extra: ['must NOT have additional properties'],
    });
  });

  const circle: unknown[] = [];
  circle.push(circle);
  test.each([undefined, null, [], 'text', 1n, circle, () => 1])('refuses what is no object: %#', (value) => {
    expect(validateUpdateOAuthApp(value)).toEqual({ validation_errors: { body: ['must be object'] } });
  });
});
