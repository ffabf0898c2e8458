import fc from 'fast-check';
import { type OperationId, operations } from '../../generated/operations.ts';
import { description } from '../helpers/server.ts';
import type { Exchange } from './validation-runners.ts';

const bundle = JSON.parse(description);

/** Generated exchanges, valid and invalid, for every operation, in the parts that the validator reads. */

const operationIds = Object.keys(operations) as OperationId[];

/** Values of every JSON type, some that JSON does not have, and some that are almost valid. */
const sampleValues: readonly unknown[] = [
  ...[
    undefined,
    null,
    true,
    0,
    -1,
    1.5,
    2 ** 53,
    Number.POSITIVE_INFINITY,
    '',
    ' ',
    'text',
    '**********',
    'stripe',
    'x'.repeat(300),
  ],
  ...['2024-02-20T02:10:52Z', '2024-02-20T02:10:52', '2024-13-40T99:99:99Z', '2023-12-15 01:29:29', '1', 'true'],
  ...[[], {}, [null], { a: 1 }, ['text'], new Date(1_700_000_000_000)],
];
const sampleValue = fc.constantFrom(...sampleValues);
const names = fc.constantFrom('id', 'name', 'x', '__proto__', 'constructor', 'metadata', 'a/b~c', 'data');

type Change = { at: number; action: 'replace' | 'drop' | 'add'; name: string; value: unknown };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(200),
  action: fc.constantFrom('replace', 'drop', 'add'),
  name: names,
  value: fc.oneof(sampleValue, fc.jsonValue({ maxDepth: 2 })),
});

interface Location {
  parent: Record<string, unknown>;
  name: string;
}

/** Lists all properties and items in a value, at any depth. */
function listLocations(parent: unknown): Location[] {
  if (typeof parent !== 'object' || parent === null) return [];
  const own = parent as Record<string, unknown>;
  return Object.keys(own).flatMap((name) => [{ parent: own, name }, ...listLocations(own[name])]);
}

/** Returns a copy of a value with properties replaced, removed or added at any depth. */
function alter(value: unknown, changes: readonly Change[]): unknown {
  const root = { value: structuredClone(value) };
  for (const { at, action, name, value: replacement } of changes) {
    const locations = listLocations(root);
    const location = locations[at % locations.length];
    if (location === undefined) continue;
    const inside = location.parent[location.name];
    if (action === 'replace') location.parent[location.name] = structuredClone(replacement);
    else if (action === 'drop' && location.parent !== root) delete location.parent[location.name];
    else if (typeof inside === 'object' && inside !== null)
      Object.assign(inside, { [name]: structuredClone(replacement) });
  }
  return root.value;
}

/** Generates a valid value unchanged, a valid value with one to three changes, or any other value. */
const generateAround = (valid: unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof(
    fc.constantFrom(...valid),
    fc.tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 3 })).map(([v, c]) => alter(v, c)),
    { weight: 1, arbitrary: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...valid) }, sampleValue) },
  );

type Examples = Record<string, { $ref?: string; value?: unknown }>;
const follow = (node: { $ref?: string }): Record<string, never> =>
  node?.$ref === undefined
    ? (node as Record<string, never>)
    : follow(
        node.$ref
          .slice(2)
          .split('/')
          .reduce((at, name) => at[name], bundle),
      );
const listExamples = (examples: Examples = {}) => Object.values(examples).map((example) => follow(example).value);

const queryNames = fc.constantFrom(
  ...['provider', 'health.status', 'truncate_secrets', 'metadata', 'limit', 'cursor', 'unknown', 'limit[]', 'limit[a]'],
  ...['provider[0]', 'metadata[a]', '__proto__', 'Limit', '', '%6Cimit', 'toString'],
);
const queryValues = fc.oneof(
  fc.constantFrom('stripe', 'ok', 'true', 'false', '20', '1000', '{"a":1}', '%7B%22a%22%3A1%7D', 'abc', ''),
  fc.constantFrom(
    '0',
    '1001',
    '1.5',
    '1e1',
    'Infinity',
    '0x10',
    '%205',
    'x=y',
    'a:b',
    'a,b',
    "'",
    '[',
    'a%2Cb',
    '+',
    'TRUE',
  ),
  fc.string({ maxLength: 8 }).map(encodeURIComponent),
);
const pair = fc.tuple(queryNames, queryValues, fc.boolean()).map(([name, value, hasValue]) => {
  return hasValue || value !== '' ? `${name}=${value}` : name;
});
const validQuery = fc.subarray([
  'provider=stripe',
  'health.status=ok',
  'truncate_secrets=false',
  'limit=20',
  'cursor=abc',
]);
const joinQuery = (pairs: readonly string[]) => (pairs.length > 0 ? `?${pairs.join('&')}` : '');
const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: validQuery.map(joinQuery) },
  { weight: 3, arbitrary: fc.array(pair, { maxLength: 4 }).map(joinQuery) },
  { weight: 1, arbitrary: fc.constantFrom('?', '??', '?&&', '?=', '?=1', '?a?b=1') },
);

