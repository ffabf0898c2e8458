// @databases none
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type ClientOptions,
  ConnectionError,
  createOAuthAppsClient,
  ProblemError,
  type RequestEvent,
} from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { mapInParallel } from '../helpers/parallel.ts';
import { seededRandom } from '../helpers/random.ts';
import { soak } from '../helpers/soak.ts';
import { attemptTimeout, replaceAttemptTimers } from './attempt-timers.ts';
import { type Fault, faults, startUnreliableServer, type UnreliableOptions } from './unreliable-server.ts';

type UnreliableServer = Awaited<ReturnType<typeof startUnreliableServer>>;

const valid = example('CreateOAuthApp');
const token = 'canary-token';
const seed = 20261122;
const retry = { limit: 5, backoffBase: 2, backoffLimit: 8 };
/** The total timeout is an hour, which no test takes. */
const timeouts = { timeout: attemptTimeout, totalTimeout: 3_600_000 };
const createCount = soak(80, 1_000);
const changeCount = soak(30, 500);

/** Chooses a random fault for two requests out of three, the same ones in every run. */
function randomFaults() {
  const random = seededRandom(seed);
  return () => faults[random(faults.length * 1.5)] ?? 'none';
}

let timers: ReturnType<typeof replaceAttemptTimers>;
beforeEach(() => {
  timers = replaceAttemptTimers();
});
afterEach(() => timers[Symbol.dispose]());

const startServer = (chooseFault: (requestNumber: number) => Fault, support: UnreliableOptions = {}) =>
  startUnreliableServer(chooseFault, { onSilence: timers.onSilence, ...support });

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

/** Creates apps, each with a name of its own. Returns the errors, and the number of apps that were stored twice. */
async function createApps(server: UnreliableServer, options: Partial<ClientOptions>) {
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts, ...options });
  const errors = await sendAll(createCount, (index) => client.createOAuthApp({ ...valid, name: `App ${index}` }));
  const names = new Set(server.rows.map(({ name }) => name));
  const doubled = server.rows.length - names.size;
  console.log(
    `${createCount} creates, ${server.requests.length} requests, ${createCount - errors.length} successes, ` +
      `${names.size} stored, ${doubled} doubled, ${server.strays.length} at the second origin (seed ${seed})`,
  );
  expect(doubled).toBe(0);
  expect(server.strays).toEqual([]);
  // Every success has its app stored.
  expect(names.size).toBeGreaterThanOrEqual(createCount - errors.length);
  return errors;
}

test('no fault creates a second app', async () => {
  await using server = await startServer(randomFaults());
  const events: RequestEvent[] = [];
  const onEvent = (event: RequestEvent) => events.push(event);
  await createApps(server, { onEvent, idempotencyKeys: true });
  expect(server.requests.length).toBeGreaterThan(1.5 * createCount);
  for (const { attempt, retryDelayMs = 0 } of events) {
    expect(retryDelayMs).toBeLessThanOrEqual(Math.min(retry.backoffLimit, retry.backoffBase * 2 ** (attempt - 1)));
  }
});

test('a server that does not know keys stores each app once', async () => {
  await using server = await startServer(randomFaults(), { keys: false });
  const errors = await createApps(server, {});
  expect(server.requests.length).toBe(createCount);
  expect(errors.length).toBeGreaterThan(createCount / 3);
});

test('a create that has not arrived is sent again', async () => {
  await using server = await startServer(() => 'none', { keys: false });
  const closed = await startServer(() => 'none');
  await closed[Symbol.asyncDispose]();
  const refused = new Set<string>();
  const fetchWithRefusals = async (request: Request) => {
    const body = await request.clone().text();
    const isFirst = !refused.has(body);
    refused.add(body);
    return fetch(isFirst ? closed.url : request);
  };
  await createApps(server, { fetch: fetchWithRefusals });
  expect(server.rows.length).toBe(createCount);
});

