import { isDeepStrictEqual } from 'node:util';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { toCursor } from '../../server/resource/cursor.ts';
import { type Account, openAccount, targetFor } from '../helpers/accounts.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { testOnce } from '../helpers/once.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import { fieldSchema, type Json, resources, type TestedResource } from '../resources.ts';

const seed = 20261122;
const secretKeys = makeKeyLine(new Date());
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ secretKeys });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

type Query = Readonly<Record<string, unknown>>;

const toText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
const toQuery = (query: Query) =>
  new URLSearchParams(Object.entries(query).map(([name, value]) => [name, toText(value)])).toString();
const listIds = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
const valueAt = (record: Json, field: string) =>
  field.split('.').reduce<unknown>((at, name) => (at as Json)?.[name], record);

/** Gets one page of the list of an account. */
async function getPage(account: Account, resource: TestedResource, query: Query) {
  return account.send(`${await targetFor(account, resource.operation('list'))}?${toQuery(query)}`);
}

/** Reads all pages and returns the ids of each. `between` runs after each page. */
async function walk(account: Account, resource: TestedResource, query: Query, between = async () => {}) {
  const pages: string[][] = [];
  for (let cursor: string | undefined; pages.length === 0 || cursor !== undefined; ) {
    const { json } = await getPage(account, resource, { ...query, ...(cursor !== undefined && { cursor }) });
    pages.push(listIds(json));
    cursor = json.next_cursor;
    await between();
  }
  return pages;
}

/** Opens an account with records. */
async function openFilled(resource: TestedResource, count: number, replaced?: (index: number) => Json) {
  const account = await openAccount(server, http);
  return { account, ids: await account.createMany(resource, count, replaced) };
}

/** Returns a function that creates, updates or deletes a random record, and the number of its calls. */
function createWriter(account: Account, resource: TestedResource, updatable: string[], removableIds: string[]) {
  const random = seededRandom(seed);
  let count = 0;
  const take = (ids: string[]) => ids.splice(random(ids.length), 1)[0];
  const choose = async () => {
    const kind = random(removableIds.length > 0 && resource.has('delete') ? 3 : 2);
    if (kind === 0 || !resource.has('update')) return account.create(resource);
    const id = kind === 1 ? updatable[random(updatable.length)] : take(removableIds);
    const operation = resource.operation(kind === 1 ? 'update' : 'delete');
    const body = kind === 1 ? resource.changes[0] : undefined;
    return account.send(await targetFor(account, operation, id), { body });
  };
  const write = async () => {
    expect((await choose()).status).toBe(200);
    count += 1;
  };
  return { write, countWrites: () => count };
}

/** Lists changed cursors: cut at every length, with a character removed or a bit flipped, with text added. Also made-up ones. */
function listForgedCursors(cursor: string): string[] {
  const characters = [...cursor].map((character, at) => ({ code: character.charCodeAt(0), at }));
  const replace = (at: number, text: string) => cursor.slice(0, at) + text + cursor.slice(at + 1);
  return [
    ...characters.map(({ at }) => cursor.slice(0, at)),
    ...characters.map(({ at }) => replace(at, '')),
    ...[1, 2, 4].flatMap((bit) => characters.map(({ code, at }) => replace(at, String.fromCharCode(code ^ bit)))),
    ...[`${cursor}.`, `${cursor}=`, ` ${cursor}`, `${cursor}A`, '1', '0', '-1', 'null', 'x'.repeat(600)],
  ];
}

const paged = resources.filter(({ isPaged }) => isPaged);

