import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CreateOAuthApp } from '../../generated/types.ts';
import { makeKeyLine } from '../../server/keys/key-ring.ts';
import { toCursor } from '../../server/resource/cursor.ts';
import { example } from '../helpers/examples.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { insertApps } from '../helpers/inserted-apps.ts';
import { testOnce } from '../helpers/once.ts';
import { seededRandom } from '../helpers/random.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const seed = 20261122;
const apps = '/v1/oauth-apps';
const secretKeys = makeKeyLine(new Date());
let server: TestServer;
let http: HttpClient;
beforeAll(async () => {
  server = await startServer({ secretKeys, maxAppsPerAccount: 5_000 });
  http = createHttpClient(server.url, server.token);
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

type Query = Readonly<Record<string, string | number>>;

/** Gets one page of an account's list. */
async function getPage(query: Query, token?: string) {
  const parameters = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return http.send(`GET ${apps}?${parameters}`, { token });
}

const listIds = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);

/** Reads all pages and returns the ids of each. `between` runs after each page. */
async function walk(query: Query, token: string, between = async () => {}) {
  const pages: string[][] = [];
  for (let cursor: string | undefined; pages.length === 0 || cursor !== undefined; ) {
    const { json } = await getPage({ ...query, ...(cursor !== undefined && { cursor }) }, token);
    pages.push(listIds(json));
    cursor = json.next_cursor;
    await between();
  }
  return pages;
}

/** Creates an account with `appsEach` apps. */
async function createAccount(appsEach: number) {
  const accountId = crypto.randomUUID();
  const inserted = await insertApps(server.database, server.keyRing, { accounts: [accountId], appsEach });
  return { accountId, ids: inserted.map(({ id }) => id), token: await server.createToken({ accountId }) };
}

/** Returns a function that creates, updates or deletes a random app, and the number of its calls. */
function createWriter(token: string, updatable: string[], removableIds: string[]) {
  const random = seededRandom(seed);
  let count = 0;
  const choose = (): [target: string, body?: object] => {
    const kind = random(removableIds.length > 0 ? 3 : 2);
    if (kind === 0) return [`POST ${apps}`, example('CreateOAuthApp')];
    if (kind === 1) return [`PATCH ${apps}/${updatable[random(updatable.length)]}`, { name: 'New' }];
    return [`DELETE ${apps}/${removableIds.splice(random(removableIds.length), 1)[0]}`];
  };
  const write = async () => {
    const [target, body] = choose();
    expect((await http.send(target, { token, body })).status).toBe(200);
    count += 1;
  };
  return { write, countWrites: () => count };
}

test('walks during writes return each app once in order', async () => {
  const { ids, token } = await createAccount(600);
  const stableIds = ids.filter((_id, index) => index % 4 !== 0);
  const removableIds = ids.filter((_id, index) => index % 4 === 0);
  const { write, countWrites } = createWriter(token, stableIds, removableIds);
  const writeTwice = async () => void (await Promise.all([write(), write()]));
  const limits = [7, 23, 50, 99, 150];
  const walks = await Promise.all(limits.map((limit) => walk({ limit }, token, writeTwice)));
  console.log(
    `paging: ${limits.length} walks of ${walks.flat().length} pages during ${countWrites()} writes: each of the ` +
      `${stableIds.length} apps that are not deleted once per walk, seed ${seed}`,
  );
  for (const seen of walks.map((pages) => pages.flat())) {
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => stableIds.includes(id))).toEqual(stableIds);
  }
});

describe('the last page has no cursor with', () => {
  test.each([
    [9, 10, [9]],
    [10, 10, [10]],
    [11, 10, [10, 1]],
    [20, 10, [10, 10]],
    [3, 1, [1, 1, 1]],
    [3, 1_000, [3]],
    [0, 5, [0]],
  ])('%i apps by %i', async (count, limit, sizes) => {
    const { token, ids } = await createAccount(count);
    const pages = await walk({ limit }, token);
    expect(pages.map(({ length }) => length)).toEqual(sizes);
    expect(pages.flat()).toEqual(ids);
  });
});

