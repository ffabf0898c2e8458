import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Account, differentBody, openAccount, secretsOf, targetFor } from '../helpers/accounts.ts';
import { createHttpClient, type HttpClient, type HttpResponse, type RequestOptions } from '../helpers/http-client.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { type Json, type PlacedOperation, resources, type TestedResource } from '../resources.ts';

const fixedId = '00000000-0000-4000-8000-000000000000';
const theirSecret = 'secret-of-another-account';
let server: TestServer;
let http: HttpClient;
const figures = { compared: 0, different: 0 };
beforeAll(async () => {
  server = await startServer({ newRequestId: () => fixedId });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  console.log(
    `accounts: ${figures.compared} responses compared with those for unknown ids, ${figures.different} different`,
  );
  http.close();
  await server[Symbol.asyncDispose]();
});

/** Returns the parts of a response that are the same in every equal response. */
const pickComparable = ({ status, headers: { date, ...headers }, text }: HttpResponse) => ({ status, headers, text });

/** Expects that the response to a foreign id or cursor equals the one to an unknown one. */
function expectEqual(response: HttpResponse, unknown: HttpResponse) {
  figures.compared++;
  if (!isDeepStrictEqual(pickComparable(response), pickComparable(unknown))) figures.different++;
  expect(pickComparable(response)).toEqual(pickComparable(unknown));
}

/** Expects that `work` changes no row. */
async function expectNoChange(work: () => Promise<unknown>) {
  const before = await server.database.dump();
  await work();
  expect(await server.database.dump()).toEqual(before);
}

/** Lists the bodies to try: those that are valid, and those that are not. */
function listBodies({ requestBody }: PlacedOperation, examples: readonly Json[]): { valid: Json[]; invalid: Json[] } {
  if (requestBody === undefined) return { valid: [], invalid: [] };
  const members = Object.entries(Object.assign({}, ...examples) as Json);
  const single = members.map(([name, value]) => ({ [name]: value }));
  return {
    valid: [...examples, ...single],
    invalid: [{ 'not a field': 1 }, ...members.map(([name]) => ({ [name]: [[]] }))],
  };
}

/** The headers to try with each conditional operation. Every record is at its first version. */
const conditions: Readonly<Record<string, readonly string[]>> = {
  'If-Match': ['"v1"', '*', '"v9"'],
  'If-None-Match': ['"v1"', '*'],
};

interface Variant {
  readonly method: string;
  readonly operation: PlacedOperation;
  readonly options: RequestOptions;
  readonly isInvalid: boolean;
}

/** Lists the requests about a record of a resource. */
function listVariants({ operations, changes, newBodies }: TestedResource): Variant[] {
  return operations
    .filter(({ needsRecord }) => needsRecord)
    .flatMap((operation) => {
      const { valid, invalid } = listBodies(operation, operation.verb === 'update' ? changes : newBodies);
      const bodies = valid.length > 0 ? valid.map((body) => ({ body })) : [{}];
      const headers = operation.parameters.flatMap(({ name }) =>
        (conditions[name] ?? []).map((value) => ({ headers: { [name]: value } })),
      );
      const options = [...bodies, ...headers.flatMap((one) => bodies.slice(0, 2).map((body) => ({ ...body, ...one })))];
      const method = operation.method.toUpperCase();
      return [
        ...options.map((each) => ({ method, operation, options: each, isInvalid: false })),
        ...(method === 'GET' ? [{ method: 'HEAD', operation, options: {}, isInvalid: false }] : []),
        ...invalid.map((body) => ({ method, operation, options: { body }, isInvalid: true })),
      ];
    });
}

