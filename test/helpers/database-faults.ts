import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestDatabase } from './databases.ts';
import { checkDurability } from './durability-check.ts';
import { example } from './examples.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { isSoak } from './soak.ts';
import { startWriters } from './writers.ts';

/** The server and the database that a fault affects. */
export interface FaultTarget {
  readonly name: string;
  readonly send: HttpClient['send'];
  readonly database: TestDatabase;
  /** The key line that the secrets are sealed under. */
  readonly keys: string;
  /** Returns the log of the server so far. */
  readonly logged: () => string;
}

/** A fault of a database, and the responses of the server while it lasts. */
export interface DatabaseFault {
  readonly name: string;
  readonly expected: Readonly<Record<'write' | 'read' | 'ready', 200 | 503 | 'either'>>;
  /** The error codes of the database that the log must contain. */
  readonly code: RegExp;
  /** Injects the fault. Disposing of the result ends it. */
  readonly inject: (target: FaultTarget) => Promise<AsyncDisposable>;
  /** Whether some writes still succeed. The writers stop before such a fault, and only a rejected write is observed. */
  readonly affectsSomeWrites?: boolean;
}

const apps = '/v1/oauth-apps';
const seed = 20261122;
const writesBefore = 40;
/** The limit of responses and recovery in the long form of the tests. Elsewhere both are printed. */
const limitMilliseconds = 5_000;
/** Longer than the free space of any database page. */
const body = { ...example('CreateOAuthApp'), metadata: { probe: true, long: 'x'.repeat(12_000) } };

async function timed(sent: Promise<HttpResponse>) {
  const start = performance.now();
  const response = await sent;
  return { response, status: response.status, milliseconds: Math.round(performance.now() - start) };
}

/** Sends creates until one is rejected. Returns it with the number of successful ones. */
async function findRejected({ send }: FaultTarget) {
  for (let created = 0; ; created += 1) {
    const observed = await timed(send(`POST ${apps}`, { body }));
    if (observed.status !== 200 || created > 1_000) return { ...observed, created };
  }
}

/** Sends a request until it succeeds. Returns the milliseconds since `start`. */
async function waitForRecovery(start: number, send: () => Promise<HttpResponse>): Promise<number> {
  while ((await send()).status !== 200) await delay(20);
  return Math.round(performance.now() - start);
}

/** The number of rejected writes after which the server has to know that writes fail. */
const maxRejected = 50;

/**
 * Returns the responses to a write, a read and both health checks during a fault. If reads succeed, the server notices the
 * fault only by a failed write, and a smaller write may succeed after it: readiness is then asked for after further ones.
 */
async function observe(target: FaultTarget, { expected }: DatabaseFault) {
  const { send } = target;
  const [write, read, health, ready] = await Promise.all([
    findRejected(target),
    timed(send(`GET ${apps}/unknown`)),
    timed(send('GET /healthz')),
    timed(send('GET /readyz')),
  ]);
  let last = ready.status === 503 ? ready : await timed(send('GET /readyz'));
  for (let count = 0; expected.ready === 503 && last.status === 200 && count < maxRejected; count += 1) {
    await findRejected(target);
    last = await timed(send('GET /readyz'));
  }
  return { write, read, health, ready: last };
}

type Statuses = Readonly<Record<'write' | 'read' | 'ready', number | string>>;

const describeStatuses = ({ write, read, ready }: Statuses) => `write ${write}, read ${read}, readyz ${ready}`;

/** Lists the distinct error codes in a log. */
const listCodes = (log: string) => [...new Set(Array.from(log.matchAll(/"code":"(\w+)"/g), ([, code]) => code))];

/** Injects a fault during writes, prints the observed responses, and expects those of the fault. */
export async function injectFault(target: FaultTarget, fault: DatabaseFault): Promise<void> {
  const { send, database, keys, logged } = target;
  const loggedBefore = logged().length;
  const writers = startWriters(send, seed);
  await writers.waitForWrites(writesBefore);
  if (fault.affectsSomeWrites) await writers.stop();
  const injected = await fault.inject(target);
  const { write, read, health, ready } = await observe(target, fault);
  const start = performance.now();
  await injected[Symbol.asyncDispose]();
  const recoveryMilliseconds = Math.max(
    await waitForRecovery(start, () => send(`POST ${apps}`, { body })),
    await waitForRecovery(start, () => send('GET /readyz')),
  );
  if (!fault.affectsSomeWrites) await writers.waitForWrites(writesBefore);
  const { acknowledged, faults } = await writers.stop();
  const { lost, partial, unopened } = await checkDurability(database, writers.history, keys);
  const codes = listCodes(logged().slice(loggedBefore)).join(' ');

  const slowest = Math.max(...[write, read, health, ready].map(({ milliseconds }) => milliseconds));
  const observed = { write: write.status, read: read.status === 404 ? 200 : read.status, ready: ready.status };
  console.log(
    `fault on ${target.name}: ${fault.name}: expected ${describeStatuses(fault.expected)}, healthz 200, within 5 s; ` +
      `observed ${describeStatuses(observed)}, healthz ${health.status}, slowest ${slowest} ms, code ${codes}, ` +
      `recovered after ${recoveryMilliseconds} ms, ${acknowledged} writes acknowledged, ${lost.length} lost, ` +
      `${partial.length} partial`,
  );
  const expected = Object.entries(fault.expected).filter(([, status]) => status !== 'either');
  expect({ ...observed, health: health.status }).toMatchObject({ ...Object.fromEntries(expected), health: 200 });
  for (const status of Object.values(observed)) expect([200, 503]).toContain(status);
  expect(write.response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  if (isSoak) expect(Math.max(slowest, recoveryMilliseconds)).toBeLessThan(limitMilliseconds);
  expect({ faults, lost, partial, unopened }).toEqual({ faults: [], lost: [], partial: [], unopened: 0 });
  expect(codes).toMatch(fault.code);
}
