import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Store } from '../store/store.ts';
import { KeyError, type KeyRing, loadKeyRing, makeKeyLine } from './key-ring.ts';

/** The source of the keys: text of the environment, a file, or the file of the embedded default, made when missing. */
export type KeySource = { readonly text: string } | { readonly file: string; readonly isEmbedded: boolean };

const codeOf = (error: unknown) => (error as { code?: string }).code;

/**
 * Makes a key file with mode 0600 and syncs it before anything is sealed with it. The file gets its name once it is
 * complete: a kill leaves no empty one, and of two servers that start together one makes it.
 */
function makeKeyFile(file: string, now: Date): void {
  const draft = `${file}.${randomUUID()}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  writeSync(descriptor, `${makeKeyLine(now)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  try {
    linkSync(draft, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function attempt<Result>(work: () => Result, failure: string): Result {
  try {
    return work();
  } catch (error) {
    throw new KeyError(`${failure} (${codeOf(error)})`);
  }
}

/** The beginning of the facts about keys: `key <kid>` has the time from which servers sealed with it. */
const keyFact = 'key ';

/**
 * Returns the function that tells coming keys from retired ones. A key is coming when it never sealed, or began to seal
 * later than the first key of this process, as it does while servers restart one after the other.
 */
async function findComing(store: Store, text: string, now: Date): Promise<(keyId: string) => boolean> {
  const { currentKeyId, retiredKeyIds } = loadKeyRing(text, now);
  const since = await store.readFacts(keyFact);
  // A database of an earlier version of this program has no facts: keys that its secrets are under have sealed before.
  const sealedBefore = since.size > 0 || retiredKeyIds.length === 0 ? undefined : await store.countByKey();
  const current = since.get(keyFact + currentKeyId);
  return (keyId) => {
    const other = since.get(keyFact + keyId);
    if (other === undefined) return sealedBefore?.has(keyId) !== true;
    // A first key that has not sealed yet is the latest.
    return current !== undefined && other > current;
  };
}

/** Records that this process seals with its first key from now on. @throws StoreUnavailable */
export async function recordKeyUse(store: Store, { currentKeyId, retiredKeyIds, loadedAt }: KeyRing): Promise<void> {
  const since = await store.readFacts(keyFact);
  // Behind all others, also where the clock of this machine is.
  const latest = Math.max(loadedAt.getTime(), ...[...since.values()].map((at) => (Date.parse(at) || 0) + 1));
  const facts = new Map([[keyFact + currentKeyId, new Date(latest).toISOString()]]);
  if (since.size === 0) for (const keyId of retiredKeyIds) facts.set(keyFact + keyId, '');
  if (!since.has(keyFact + currentKeyId)) await store.addFacts(facts);
}

/** Whether a server has begun to seal with this key. @throws StoreUnavailable */
export const hasSealed = async (store: Store, keyId: string): Promise<boolean> =>
  (await store.readFacts(keyFact)).has(keyFact + keyId);

/**
 * Lists the keys of secrets in the database that are not configured. It looks at all secrets only where another key than
 * the configured ones has sealed. @throws StoreUnavailable
 */
export async function listMissingKeys(store: Store, keyRing: KeyRing): Promise<string[]> {
  const { currentKeyId, retiredKeyIds, comingKeyIds } = keyRing;
  const isMissing = (keyId: string) => ![currentKeyId, ...retiredKeyIds, ...comingKeyIds].includes(keyId);
  const since = await store.readFacts(keyFact);
  if (since.size > 0 && ![...since.keys()].some((name) => isMissing(name.slice(keyFact.length)))) return [];
  return [...(await store.countByKey()).keys()].filter(isMissing);
}

/** How to load keys. */
export interface LoadOptions {
  /**
   * Whether to make the key file of the embedded default where it is missing. Commands expect to find it.
   * @default true
   */
  readonly mayCreate?: boolean;
}

/**
 * Loads the key ring. Makes the key file of the embedded default on the first start; a lost one is never replaced.
 * @throws KeyError when there is no usable key.
 * @throws StoreUnavailable
 */
export async function loadKeys(
  source: KeySource | undefined,
  store: Store,
  now: Date,
  options?: LoadOptions,
): Promise<KeyRing> {
  const text = await readKeys(source, store, now, options);
  return loadKeyRing(text, now, await findComing(store, text, now));
}

/** Reads the text of the keys. @throws KeyError, StoreUnavailable */
async function readKeys(
  source: KeySource | undefined,
  store: Store,
  now: Date,
  { mayCreate = true }: LoadOptions = {},
): Promise<string> {
  if (source === undefined) throw new KeyError('PostgreSQL needs keys that are given, the same to every server');
  if ('text' in source) return source.text;
  const { file, isEmbedded } = source;
  if (isEmbedded && !existsSync(file)) {
    if ((await store.countSealedUnderOtherKeys('')) > 0) {
      throw new KeyError(`the file ${file} is missing, and with it the key of the secrets in the database; restore it`);
    }
    if (!mayCreate) throw new KeyError(`the file ${file} is missing`);
    attempt(() => makeKeyFile(file, now), `the file ${file} cannot be made`);
  }
  // The variable may hold a key by accident, so its value is not shown.
  const name = isEmbedded ? file : 'that SECRET_KEYS_FILE names';
  return attempt(() => readFileSync(file, 'utf8'), `the file ${name} cannot be read`);
}
