import { type KeyRing, SealError } from '../keys/key-ring.ts';
import { loadKeys } from '../keys/key-source.ts';
import { secretBinding } from '../oauth-apps/view.ts';
import type { SealedSecret } from '../store/store.ts';
import { type Command, storePackages, UsageError } from './command.ts';

const defaultBatch = 200;

function readBatch(text = String(defaultBatch)): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError('--batch takes a whole number from 1 to 99999');
  return Number(text);
}

/** Seals a secret under the current key. Returns undefined for one that does not open, which then stays as it is. */
function resealWith(keyRing: KeyRing, { account_id, id, client_secret }: SealedSecret): string | undefined {
  const binding = secretBinding(account_id, id);
  try {
    return keyRing.seal(keyRing.open(client_secret, binding), binding);
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

export const rotateKeys: Command = {
  name: 'rotate-keys',
  summary: 'Seals every secret under the first key, while servers run. Can be stopped and run again at any time.',
  packages: storePackages,
  help: [['--batch N', `how many secrets to seal in one transaction (default: ${defaultBatch})`]],
  examples: ['rotate-keys --batch 1000'],
  async run({ options, readConfig, say }) {
    const limit = readBatch(options.batch as string | undefined);
    const config = readConfig();
    const { openStore } = await import('../store/open-store.ts');
    const store = await openStore(config.databaseUrl, { ...config, hasWriterThread: false });
    try {
      const keyRing = await loadKeys(config.keys, store, new Date());
      const { currentKeyId } = keyRing;
      const total = await store.countSealedUnderOtherKeys(currentKeyId);
      let done = 0;
      for (let after: number | undefined = 0; after !== undefined; ) {
        const reseal = (secret: SealedSecret) => resealWith(keyRing, secret);
        const { resealed, next } = await store.resealBatch(currentKeyId, { after, limit }, reseal);
        done += resealed;
        after = next;
        say(`sealed ${done} of ${total} under the key ${currentKeyId}`);
      }
      const left = await store.countSealedUnderOtherKeys(currentKeyId);
      if (left === 0) say('No secret is left under another key. The other keys can be removed.');
      else
        say(
          `${left} secrets are left under other keys. Configure those keys, see that every server has the new one first, and run this again.`,
        );
      return left === 0 ? 0 : 1;
    } finally {
      await store.close();
    }
  },
};