describe.each(resources)('of $name', (resource) => {
  let ours: Account;
  let theirs: Account;
  let theirIds: string[];
  let list: string;
  const replaced = secretsOf(resource, () => theirSecret);
  beforeAll(async () => {
    ours = await openAccount(server, http);
    theirs = await openAccount(server, http);
    await ours.createMany(resource, 1);
    theirIds = await theirs.createMany(resource, 3, () => replaced);
    list = resource.has('list') ? await targetFor(ours, resource.operation('list')) : '';
  });

  /** Returns the target of an operation with a parent of ours, and a record that may be theirs. */
  const target = async ({ operation, method }: Variant, id: string) => `${method} ${await ours.pathOf(operation, id)}`;

  describe('a foreign id gives the response of an unknown id', () => {
    test.each(listVariants(resource))('$method $operation.operationId $options', async (variant) => {
      const { options, isInvalid } = variant;
      await expectNoChange(async () => {
        const unknown = await ours.send(await target(variant, crypto.randomUUID()), options);
        expect(unknown.status).toBe(isInvalid ? 422 : 404);
        for (const id of [...theirIds, theirIds[0]?.toUpperCase() ?? '']) {
          expectEqual(await ours.send(await target(variant, id), options), unknown);
        }
      });
    });

    test.each(resource.operations.filter(({ verb }) => verb === 'update'))(
      '$method with an empty body',
      async (operation) => {
        const send = async (id: string) => ours.send(await targetFor(ours, operation, id), { body: {} });
        await expectNoChange(async () => expectEqual(await send(theirIds[0] ?? ''), await send(crypto.randomUUID())));
      },
    );
  });

  test.runIf(resource.has('list'))('a list shows no foreign record', async () => {
    const { json } = await theirs.send(await targetFor(theirs, resource.operation('list')));
    const [record] = json.data as Json[];
    const valueAt = (field: string) => field.split('.').reduce((at, name) => (at as Json)?.[name], record as unknown);
    const toText = (value: unknown) => encodeURIComponent(typeof value === 'string' ? value : JSON.stringify(value));
    const queries = [
      ...['', ...(resource.isPaged ? ['limit=3'] : [])],
      ...resource.secrets.flatMap(({ revealedBy }) => revealedBy ?? []),
      ...resource.filters.map(({ parameter, field }) => `${parameter.name}=${toText(valueAt(field))}`),
    ];
    for (const query of queries) {
      const { status, text } = await ours.send(`${list}?${query}`);
      expect(status, query).toBe(200);
      for (const hidden of [...theirIds, theirSecret]) expect(text, query).not.toContain(hidden);
    }
  });

  test.runIf(resource.isPaged)('a foreign cursor is rejected like a forged one', async () => {
    const theirList = await targetFor(theirs, resource.operation('list'));
    const cursor: string = (await theirs.send(`${theirList}?limit=1`)).json.next_cursor;
    expect((await theirs.send(`${theirList}?cursor=${cursor}`)).json.data).toHaveLength(2);
    const forged = await ours.send(`${list}?cursor=v1.made.up`);
    expect(forged.status).toBe(422);
    await expectNoChange(async () => {
      for (const query of [
        '',
        'limit=1&',
        ...resource.secrets.map(({ revealedBy }) => revealedBy && `${revealedBy}&`),
      ]) {
        expectEqual(await ours.send(`${list}?${query ?? ''}cursor=${cursor}`), forged);
      }
    });
  });

  test.each(Object.entries(resource.references))(
    'a foreign record in %s is like an unknown one',
    async (field, name) => {
      const foreign = await theirs.newBody(resource);
      expect(foreign[field]).toEqual(expect.any(String));
      const refer = (id: unknown) => ours.create(resource, { replaced: { [field]: id } });
      const unknown = await refer(crypto.randomUUID());
      expect(unknown.status, `${field} of an unknown ${name}`).toBeGreaterThanOrEqual(400);
      await expectNoChange(async () => expectEqual(await refer(foreign[field]), unknown));
    },
  );

  describe.runIf(resource.has('create', 'Idempotency-Key'))('an idempotency key', () => {
    test('is used by two accounts', async () => {
      const options = { replaced, headers: { 'Idempotency-Key': 'same-key' } };
      const [first, second] = [await theirs.create(resource, options), await ours.create(resource, options)];
      expect([first.status, second.status]).toEqual([200, 200]);
      expect(second.json.id).not.toBe(first.json.id);
      expect((await ours.create(resource, options)).json.id).toBe(second.json.id);
      expect((await theirs.create(resource, options)).json.id).toBe(first.json.id);
      const get = await targetFor(ours, resource.operation('get'), first.json.id);
      expect((await ours.send(get)).status).toBe(404);
      const other = { ...options, replaced: differentBody(resource) };
      expect((await ours.create(resource, other)).status).toBe(422);
      expect((await theirs.create(resource, other)).status).toBe(422);
    });

    test('is used by two accounts in parallel', async () => {
      const options = { headers: { 'Idempotency-Key': 'at-once' } };
      const responses = await Promise.all([ours, theirs].map((account) => account.create(resource, options)));
      expect(responses.map(({ status }) => status)).toEqual([200, 200]);
      expect(responses[0]?.json.id).not.toBe(responses[1]?.json.id);
    });
  });

  test.runIf(resource.full)('a full account does not limit another account', async () => {
    await using full = await startServer({ store: server.store, ...resource.full });
    const client = createHttpClient(full.url, full.token);
    const [first, second] = [await openAccount(full, client), await openAccount(full, client)];
    const statuses: number[] = [];
    for (const account of [first, first, second]) statuses.push((await account.create(resource)).status);
    expect(statuses).toEqual([200, 409, 200]);
    client.close();
  });
});
