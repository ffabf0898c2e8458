import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { TestDatabase } from './databases.ts';
import { checkDurability } from './durability-check.ts';
import { example } from './examples.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { startWriters } from './writers.ts';

/** What a fault is tried on. */
export interface FaultTarget {
  readonly name: string;
  readonly send: HttpClient['send'];
  readonly database: TestDatabase;
  /** The keys that the secrets are sealed under. */
  readonly keys: string;
  /** What the server logged so far. */
  readonly logged: () => string;
}

/** Something that goes wrong with a database, and what a client may expect meanwhile. */
export interface DatabaseFault {
  readonly name: string;
  readonly expected: Readonly<Record<'write' | 'read' | 'ready', 200 | 503 | 'either'>>;
  /** The codes of the database that the log has to show. */
  readonly code: RegExp;
  /** Brings it about. Disposing mends it. */
  readonly arrange: (subject: FaultTarget) => Promise<AsyncDisposable>;
  /** Whether some writes still succeed: the writers end before, so that only what is refused is looked at. */
  readonly isPartial?: boolean;
}

const apps = '/v1/oauth-apps';
const seed = 20261122;
const writesBefore = 40;
const promisedMilliseconds = 5_000;
/** Long enough that no database finds a place for it that is free already. */
const body = { ...example('CreateOAuthApp'), metadata: { probe: true, long: 'x'.repeat(12_000) } };

async function timed(sent: Promise<HttpResponse>) {
  const start = performance.now();
  const response = await sent;
  return { response, status: response.status, milliseconds: Math.round(performance.now() - start) };
}

/** Sends creates until one is refused; counts those that were not. */
async function findRefused({ send }: FaultTarget) {
  for (let created = 0; ; created += 1) {
    const seen = await timed(send(`POST ${apps}`, { body }));
    if (seen.status !== 200 || created > 1_000) return { ...seen, created };
  }
}

/** Tries a request until it succeeds; gives the milliseconds since `start`. */
async function healed(start: number, send: () => Promise<HttpResponse>): Promise<number> {
  while ((await send()).status !== 200) await delay(20);
  return Math.round(performance.now() - start);
}

/** What clients see while the fault is there: of a write, a read, and the two pages for a supervisor. */
async function look(subject: FaultTarget) {
  const { send } = subject;
  const [write, read, health, ready] = await Promise.all([
    findRefused(subject),
    timed(send(`GET ${apps}/unknown`)),
    timed(send('GET /healthz')),
    timed(send('GET /readyz')),
  ]);
  // Where reads succeed, only a write that failed tells.
  return { write, read, health, ready: ready.status === 503 ? ready : await timed(send('GET /readyz')) };
}

/** Tries a fault while writers write, prints a line of the table, and expects what is promised. */
export async function injectFault(subject: FaultTarget, fault: DatabaseFault): Promise<void> {
  const { send, database, keys, logged } = subject;
  const loggedBefore = logged().length;
  const writers = startWriters(send, seed);
  await writers.progress(writesBefore);
  if (fault.isPartial) await writers.end();
  const mending = await fault.arrange(subject);
  const { write, read, health, ready } = await look(subject);
  const start = performance.now();
  await mending[Symbol.asyncDispose]();
  const healMilliseconds = Math.max(
    await healed(start, () => send(`POST ${apps}`, { body })),
    await healed(start, () => send('GET /readyz')),
  );
  if (!fault.isPartial) await writers.progress(writesBefore);
  const told = await writers.end();
  const kept = await checkDurability(database, writers.ledger, keys);
  const codes = [
    ...new Set(
      [
        ...logged()
          .slice(loggedBefore)
          .matchAll(/"code":"(\w+)"/g),
      ].map(([, code]) => code),
    ),
  ];

  const slowest = Math.max(...[write, read, health, ready].map(({ milliseconds }) => milliseconds));
  const seen = { write: write.status, read: read.status === 404 ? 200 : read.status, ready: ready.status };
  const tell = ({ write, read, ready }: Record<keyof typeof seen, number | string>) =>
    `write ${write}, read ${read}, readyz ${ready}`;
  console.log(
    `fault on ${subject.name}: ${fault.name}: expected ${tell(fault.expected)}, healthz 200, within 5 s; ` +
      `seen ${tell(seen)}, healthz ${health.status}, the slowest after ${slowest} ms, code ${codes.join(' ')}, ` +
      `healed after ${healMilliseconds} ms, ${told.acknowledged} writes acknowledged, ${kept.lost.length} lost, ${kept.torn.length} torn`,
  );
  const expected = Object.entries(fault.expected).filter(([, status]) => status !== 'either');
  expect({ ...seen, health: health.status }).toMatchObject({ ...Object.fromEntries(expected), health: 200 });
  for (const status of Object.values(seen)) expect([200, 503]).toContain(status);
  expect(write.response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
  expect(slowest).toBeLessThan(promisedMilliseconds);
  expect(healMilliseconds).toBeLessThan(promisedMilliseconds);
  expect({ faults: told.faults, lost: kept.lost, torn: kept.torn, sealed: kept.sealed }).toEqual({
    ...{ faults: [], lost: [], torn: [], sealed: 0 },
  });
  expect(codes.join(' ')).toMatch(fault.code);
}