describe.each(paged)('$name', (resource) => {
  test('are each returned once in order during writes', async () => {
    const { account, ids } = await openFilled(resource, soak(200, 600));
    const stableIds = ids.filter((_id, index) => index % 4 !== 0);
    const removableIds = ids.filter((_id, index) => index % 4 === 0);
    const { write, countWrites } = createWriter(account, resource, stableIds, removableIds);
    const writeTwice = async () => void (await Promise.all([write(), write()]));
    const limits = [7, 23, 50, 99, 150];
    const walks = await Promise.all(limits.map((limit) => walk(account, resource, { limit }, writeTwice)));
    console.log(
      `paging: ${limits.length} walks of ${walks.flat().length} pages during ${countWrites()} writes: each of the ` +
        `${stableIds.length} ${resource.name} that are not deleted once per walk, seed ${seed}`,
    );
    for (const seen of walks.map((pages) => pages.flat())) {
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((id) => stableIds.includes(id))).toEqual(stableIds);
    }
  });

  test('have no cursor on the last page', async () => {
    const { account, ids } = await openFilled(resource, 12);
    for (const limit of [1, 3, 5, 6, 11, 12, 13, 1_000]) {
      const pages = await walk(account, resource, { limit });
      const sizes = Array.from({ length: Math.ceil(12 / limit) }, (_, at) => Math.min(limit, 12 - at * limit));
      expect(pages.map(({ length }) => length)).toEqual(sizes);
      expect(pages.flat()).toEqual(ids);
    }
    expect(await walk(await openAccount(server, http), resource, { limit: 5 })).toEqual([[]]);
  });

  describe('with a filter', () => {
    /** Every second record differs in the values that the examples, enums and references of a create allow. */
    const vary = (parents: Json) => (index: number) => {
      const create = resource.operation('create');
      const enums = resource.filters.flatMap(({ field }) => {
        const values = fieldSchema(create, field).enum ?? [];
        return values.length > 0 ? [[field, values[index % Math.min(2, values.length)]]] : [];
      });
      const { [index % resource.newBodies.length]: { ...example } = {} } = resource.newBodies;
      for (const field of Object.keys(resource.references)) delete example[field];
      return { ...example, ...Object.fromEntries(enums), ...(index % 4 < 2 && parents) };
    };

    test.each(resource.filters)('by $field add up to the list', async ({ parameter, field }) => {
      const account = await openAccount(server, http);
      const parents = await openAccount(server, http, account.accountId);
      const ofOthers = await parents.newBody(resource);
      const references = Object.keys(resource.references).map((name) => [name, ofOthers[name]]);
      await account.createMany(resource, 16, vary(Object.fromEntries(references)));
      const records: Json[] = (await getPage(account, resource, {})).json.data;
      const wanted = valueAt(records[0] as Json, field);
      const filter = { [parameter.name]: wanted };
      const filtered = listIds((await getPage(account, resource, filter)).json);
      const isFound = (value: unknown) => typeof wanted === 'object' || isDeepStrictEqual(value, wanted);
      expect(filtered.length).toBeGreaterThan(5);
      if (typeof wanted !== 'object')
        expect(filtered).toEqual(records.filter((record) => isFound(valueAt(record, field))).map(({ id }) => id));
      expect((await walk(account, resource, { ...filter, limit: 4 })).flat()).toEqual(filtered);
    });
  });

  testOnce('have no limit in another spelling', async () => {
    const { account } = await openFilled(resource, 1);
    const list = await targetFor(account, resource.operation('list'));
    const values = 'Infinity|1e400|NaN|0x10| 5 |1e1|05|5.0|٥|9007199254740993|-1|0|1001|'.split('|');
    const malformed = 'limit|limit=5&limit=5|limit[]=5|limit[a]=5|limit=+5|limit=5%00|limit=5%0A|limit=null'.split('|');
    const queries = [...values.map((value) => `limit=${encodeURIComponent(value)}`), ...malformed];
    const responses = await Promise.all(queries.map((query) => account.send(`${list}?${query}`)));
    const accepted = queries.filter((_query, index) => (responses[index]?.status ?? 0) < 400);
    console.log(`paging: ${queries.length} malformed limits, ${accepted.length} accepted`);
    expect(accepted).toEqual([]);
    for (const { status, json } of responses.slice(0, values.length)) {
      expect({ status, fields: Object.keys(json.validation_errors) }).toEqual({ status: 422, fields: ['limit'] });
    }
  });

  describe('have a cursor', () => {
    const getCursor = async (account: Account) =>
      (await getPage(account, resource, { limit: 1 })).json.next_cursor as string;

    testOnce('that is rejected when it was changed or made up', async () => {
      const [ours, theirs] = [await openFilled(resource, 3), await openFilled(resource, 3)];
      const cursor = await getCursor(ours.account);
      const sealed = await Promise.all(
        resource.secrets.map(({ field }) =>
          server.database.rows(sql`SELECT ${sql.ref(field)} AS sealed FROM ${sql.table(resource.table)} LIMIT 1`),
        ),
      );
      const forged = [...listForgedCursors(cursor), await getCursor(theirs.account)];
      forged.push(...sealed.flat().map((row) => String(row.sealed)));
      const responses = await Promise.all(
        forged.map((each) => getPage(ours.account, resource, { limit: 1, cursor: each })),
      );
      const accepted = forged.filter((_each, index) => responses[index]?.status !== 422);
      console.log(`paging: ${forged.length} forged cursors, ${accepted.length} accepted`);
      expect(forged.length).toBeGreaterThanOrEqual(200);
      expect(accepted).toEqual([]);
      expect(listIds((await getPage(ours.account, resource, { limit: 1, cursor })).json)).toEqual([ours.ids[1]]);
    });

    test('that no other list takes', async () => {
      const { account } = await openFilled(resource, 3);
      const { accountId } = account;
      const own = resource.operation('list').operationId;
      const others = (Object.keys(operations) as (keyof typeof operations)[]).filter((id) => id !== own);
      const made = others.map((operation) => toCursor(server.keyRing, { operation, accountId, epoch: '' }, 1));
      for (const cursor of made) expect((await getPage(account, resource, { cursor })).status).toBe(422);
      const cursor = await getCursor(account);
      for (const other of paged.filter((each) => each !== resource))
        expect((await getPage(account, other, { cursor })).status).toBe(422);
    });

    test('that works with another filter and limit', async () => {
      const { account, ids } = await openFilled(resource, 10);
      const { next_cursor: cursor } = (await getPage(account, resource, { limit: 4 })).json;
      const [first] = (await getPage(account, resource, { limit: 1 })).json.data as Json[];
      const filters = resource.filters.map(({ parameter, field }) => [parameter.name, valueAt(first as Json, field)]);
      const { json } = await getPage(account, resource, { cursor, limit: 2, ...Object.fromEntries(filters) });
      expect(listIds(json)).toEqual(ids.slice(4, 6));
      expect((await getPage(account, resource, { cursor })).json.data).toHaveLength(6);
    });

    test.runIf(resource.has('delete'))('that works after the deletion of its record', async () => {
      const { account, ids } = await openFilled(resource, 3);
      const cursor = await getCursor(account);
      await account.send(await targetFor(account, resource.operation('delete'), ids[0]));
      expect(listIds((await getPage(account, resource, { cursor, limit: 1 })).json)).toEqual([ids[1]]);
    });

    test('that works after a restart with the same keys only', async () => {
      const { account, ids } = await openFilled(resource, 5);
      const { next_cursor: cursor } = (await getPage(account, resource, { limit: 2 })).json;
      const [, path] = (await targetFor(account, resource.operation('list'))).split(' ');
      for (const [keys, status] of [
        [secretKeys, 200],
        [makeKeyLine(new Date()), 422],
      ] as const) {
        await using restarted = await startServer({ store: server.store, secretKeys: keys });
        const headers = { Authorization: `Bearer ${account.token}` };
        const response = await restarted.fetch(`${path}?limit=2&cursor=${cursor}`, { headers });
        expect(response.status).toBe(status);
        if (status === 200) expect((await response.json()).data[0].id).toBe(ids[2]);
      }
    });
  });
});
