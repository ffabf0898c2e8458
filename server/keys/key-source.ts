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

/**
 * Loads the key ring. Makes the key file of the embedded default on the first start; a lost one is never replaced.
 * @throws KeyError when there is no usable key.
 * @throws StoreUnavailable
 */
export async function loadKeys(source: KeySource | undefined, store: Store, now: Date): Promise<KeyRing> {
  if (source === undefined) throw new KeyError('PostgreSQL needs keys that are given, the same to every server');
  if ('text' in source) return loadKeyRing(source.text, now);
  const { file, isEmbedded } = source;
  if (isEmbedded && !existsSync(file)) {
    if ((await store.countSealedUnderOtherKeys('')) > 0) {
      throw new KeyError(`the file ${file} is missing, and with it the key of the secrets in the database; restore it`);
    }
    attempt(() => makeKeyFile(file, now), `the file ${file} cannot be made`);
  }
  // The variable may hold a key by mistake, so its value is not shown.
  const name = isEmbedded ? file : 'that SECRET_KEYS_FILE names';
  const text = attempt(() => readFileSync(file, 'utf8'), `the file ${name} cannot be read`);
  return loadKeyRing(text, now);
}
