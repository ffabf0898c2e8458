// @databases none
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createOAuthAppsClient, ProblemError, type RequestEvent } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { seededRandom } from '../helpers/random.ts';
import { soak } from '../helpers/soak.ts';
import { timeLimit } from '../helpers/time-limits.ts';
import { faults, startUnreliableServer } from './unreliable-server.ts';

const valid = example('CreateOAuthApp');
const token = 'canary-token';
const seed = 20261122;
const retry = { limit: 5, backoffBase: 2, backoffLimit: 8 };
const timeouts = { timeout: timeLimit(150), totalTimeout: timeLimit(30_000) };
const createCount = soak(300, 1_000);

/** Chooses a random fault for two requests out of three, the same ones in every run. */
function randomFaults() {
  const random = seededRandom(seed);
  return () => faults[random(faults.length * 1.5)] ?? 'none';
}

/** Sends requests and returns their errors. */
async function sendAll(count: number, send: (index: number) => Promise<unknown>): Promise<Error[]> {
  const results = await mapInParallel([...Array(count).keys()], (index) =>
    send(index).then(
      () => undefined,
      (thrown: Error) => thrown,
    ),
  );
  return results.flatMap((error) => error ?? []);
}

test('no fault creates a second app', async () => {
  await using server = await startUnreliableServer(randomFaults());
  const events: RequestEvent[] = [];
  const onEvent = (event: RequestEvent) => events.push(event);
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts, onEvent });
  const errors = await sendAll(createCount, (index) => client.createOAuthApp({ ...valid, name: `App ${index}` }));
  const rowsByName = Map.groupBy(server.rows, ({ name }) => name);
  const duplicates = server.rows.length - rowsByName.size;
  console.log(
    `${createCount} creates, ${server.requests.length} requests, ${createCount - errors.length} successes, ` +
      `${rowsByName.size} stored, ${duplicates} duplicates, ${server.strays.length} at the second origin (seed ${seed})`,
  );
  expect(duplicates).toBe(0);
  expect(server.strays).toEqual([]);
  expect(server.requests.length).toBeGreaterThan(1.5 * createCount);
  // Every success has its app stored.
  expect(rowsByName.size).toBeGreaterThanOrEqual(createCount - errors.length);
  for (const { attempt, retryDelayMs = 0 } of events) {
    expect(retryDelayMs).toBeLessThanOrEqual(Math.min(retry.backoffLimit, retry.backoffBase * 2 ** (attempt - 1)));
  }
});

test('no error holds the token or the request body', async () => {
  await using server = await startUnreliableServer(randomFaults());
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry: { limit: 0 }, ...timeouts });
  const errors = await sendAll(200, () => client.createOAuthApp(valid));
  const texts = errors.map((error) => JSON.stringify(error) + error.stack + JSON.stringify(error.cause ?? {}));
  expect(errors.some((error) => error instanceof ProblemError)).toBe(true);
  expect(texts.filter((text) => text.includes(token) || text.includes(valid.client_secret))).toEqual([]);
});

test('a write without a key is sent once', async () => {
  await using server = await startUnreliableServer(randomFaults());
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts });
  await sendAll(200, (index) => client.updateOAuthApp('x', { name: `App ${index}` }));
  expect(server.requests.length).toBeGreaterThan(100);
  expect(new Set(server.requests.map(({ body }) => body)).size).toBe(server.requests.length);
  expect(server.strays).toEqual([]);
});

test('a followed redirect sends the body to another origin', async () => {
  await using server = await startUnreliableServer(() => 'redirect');
  await fetch(server.url, { method: 'POST', body: valid.client_secret });
  expect(server.strays).toEqual([` ${valid.client_secret}`]);
});

test.each([
  ['between attempts', 100],
  ['within an attempt', 60_000],
])('a request ends at its total timeout, %s', async (_name, timeout) => {
  await using server = await startUnreliableServer(() => 'commit and never respond');
  const totalTimeout = 450;
  const options = { timeout, totalTimeout, retry: { limit: 999, backoffBase: 1, backoffLimit: 1 } };
  const client = createOAuthAppsClient({ baseUrl: server.url, token, ...options });
  // Timers of one event loop expire in the order of their times, on a busy machine too.
  const later = setTimeout(4 * totalTimeout, 'later');
  const requests = Promise.all(Array.from({ length: 16 }, () => client.listOAuthApps().catch(({ name }) => name)));
  expect(await Promise.race([requests, later])).toEqual(Array(16).fill('TimeoutError'));
});