test('pages of a filtered list add up to the list', async () => {
  const { token } = await createAccount(0);
  const random = seededRandom(seed);
  for (let index = 0; index < 60; index += 1) {
    const provider = random(2) === 0 ? 'github' : 'stripe';
    const body: CreateOAuthApp = { ...example('CreateOAuthApp'), provider, metadata: { third: random(3) } };
    await http.send(`POST ${apps}`, { token, body });
  }
  const filters: Query[] = [{ provider: 'github' }, { metadata: '{"third":1}' }, { 'health.status': 'ok' }];
  for (const filter of filters) {
    const whole = listIds((await getPage(filter, token)).json);
    expect(whole.length).toBeGreaterThan(5);
    expect((await walk({ ...filter, limit: 4 }, token)).flat()).toEqual(whole);
  }
});

testOnce('a limit in another spelling is rejected', async () => {
  const values = 'Infinity|1e400|NaN|0x10| 5 |1e1|05|5.0|٥|9007199254740993|-1|0|1001|'.split('|');
  const malformedQueries = 'limit|limit=5&limit=5|limit[]=5|limit[a]=5|limit=+5|limit=5%00|limit=5%0A|limit=null'.split(
    '|',
  );
  const queries = [...values.map((value) => `limit=${encodeURIComponent(value)}`), ...malformedQueries];
  const responses = await Promise.all(queries.map((query) => http.send(`GET ${apps}?${query}`)));
  const accepted = queries.filter((_query, index) => (responses[index]?.status ?? 0) < 400);
  console.log(`paging: ${queries.length} malformed limits, ${accepted.length} accepted`);
  expect(accepted).toEqual([]);
  for (const { status, json } of responses.slice(0, values.length)) {
    expect({ status, fields: Object.keys(json.validation_errors) }).toEqual({ status: 422, fields: ['limit'] });
  }
});

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

describe('a cursor', () => {
  const getCursor = async (token: string) => (await getPage({ limit: 1 }, token)).json.next_cursor as string;

  testOnce('that was changed or made up is rejected', async () => {
    const [ours, theirs] = [await createAccount(3), await createAccount(3)];
    const cursor = await getCursor(ours.token);
    const [{ client_secret: sealed } = {}] = await server.database.rows(sql`SELECT client_secret FROM oauth_apps`);
    const ofOtherList = toCursor(server.keyRing, { operation: 'getOAuthApp', accountId: ours.accountId, epoch: '' }, 1);
    const forged = [...listForgedCursors(cursor), await getCursor(theirs.token), String(sealed), ofOtherList];
    const responses = await Promise.all(forged.map((each) => getPage({ limit: 1, cursor: each }, ours.token)));
    const accepted = forged.filter((_each, index) => responses[index]?.status !== 422);
    console.log(`paging: ${forged.length} forged cursors, ${accepted.length} accepted`);
    expect(forged.length).toBeGreaterThanOrEqual(200);
    expect(accepted).toEqual([]);
    expect(listIds((await getPage({ limit: 1, cursor }, ours.token)).json)).toEqual([ours.ids[1]]);
  });

  test('works with another filter and limit', async () => {
    const { token, ids } = await createAccount(10);
    const { next_cursor: cursor } = (await getPage({ limit: 4 }, token)).json;
    const { json } = await getPage({ cursor, limit: 2, provider: 'stripe' }, token);
    expect(listIds(json)).toEqual(ids.slice(4, 6));
    expect((await getPage({ cursor }, token)).json.data).toHaveLength(6);
    expect((await getPage({ cursor, provider: 'github' }, token)).json).toEqual({ data: [] });
  });

  test('works after the deletion of its app', async () => {
    const { token, ids } = await createAccount(3);
    const cursor = await getCursor(token);
    await http.send(`DELETE ${apps}/${ids[0]}`, { token });
    expect(listIds((await getPage({ cursor, limit: 1 }, token)).json)).toEqual([ids[1]]);
  });

  test('works after a restart with the same keys only', async () => {
    const { token, ids } = await createAccount(5);
    const { next_cursor: cursor } = (await getPage({ limit: 2 }, token)).json;
    for (const [keys, status] of [
      [secretKeys, 200],
      [makeKeyLine(new Date()), 422],
    ] as const) {
      await using restarted = await startServer({ store: server.store, secretKeys: keys });
      const headers = { Authorization: `Bearer ${token}` };
      const response = await restarted.fetch(`${apps}?limit=2&cursor=${cursor}`, { headers });
      expect(response.status).toBe(status);
      if (status === 200) expect((await response.json()).data[0].id).toBe(ids[2]);
    }
  });
});
