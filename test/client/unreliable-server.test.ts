import { monitorEventLoopDelay } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { type CallEvent, createOAuthAppsClient, type Patience, ProblemError } from '../../client/index.ts';
import { example } from '../helpers/examples.ts';
import { inParallel } from '../helpers/parallel.ts';
import { seededRandom } from '../helpers/random.ts';
import { faults, startUnreliableServer } from '../helpers/unreliable-server.ts';

const valid = example('CreateOAuthApp');
const token = 'canary-token';
const seed = 20261122;
const hasty: Patience = { perTry: 150, perCall: 2_000, tries: 6, pause: 2, longestPause: 8 };
const callCount = 1_000;
/** What a busy machine may add to a time that is measured. */
const slackMilliseconds = 250;

/** Any fault in two requests out of three, the same ones in every run. */
function anyFault() {
  const random = seededRandom(seed);
  return () => faults[random(faults.length * 1.5)] ?? 'none';
}

/** Runs calls and tells how they ended, how long the slowest took, and how late this process was itself at most. */
async function timed(count: number, call: (index: number) => Promise<unknown>) {
  const delays = monitorEventLoopDelay({ resolution: 5 });
  delays.enable();
  const ends = await inParallel([...Array(count).keys()], async (index) => {
    const start = performance.now();
    const error = await call(index).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    return { error, milliseconds: performance.now() - start };
  });
  delays.disable();
  const slowest = Math.round(Math.max(...ends.map(({ milliseconds }) => milliseconds)));
  return { errors: ends.flatMap(({ error }) => error ?? []), slowest, lag: Math.ceil(delays.max / 1e6) };
}

test('no fault makes a second app', async () => {
  await using server = await startUnreliableServer(anyFault());
  const pauses: CallEvent[] = [];
  const options = { baseUrl: server.url, token, patience: hasty, onEvent: (event: CallEvent) => pauses.push(event) };
  const client = createOAuthAppsClient(options);
  const { errors, slowest, lag } = await timed(callCount, (index) =>
    client.createOAuthApp({ ...valid, name: `App ${index}` }),
  );
  const rowsByName = Map.groupBy(server.rows, ({ name }) => name);
  const duplicates = server.rows.length - rowsByName.size;
  console.log(
    `${callCount} creates, ${server.requests.length} requests, ${callCount - errors.length} answered, ` +
      `${rowsByName.size} kept, ${duplicates} duplicates, ${server.strays.length} at the second origin, ` +
      `slowest ${slowest} of ${hasty.perCall} ms (seed ${seed})`,
  );
  expect(duplicates).toBe(0);
  expect(server.strays).toEqual([]);
  expect(slowest).toBeLessThanOrEqual(hasty.perCall + lag + slackMilliseconds);
  expect(server.requests.length).toBeGreaterThan(1.5 * callCount);
  // Whoever got an answer finds the app.
  expect(rowsByName.size).toBeGreaterThanOrEqual(callCount - errors.length);
  for (const { attempt, retryInMilliseconds = 0 } of pauses) {
    expect(retryInMilliseconds).toBeLessThanOrEqual(Math.min(hasty.longestPause, hasty.pause * 2 ** (attempt - 1)));
  }
});

test('no error tells the token or the body', async () => {
  await using server = await startUnreliableServer(anyFault());
  const client = createOAuthAppsClient({ baseUrl: server.url, token, patience: { ...hasty, tries: 1 } });
  const { errors } = await timed(200, () => client.createOAuthApp(valid));
  const told = errors.map((error) => JSON.stringify(error) + error.stack + JSON.stringify(error.cause ?? {}));
  expect(errors.some((error) => error instanceof ProblemError)).toBe(true);
  expect(told.filter((text) => text.includes(token) || text.includes(valid.client_secret))).toEqual([]);
});

test('a write without a key is sent once', async () => {
  await using server = await startUnreliableServer(anyFault());
  const client = createOAuthAppsClient({ baseUrl: server.url, token, patience: hasty });
  await timed(200, (index) => client.updateOAuthApp('x', { name: `App ${index}` }));
  expect(server.requests.length).toBeGreaterThan(100);
  expect(new Set(server.requests.map(({ body }) => body)).size).toBe(server.requests.length);
  expect(server.strays).toEqual([]);
});

test('a redirect that is followed would carry the body away', async () => {
  await using server = await startUnreliableServer(() => 'redirect');
  await fetch(server.url, { method: 'POST', body: valid.client_secret });
  expect(server.strays).toEqual([` ${valid.client_secret}`]);
});

test('a call ends at its limit', async () => {
  await using server = await startUnreliableServer(() => 'commit and never answer');
  const patience = { perTry: 100, perCall: 450, tries: 1_000, pause: 1, longestPause: 1 };
  const client = createOAuthAppsClient({ baseUrl: server.url, token, patience });
  const { errors, slowest, lag } = await timed(48, () => client.listOAuthApps());
  console.log(
    `48 calls without an answer: slowest ${slowest} of ${patience.perCall} ms, this process late by ${lag} ms`,
  );
  expect(errors).toHaveLength(48);
  expect(new Set(errors.map(({ name }) => name))).toEqual(new Set(['TimeoutError']));
  expect(slowest).toBeLessThanOrEqual(patience.perCall + lag + slackMilliseconds);
});
