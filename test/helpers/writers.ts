import { setTimeout as delay } from 'node:timers/promises';
import { example } from './examples.ts';
import type { HttpClient, HttpResponse } from './http-client.ts';
import { seededRandom } from './random.ts';

/** What an app is known to be: the last write to it that was acknowledged. */
interface Known {
  readonly version: number;
  readonly secret: string;
}

/** What is known of an app, and the write to it that got no response, if there is one: that may have happened or not. */
export interface AppHistory {
  known: Known;
  pending?: Known | 'deleted';
  isDeleted?: boolean;
}

/** Every app that was acknowledged, by id. */
export type WriteHistory = ReadonlyMap<string, AppHistory>;

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
/** A writer that got no response waits so long. */
const pauseMilliseconds = 50;
const appsPerWriter = 6;
/** How many properties each app has, before and after every change. */
export const propertiesPerApp = 2;

type Random = (below: number) => number;

/** Writes without a pause: every create under an idempotency key, every change under the version that it expects. */
function createWriter(name: string, send: HttpClient['send'], random: Random, ledger: Map<string, AppHistory>) {
  const own: string[] = [];
  /** Faults: responses that no promise allows. */
  const counts = { acknowledged: 0, unanswered: 0, keys: 0, faults: [] as string[] };
  let turn = 0;

  /** The response, or undefined where there is none, or only that there is none now. */
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
    counts.unanswered += 1;
    await delay(pauseMilliseconds);
    return undefined;
  }

  /** Sends one create until it is answered. */
  async function create(): Promise<void> {
    const key = `${name}-${++turn}`;
    const [secret, metadata] = [`secret ${key}`, { key, turn }];
    const send = () =>
      attempt(`POST ${apps}`, { ...valid, client_secret: secret, metadata }, { 'Idempotency-Key': key });
    counts.keys += 1;
    let response = await send();
    while (response === undefined) response = await send();
    if (response.status !== 200) {
      counts.faults.push(`create: ${response.status}`);
      return;
    }
    ledger.set(response.json.id, { known: { version: 1, secret } });
    own.push(response.json.id);
  }

  /** Finds out whether a write that got no response has happened. */
  function settle(id: string, entry: AppHistory, status: number): void {
    const { pending } = entry;
    if (status === 404 && pending === 'deleted') entry.isDeleted = true;
    else if (status === 412 && typeof pending === 'object') entry.known = pending;
    else counts.faults.push(`${id}: ${status} for version ${entry.known.version}`);
    entry.pending = undefined;
  }

  async function change(id: string, entry: AppHistory): Promise<void> {
    const { version } = entry.known;
    const unanswered = typeof entry.pending === 'object' ? entry.pending : undefined;
    // What got no response is sent again as it was, so that only one thing can have happened.
    const next = unanswered ?? { version: version + 1, secret: `secret ${name}-${++turn}` };
    const body = { client_secret: next.secret, metadata: { key: name, secret: next.secret } };
    const response = await attempt(`PATCH ${apps}/${id}`, body, { 'If-Match': `"v${version}"` });
    if (response === undefined) entry.pending = next;
    else if (response.status === 200) Object.assign(entry, { known: next, pending: undefined });
    else settle(id, entry, response.status);
  }

  async function remove(id: string, entry: AppHistory): Promise<void> {
    const response = await attempt(`DELETE ${apps}/${id}`, undefined, { 'If-Match': `"v${entry.known.version}"` });
    if (response === undefined) entry.pending = 'deleted';
    else if (response.status === 200) Object.assign(entry, { isDeleted: true, pending: undefined });
    else settle(id, entry, response.status);
  }

  return {
    counts,
    async write(): Promise<void> {
      if (own.length < appsPerWriter || random(10) === 0) return create();
      const at = random(own.length);
      const id = own[at] ?? '';
      const entry = ledger.get(id) as AppHistory;
      const removes = entry.pending === undefined ? random(4) === 0 : entry.pending === 'deleted';
      await (removes ? remove(id, entry) : change(id, entry));
      if (entry.isDeleted) own.splice(at, 1);
    },
  };
}

/** Sixteen writers, each on apps of its own, and the ledger of what they were told. */
export function startWriters(send: HttpClient['send'], seed: number, lanes = 16) {
  const random = seededRandom(seed);
  const ledger = new Map<string, AppHistory>();
  const writers = Array.from({ length: lanes }, (_, index) => createWriter(`w${index}`, send, random, ledger));
  let isOver = false;
  const work = writers.map(async ({ write }) => {
    while (!isOver) await write();
  });
  const sum = (name: 'acknowledged' | 'unanswered' | 'keys') =>
    writers.reduce((total, { counts }) => total + counts[name], 0);
  return {
    ledger: ledger as WriteHistory,
    acknowledged: () => sum('acknowledged'),
    /** Resolves when so many more writes have been acknowledged. */
    async progress(more: number): Promise<void> {
      const goal = sum('acknowledged') + more;
      while (sum('acknowledged') < goal) await delay(5);
    },
    /** Lets every create get its response, and ends. */
    async end() {
      isOver = true;
      await Promise.all(work);
      const faults = writers.flatMap(({ counts }) => counts.faults);
      return { acknowledged: sum('acknowledged'), unanswered: sum('unanswered'), keys: sum('keys'), faults };
    },
  };
}
