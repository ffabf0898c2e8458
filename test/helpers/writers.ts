import { setTimeout as delay } from 'node:timers/promises';
import { example } from './examples.ts';
import { seededRandom } from './random.ts';
import type { Answer, Sender } from './sender.ts';

/** What an app is known to be: the last write to it that was acknowledged. */
interface Known {
  readonly version: number;
  readonly secret: string;
}

/** What is known of an app, and the write to it that got no answer, if there is one: that may have happened or not. */
export interface LedgerEntry {
  known: Known;
  pending?: Known | 'deleted';
  isDeleted?: boolean;
}

/** Every app that was acknowledged, by id. */
export type Ledger = ReadonlyMap<string, LedgerEntry>;

const valid = example('CreateOAuthApp');
const apps = '/v1/oauth-apps';
/** A writer that got no answer waits so long. */
const pauseMilliseconds = 50;
const appsPerWriter = 6;
/** How many properties each app has, before and after every change. */
export const propertiesPerApp = 2;

type Random = (below: number) => number;

/** Writes without a pause: every create under an idempotency key, every change under the version that it expects. */
function createWriter(name: string, send: Sender['send'], random: Random, ledger: Map<string, LedgerEntry>) {
  const own: string[] = [];
  /** Faults: answers that no promise allows. */
  const counts = { acknowledged: 0, unanswered: 0, keys: 0, faults: [] as string[] };
  let turn = 0;

  /** The answer, or undefined where there is none, or only that there is none now. */
  async function attempt(target: string, body?: object, headers?: Record<string, string>): Promise<Answer | undefined> {
    const answer = await send(target, { body, headers }).catch(() => undefined);
    if (answer?.status === 200) counts.acknowledged += target.startsWith('GET') ? 0 : 1;
    if (answer !== undefined && answer.status < 500 && answer.status !== 409) return answer;
    if (answer !== undefined && ![409, 503].includes(answer.status)) counts.faults.push(`${target}: ${answer.status}`);
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
    let answer = await send();
    while (answer === undefined) answer = await send();
    if (answer.status !== 200) {
      counts.faults.push(`create: ${answer.status}`);
      return;
    }
    ledger.set(answer.json.id, { known: { version: 1, secret } });
    own.push(answer.json.id);
  }

  /** Finds out whether a write that got no answer has happened. */
  function settle(id: string, entry: LedgerEntry, status: number): void {
    const { pending } = entry;
    if (status === 404 && pending === 'deleted') entry.isDeleted = true;
    else if (status === 412 && typeof pending === 'object') entry.known = pending;
    else counts.faults.push(`${id}: ${status} for version ${entry.known.version}`);
    entry.pending = undefined;
  }

  async function change(id: string, entry: LedgerEntry): Promise<void> {
    const { version } = entry.known;
    const unanswered = typeof entry.pending === 'object' ? entry.pending : undefined;
    // What got no answer is sent again as it was, so that only one thing can have happened.
    const next = unanswered ?? { version: version + 1, secret: `secret ${name}-${++turn}` };
    const body = { client_secret: next.secret, metadata: { key: name, secret: next.secret } };
    const answer = await attempt(`PATCH ${apps}/${id}`, body, { 'If-Match': `"v${version}"` });
    if (answer === undefined) entry.pending = next;
    else if (answer.status === 200) Object.assign(entry, { known: next, pending: undefined });
    else settle(id, entry, answer.status);
  }

  async function remove(id: string, entry: LedgerEntry): Promise<void> {
    const answer = await attempt(`DELETE ${apps}/${id}`, undefined, { 'If-Match': `"v${entry.known.version}"` });
    if (answer === undefined) entry.pending = 'deleted';
    else if (answer.status === 200) Object.assign(entry, { isDeleted: true, pending: undefined });
    else settle(id, entry, answer.status);
  }

  return {
    counts,
    async write(): Promise<void> {
      if (own.length < appsPerWriter || random(10) === 0) return create();
      const at = random(own.length);
      const id = own[at] ?? '';
      const entry = ledger.get(id) as LedgerEntry;
      const removes = entry.pending === undefined ? random(4) === 0 : entry.pending === 'deleted';
      await (removes ? remove(id, entry) : change(id, entry));
      if (entry.isDeleted) own.splice(at, 1);
    },
  };
}

/** Sixteen writers, each on apps of its own, and the ledger of what they were told. */
export function startWriters(send: Sender['send'], seed: number, lanes = 16) {
  const random = seededRandom(seed);
  const ledger = new Map<string, LedgerEntry>();
  const writers = Array.from({ length: lanes }, (_, index) => createWriter(`w${index}`, send, random, ledger));
  let isOver = false;
  const work = writers.map(async ({ write }) => {
    while (!isOver) await write();
  });
  const sum = (name: 'acknowledged' | 'unanswered' | 'keys') =>
    writers.reduce((total, { counts }) => total + counts[name], 0);
  return {
    ledger: ledger as Ledger,
    acknowledged: () => sum('acknowledged'),
    /** Resolves when so many more writes have been acknowledged. */
    async progress(more: number): Promise<void> {
      const goal = sum('acknowledged') + more;
      while (sum('acknowledged') < goal) await delay(5);
    },
    /** Lets every create get its answer, and ends. */
    async end() {
      isOver = true;
      await Promise.all(work);
      const faults = writers.flatMap(({ counts }) => counts.faults);
      return { acknowledged: sum('acknowledged'), unanswered: sum('unanswered'), keys: sum('keys'), faults };
    },
  };
}
