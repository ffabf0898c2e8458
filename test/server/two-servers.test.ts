import { afterAll, beforeAll, expect, test } from 'vitest';
import { createToken } from '../helpers/deployment-data.ts';
import { example } from '../helpers/examples.ts';
import { createDeployment, type DeployedServer, type Deployment } from '../helpers/server-process.ts';
import { soak } from '../helpers/soak.ts';

const apps = '/v1/oauth-apps';
const valid = example('CreateOAuthApp');
const rounds = 20;
let deployment: Deployment;
/** One is another process. */
let servers: [DeployedServer, DeployedServer];
beforeAll(async () => {
  deployment = await createDeployment();
  const env = { API_TOKEN: 'YOUR_API_TOKEN' };
  servers = await Promise.all([deployment.startServer(env), deployment.startServerHere(env)]);
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  await deployment[Symbol.asyncDispose]();
});

/** Returns the servers, in another order in every other round. */
const orderServers = (round: number) => (round % 2 === 0 ? servers : [...servers].reverse()) as typeof servers;

test('a new token is valid at once on both', async () => {
  const { token } = await createToken(deployment, 'fresh');
  for (const { send } of servers) expect((await send(`GET ${apps}`, { token })).status).toBe(200);
});

test('a revoked token is rejected at once on both', async () => {
  const statuses: number[] = [];
  for (let round = 0; round < soak(2, 4); round += 1) {
    const { id, token } = await createToken(deployment, 'leaving');
    const sendToBoth = () =>
      Promise.all(orderServers(round).map(async ({ send }) => (await send(`GET ${apps}`, { token })).status));
    expect(await sendToBoth()).toEqual([200, 200]);
    expect(await deployment.runCommand(['token', 'revoke', id])).toMatchObject({ code: 0 });
    statuses.push(...(await sendToBoth()));
  }
  console.log(`two servers: ${statuses.length} requests with revoked tokens: ${[...new Set(statuses)]}`);
  expect(new Set(statuses)).toEqual(new Set([401]));
});

test('a repeated request on the other gets the first response', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const [one, other] = orderServers(round);
    const options = { headers: { 'Idempotency-Key': `key-${round}` }, body: { ...valid, name: `app ${round}` } };
    const first = await one.send(`POST ${apps}`, options);
    const again = await other.send(`POST ${apps}`, options);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect([again.text, again.headers.etag]).toEqual([first.text, first.headers.etag]);
    const different = await other.send(`POST ${apps}`, { ...options, body: valid });
    expect(different.status).toBe(422);
  }
});

test('a write on one is read on the other', async () => {
  for (let round = 0; round < rounds; round += 1) {
    const [one, other] = orderServers(round);
    const { id } = (await one.send(`POST ${apps}`, { body: valid })).json;
    expect((await other.send(`GET ${apps}/${id}`)).json.name).toBe(valid.name);
    await other.send(`PATCH ${apps}/${id}`, { body: { name: `New ${round}` } });
    expect((await one.send(`GET ${apps}/${id}`)).json.name).toBe(`New ${round}`);
    await one.send(`DELETE ${apps}/${id}`);
    expect((await other.send(`GET ${apps}/${id}`)).status).toBe(404);
  }
});

test('a stale ETag of one fails on the other', async () => {
  const { json, headers } = await servers[0].send(`POST ${apps}`, { body: valid });
  const path = `${apps}/${json.id}`;
  let etag = headers.etag ?? '';
  for (let round = 0; round < rounds; round += 1) {
    const [one, other] = orderServers(round);
    const options = { headers: { 'If-Match': etag }, body: { name: `New ${round}` } };
    const written = await one.send(`PATCH ${path}`, options);
    expect([written.status, (await other.send(`PATCH ${path}`, options)).status]).toEqual([200, 412]);
    etag = written.headers.etag ?? '';
    expect((await other.send(`GET ${path}`, { headers: { 'If-None-Match': etag } })).status).toBe(304);
  }
});

test('a cursor of one works on the other', async () => {
  const { token } = await createToken(deployment, 'paging');
  const ids: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ids.push((await orderServers(round)[0].send(`POST ${apps}`, { token, body: valid })).json.id);
  }
  const seen: string[] = [];
  let cursor = '';
  for (let round = 0; round === 0 || cursor !== ''; round += 1) {
    const { json } = await orderServers(round)[0].send(`GET ${apps}?limit=3${cursor && `&cursor=${cursor}`}`, {
      token,
    });
    seen.push(...json.data.map(({ id }: { id: string }) => id));
    cursor = json.next_cursor ?? '';
  }
  expect(seen).toEqual(ids);
});

test('the audit has the writes of both', async () => {
  const { token } = await createToken(deployment, 'audited');
  const requests: unknown[] = [];
  for (let round = 0; round < rounds; round += 1) {
    requests.push((await orderServers(round)[0].send(`POST ${apps}`, { token, body: valid })).headers['x-request-id']);
  }
  const { stdout } = await deployment.runCommand(['audit', '--account', 'audited']);
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('\t').at(-1))
      // The command that made the token had no request.
      .filter((request) => request !== '-'),
  ).toEqual(requests);
});
