// @databases none
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failedAuthentications, networkOf } from '../../server/http/failed-authentications.ts';
import { mintToken } from '../../server/keys/tokens.ts';
import { createLog, silentLog } from '../../server/log.ts';
import { createHttpClient, type HttpClient } from '../helpers/http-client.ts';
import { listProblemDefects } from '../helpers/problems.ts';
import { startServer, type TestServer } from '../helpers/server.ts';

const list = 'GET /v1/oauth-apps';
const limit = 5;
const logged: string[] = [];
let server: TestServer;
let http: HttpClient;
let later: string;
beforeAll(async () => {
  server = await startServer({
    failedAuthLimit: limit,
    log: createLog('warn', { write: (text) => logged.push(text) }),
  });
  http = createHttpClient(server.url, server.token);
  later = await server.createToken();
});
afterAll(async () => {
  http.close();
  await server[Symbol.asyncDispose]();
});

test('wrong tokens over the limit get 429 and are logged', async () => {
  expect(await http.send(list)).toMatchObject({ status: 200 });
  // Requests without a token guess nothing.
  for (let count = 0; count < 2 * limit; count += 1)
    expect(await http.send(list, { token: '' })).toMatchObject({
      status: 401,
    });
  for (let count = 0; count < limit; count += 1)
    expect(await http.send(list, { token: count % 2 ? 'wrong' : mintToken() })).toMatchObject({ status: 401 });
  const limited = await http.send(list, { token: mintToken() });
  expect(limited).toMatchObject({ status: 429, headers: { 'retry-after': expect.stringMatching(/^\d\d?$/) } });
  expect(listProblemDefects(limited)).toEqual([]);
  for (const target of ['GET /v1/nothing', 'DELETE /v1/oauth-apps', 'POST /v1/oauth-apps'])
    expect(await http.send(target, { token: 'wrong' })).toMatchObject({ status: 429 });
  // A token that was accepted before goes on; one that was not cannot be told from a guess.
  expect(await http.send(list)).toMatchObject({ status: 200 });
  expect(await http.send(list, { token: later })).toMatchObject({ status: 429 });
  expect(logged.filter((line) => line.includes(`${limit} requests with wrong tokens from 127.0.0.1`))).toHaveLength(1);
});

test('each server counts for itself', async () => {
  await using other = await startServer({ store: server.store, failedAuthLimit: limit });
  const statusOf = async (token: string) =>
    (await fetch(`${other.url}/v1/oauth-apps`, { headers: { Authorization: `Bearer ${token}` } })).status;
  // The first server has this address over its limit.
  expect(await http.send(list, { token: 'wrong' })).toMatchObject({ status: 429 });
  expect([await statusOf('wrong'), await statusOf(later)]).toEqual([401, 200]);
});

describe('wrong tokens are counted', () => {
  const create = () => {
    let time = 0;
    const failures = failedAuthentications(2, silentLog, () => time);
    const pass = (milliseconds: number) => {
      time += milliseconds;
    };
    return { ...failures, pass };
  };

  test('by minute', () => {
    const { record, millisecondsBlocked, pass } = create();
    for (const token of ['a', 'b']) record('1.2.3.4', token, false);
    pass(59_000);
    expect(millisecondsBlocked('1.2.3.4', 'c')).toBe(1_000);
    pass(1_000);
    expect(millisecondsBlocked('1.2.3.4', 'c')).toBe(0);
    record('1.2.3.4', 'c', false);
    expect(millisecondsBlocked('1.2.3.4', 'd')).toBe(0);
  });

  test('by address, and by network for IPv6', () => {
    const { record, millisecondsBlocked } = create();
    for (const end of ['1', '2']) record(`2001:db8:0:1::${end}`, 'a', false);
    expect(millisecondsBlocked('2001:db8:0:1:ffff::3', 'b')).toBeGreaterThan(0);
    expect(millisecondsBlocked('2001:db8:0:2::1', 'b')).toBe(0);
    for (const address of ['::ffff:1.2.3.4', '1.2.3.4']) record(address, 'a', false);
    expect(millisecondsBlocked('1.2.3.4', 'b')).toBeGreaterThan(0);
    expect(['::1', 'fe80::1', '', '::'].map(networkOf)).toEqual(['0:0:0:0', 'fe80:0:0:0', '', '0:0:0:0']);
  });

  test('in bounded memory', () => {
    const { record, millisecondsBlocked } = create();
    for (const token of ['a', 'b']) record('1.2.3.4', token, false);
    for (let index = 0; index < 10_000; index += 1) record(`10.0.${index >> 8}.${index & 255}`, 'a', false);
    expect(millisecondsBlocked('1.2.3.4', 'c')).toBe(0);
  });
});