const ids = fc.oneof(
  fc.uuid(),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
  fc.constantFrom('%2F', '.', '..', 'a%20b', 'a+b', '%25', ':id', '*', 'a;b', '1'),
);

const contentTypes = fc.oneof(
  { weight: 4, arbitrary: fc.constant<string | undefined>('application/json') },
  fc.constantFrom(
    ...[
      undefined,
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8',
      'APPLICATION/JSON',
      'text/plain',
    ],
    ...['application/problem+json', 'application/*', '*/*', 'multipart/form-data; boundary=x', '', ';', 'application'],
  ),
);
const tagTexts = fc.constantFrom('*', '"v1"', 'W/"v1"', '"a", "b"', 'v1', '', '"', '"v1",', `"${'x'.repeat(1_030)}"`);
const headers = fc
  .record(
    {
      'content-type': contentTypes,
      'idempotency-key': fc.oneof(fc.constantFrom('key', '', 'a b', 'x'.repeat(256), '1'), fc.uuid()),
      'if-match': tagTexts,
      'if-none-match': tagTexts,
      accept: fc.constantFrom('*/*', 'application/json', 'text/html, */*;q=0.1', 'application/*', ''),
      'x-other': fc.string({ maxLength: 5 }),
    },
    { requiredKeys: [] },
  )
  .map((all) =>
    Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)),
  );

/** Returns the parts of valid requests of an operation. */
function getValidRequest(operationId: OperationId) {
  const { method, path, requestMediaTypes } = operations[operationId];
  const [type] = requestMediaTypes;
  const content = bundle.paths[path][method].requestBody?.content ?? {};
  return {
    method: method.toUpperCase(),
    path,
    headers: (type === undefined ? {} : { 'content-type': type }) as Record<string, string>,
    bodies: type === undefined ? [undefined] : listExamples(content[type].examples),
  };
}

/** Lists the documented responses of an operation. */
function listValidResponses(operationId: OperationId) {
  const { method, path } = operations[operationId];
  const responses = Object.entries<{ $ref?: string }>(bundle.paths[path][method].responses);
  return responses.map(([status, response]) => {
    const content = Object.entries<{ examples?: Examples }>(follow(response).content ?? {});
    const [[contentType, media] = [undefined, undefined]] = content;
    return { status: Number(status), contentType, bodies: media ? listExamples(media.examples) : [undefined] };
  });
}

/** A response that the validator ignores, so that only the request is compared. */
const anyResponse = { status: 500, body: {} };

function generateRequests(operationId: OperationId): fc.Arbitrary<Exchange> {
  const valid = getValidRequest(operationId);
  const { method } = valid;
  return fc.record({
    method: fc.oneof({ weight: 20, arbitrary: fc.constant(method) }, fc.constantFrom('HEAD', 'PUT', 'PATCH', 'GET')),
    target: fc.tuple(ids, query).map(([id, text]) => `${valid.path.replace('{id}', id)}${text}`),
    headers: fc.oneof(
      headers,
      headers.map((other) => ({ ...other, ...valid.headers })),
      fc.constant(valid.headers),
    ),
    body: generateAround(valid.bodies),
    response: fc.constant(anyResponse),
  });
}

function generateResponses(operationId: OperationId): fc.Arbitrary<Exchange> {
  const {
    method,
    path,
    headers,
    bodies: [body],
  } = getValidRequest(operationId);
  const target = path.replace('{id}', '8ff58ef0-d376-4ae8-b2e2-9f0206aa65b8');
  const accepts: Record<string, string>[] = [{}, { accept: '*/*' }, { accept: 'text/html, application/json' }];
  const others = fc.constantFrom(200, 201, 204, 304, 418, 422, 500);
  const of = ({ status, contentType, bodies }: ReturnType<typeof listValidResponses>[number]) =>
    fc.record({
      method: fc.constant(method),
      target: fc.constant(target),
      headers: fc.constantFrom(...accepts.map((accept) => ({ ...accept, ...headers }))),
      body: fc.constant(body),
      response: fc.record({
        status: fc.oneof({ weight: 8, arbitrary: fc.constant(status) }, others),
        contentType: fc.oneof({ weight: 8, arbitrary: fc.constant(contentType) }, contentTypes),
        body: generateAround(bodies),
      }),
    });
  return fc.oneof(...listValidResponses(operationId).map(of));
}

/** Valid and invalid requests of every operation. */
export const requests: fc.Arbitrary<Exchange> = fc.oneof(...operationIds.map(generateRequests));

/** Valid requests with valid and invalid responses, in documented and other statuses. */
export const responses: fc.Arbitrary<Exchange> = fc.oneof(...operationIds.map(generateResponses));