/** Appends a word of its own to the name of an app per change. Returns the words, and those whose change succeeded. */
async function changeApps(server: UnreliableServer, options: Partial<ClientOptions> = {}) {
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts, ...options });
  const apps = Array.from({ length: 5 }, (_, index) => server.create(`App ${index}`));
  const done: string[] = [];
  const errors = await sendAll(changeCount, async (index) => {
    await client.changeOAuthApp(apps[index % apps.length]?.id ?? '', ({ name }) => ({ name: `${name},${index}` }));
    done.push(String(index));
  });
  const words = server.rows.flatMap(({ name }) => name.split(',').slice(1));
  const [doubled, lost] = [words.length - new Set(words).size, done.filter((word) => !words.includes(word)).length];
  console.log(
    `${changeCount} changes, ${server.requests.length} requests, ${done.length} successes, ${doubled} doubled, ` +
      `${lost} lost, ${server.strays.length} at the second origin (seed ${seed})`,
  );
  expect({ doubled, lost, strays: server.strays }).toEqual({ doubled: 0, lost: 0, strays: [] });
  return { done, errors };
}

test('no fault doubles or loses a change', async () => {
  await using server = await startServer(randomFaults());
  const { done, errors } = await changeApps(server);
  expect(done.length).toBeGreaterThan(changeCount / 10);
  expect(errors.some((error) => error instanceof ConnectionError && error.mayHaveArrived)).toBe(true);
});

test.each(['weak', 'none'] as const)('a change fails at a server whose ETag is %s', async (etags) => {
  await using server = await startServer(() => 'none', { etags });
  const { done, errors } = await changeApps(server);
  expect(done).toEqual([]);
  expect(errors[0]).toMatchObject({ name: 'ProblemError', message: expect.stringContaining('no strong ETag') });
  expect(server.requests.every(({ method }) => method === 'GET')).toBe(true);
});

test('no error holds the token or the request body', async () => {
  await using server = await startServer(randomFaults());
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry: { limit: 0 }, ...timeouts });
  const errors = await sendAll(100, () => client.createOAuthApp(valid));
  const texts = errors.map((error) => JSON.stringify(error) + error.stack + JSON.stringify(error.cause ?? {}));
  expect(errors.some((error) => error instanceof ProblemError)).toBe(true);
  expect(texts.filter((text) => text.includes(token) || text.includes(valid.client_secret))).toEqual([]);
});

/** Whether a response asks to send the request again. */
const asksToRetry = (fault: Fault) => /at once|to retry|limit the rate/.test(fault);

test('a write without a key is sent once', async () => {
  const chooseFault = randomFaults();
  await using server = await startServer(() => {
    const fault = chooseFault();
    return asksToRetry(fault) ? 'fail' : fault;
  });
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts });
  await sendAll(100, (index) => client.updateOAuthApp('x', { name: `App ${index}` }));
  expect(server.requests.length).toBeGreaterThan(50);
  expect(new Set(server.requests.map(({ body }) => body)).size).toBe(server.requests.length);
  expect(server.strays).toEqual([]);
});

test.each(faults.filter(asksToRetry))('an update that is %s is sent again, a create is not', async (fault) => {
  await using server = await startServer((number) => (number === 1 ? fault : 'none'));
  const { id } = server.create('App');
  const client = createOAuthAppsClient({ baseUrl: server.url, token, retry, ...timeouts });
  expect((await client.updateOAuthApp(id, { name: 'New' })).name).toBe('New');
  expect(server.requests).toHaveLength(2);
  await using second = await startServer(() => fault);
  const creates = createOAuthAppsClient({ baseUrl: second.url, token, retry, ...timeouts });
  await expect(creates.createOAuthApp(valid)).rejects.toMatchObject({ retryAfter: 0, operation: 'createOAuthApp' });
  expect(second.requests).toHaveLength(1);
});

test('a followed redirect sends the body to another origin', async () => {
  await using server = await startServer(() => 'redirect');
  await fetch(server.url, { method: 'POST', body: valid.client_secret });
  expect(server.strays).toEqual([` ${valid.client_secret}`]);
});

test.each([
  ['between attempts', 100],
  ['within an attempt', 60_000],
])('a request ends at its total timeout, %s', async (_name, timeout) => {
  await using server = await startServer(() => 'commit and never respond');
  const totalTimeout = 450;
  const options = { timeout, totalTimeout, retry: { limit: 999, backoffBase: 1, backoffLimit: 1 } };
  const client = createOAuthAppsClient({ baseUrl: server.url, token, ...options });
  // Timers of one event loop expire in the order of their times, on a busy machine too.
  const later = setTimeout(4 * totalTimeout, 'later');
  const requests = Promise.all(Array.from({ length: 16 }, () => client.listOAuthApps().catch(({ name }) => name)));
  expect(await Promise.race([requests, later])).toEqual(Array(16).fill('TimeoutError'));
});
