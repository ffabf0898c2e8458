import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { KeyError, type KeyRing, loadKeyRing, makeKeyLine } from './secrets.ts';
import type { Store } from './store/store.ts';

/** Where keys come from: text of the environment, a file, or the file of the embedded default, made when missing. */
export type KeySource = { readonly text: string } | { readonly file: string; readonly isEmbedded: boolean };

/** Writes a key file that its owner alone can read, and sees it on the disk before anything is sealed with it. */
function makeKeyFile(file: string, now: Date): void {
  mkdirSync(dirname(file), { recursive: true });
  const descriptor = openSync(file, 'wx', 0o600);
  writeSync(descriptor, `${makeKeyLine(now)}\n`);
  fsyncSync(descriptor);
  closeSync(descriptor);
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KeyError(`the file ${file} cannot be read (${(error as { code?: string }).code})`);
  }
}

/** Loads the key ring. Throws `KeyError` where there is no usable key; a lost one is never replaced in silence. */
export async function loadKeys(source: KeySource, store: Store, now: Date): Promise<KeyRing> {
  if ('text' in source) return loadKeyRing(source.text, now);
  const { file, isEmbedded } = source;
  if (isEmbedded && !existsSync(file)) {
    if ((await store.countSealedUnderOtherKeys('')) > 0) {
      throw new KeyError(`the file ${file} is missing, and with it the key of the secrets in the database; restore it`);
    }
    makeKeyFile(file, now);
  }
  return loadKeyRing(readKeyFile(file), now);
}
