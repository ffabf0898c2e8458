import { setTimeout as delay } from 'node:timers/promises';
import { example } from './examples.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { seededRandom } from './random.ts';

/** The state of an app after a write. */
interface AppState {
  readonly version: number;
  readonly secret: string;
}

/** The writes to one app. */
export interface AppHistory {
  /** The state after the last acknowledged write. */
  known: AppState;
  /** The state after a write without a response. The server may have committed it or not. */
  pending?: AppState | 'deleted';
  isDeleted?: boolean;
}

/** The history of every app whose create was acknowledged, by id. */
export type WriteHistory = ReadonlyMap<string, AppHistory>;

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
/** The pause of a writer after a write without a response. */
const pauseMilliseconds = 50;
const appsPerWriter = 6;
/** The number of metadata properties of each app, before and after every update. */
export const propertiesPerApp = 2;

type Random = (below: number) => number;

/** Creates a writer. Each create has an idempotency key, each update and delete has `If-Match`. */
function createWriter(name: string, send: HttpClient['send'], random: Random, history: Map<string, AppHistory>) {
  const own: string[] = [];
  /** The number of writes by outcome. `uncertain`: no response, 409 or 503. `faults`: statuses that must not occur. */
  const counts = { acknowledged: 0, uncertain: 0, keys: 0, faults: [] as string[] };
  let count = 0;

  /** Sends a write. Returns undefined when its outcome is uncertain. */
  async function attempt(
    target: string,
    body?: object,
    headers?: Record<string, string>,
  ): Promise<HttpResponse | undefined> {
    const response = await send(target, { body, headers }).catch(() => undefined);
    if (response?.status === 200) counts.acknowledged += target.startsWith('GET') ? 0 : 1;
    if (response !== undefined && response.status < 500 && response.status !== 409) return response;
    if (response !== undefined && ![409, 503].includes(response.status))
      counts.faults.push(`${target}: ${response.status}`);
    counts.uncertain += 1;
    await delay(pauseMilliseconds);
    return undefined;
  }

  /** Sends a create again and again until its outcome is certain. */
  async function create(): Promise<void> {
    const key = `${name}-${++count}`;
    const [secret, metadata] = [`secret ${key}`, { key, count }];
    const send = () =>
      attempt(`POST ${apps}`, { ...valid, client_secret: secret, metadata }, { 'Idempotency-Key': key });
    counts.keys += 1;
    let response = await send();
    while (response === undefined) response = await send();
    if (response.status !== 200) {
      counts.faults.push(`create: ${response.status}`);
      return;
    }
    history.set(response.json.id, { known: { version: 1, secret } });
    own.push(response.json.id);
  }

  /** Finds out from the status of the same write, sent again, whether the server has committed the pending one. */
  function resolvePending(id: string, entry: AppHistory, status: number): void {
    const { pending } = entry;
    if (status === 404 && pending === 'deleted') entry.isDeleted = true;
    else if (status === 412 && typeof pending === 'object') entry.known = pending;
    else counts.faults.push(`${id}: ${status} for version ${entry.known.version}`);
    entry.pending = undefined;
  }

  async function change(id: string, entry: AppHistory): Promise<void> {
    const { version } = entry.known;
    const pending = typeof entry.pending === 'object' ? entry.pending : undefined;
    // A pending update is sent again unchanged, so that the version decides whether it was committed.
    const next = pending ?? { version: version + 1, secret: `secret ${name}-${++count}` };
    const body = { client_secret: next.secret, metadata: { key: name, secret: next.secret } };
    const response = await attempt(`PATCH ${apps}/${id}`, body, { 'If-Match': `"v${version}"` });
    if (response === undefined) entry.pending = next;
    else if (response.status === 200) Object.assign(entry, { known: next, pending: undefined });
    else resolvePending(id, entry, response.status);
  }

  async function remove(id: string, entry: AppHistory): Promise<void> {
    const response = await attempt(`DELETE ${apps}/${id}`, undefined, { 'If-Match': `"v${entry.known.version}"` });
    if (response === undefined) entry.pending = 'deleted';
    else if (response.status === 200) Object.assign(entry, { isDeleted: true, pending: undefined });
    else resolvePending(id, entry, response.status);
  }

  return {
    counts,
    async write(): Promise<void> {
      if (own.length < appsPerWriter || random(10) === 0) return create();
      const at = random(own.length);
      const id = own[at] ?? '';
      const entry = history.get(id) as AppHistory;
      const removes = entry.pending === undefined ? random(4) === 0 : entry.pending === 'deleted';
      await (removes ? remove(id, entry) : change(id, entry));
      if (entry.isDeleted) own.splice(at, 1);
    },
  };
}

/**
 * Starts writers that write without a pause, each to its own apps.
 * @param seed The seed of their random choices.
 */
export function startWriters(send: HttpClient['send'], seed: number, writerCount = 16) {
  const random = seededRandom(seed);
  const history = new Map<string, AppHistory>();
  const writers = Array.from({ length: writerCount }, (_, index) => createWriter(`w${index}`, send, random, history));
  let isOver = false;
  const work = writers.map(async ({ write }) => {
    while (!isOver) await write();
  });
  const sum = (name: 'acknowledged' | 'uncertain' | 'keys') =>
    writers.reduce((total, { counts }) => total + counts[name], 0);
  return {
    history: history as WriteHistory,
    acknowledged: () => sum('acknowledged'),
    /** Resolves once `more` further writes are acknowledged. */
    async waitForWrites(more: number): Promise<void> {
      const goal = sum('acknowledged') + more;
      while (sum('acknowledged') < goal) await delay(5);
    },
    /** Stops the writers once every create has a certain outcome. Returns their counts. */
    async stop() {
      isOver = true;
      await Promise.all(work);
      const faults = writers.flatMap(({ counts }) => counts.faults);
      return { acknowledged: sum('acknowledged'), uncertain: sum('uncertain'), keys: sum('keys'), faults };
    },
  };
}
