import { KeyError, type KeyRing, makeVersion, SealError } from '../keys/key-ring.ts';
import { hasSealed } from '../keys/key-source.ts';
import { checkKeys } from '../resource/key-check.ts';
import { openSecret, secretBinding } from '../resource/secrets.ts';
import { secretSources } from '../store/sql/tables.ts';
import type { ResealedSecret, SealedSecret, SecretPosition, Store } from '../store/store.ts';
import { type Command, type CommandInput, storePackages, UsageError } from './command.ts';
import { commandAudit, type Installation, withInstallation } from './installation.ts';

const defaultBatch = 200;
const secretFields = [...new Set(secretSources.map(({ column }) => column))];

function readBatch(text = String(defaultBatch)): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new UsageError('--batch takes a whole number from 1 to 99999');
  return Number(text);
}

/** Seals a secret under the current key. Returns undefined for one that does not open, which then stays as it is. */
function resealWith(keyRing: KeyRing, secret: SealedSecret): ResealedSecret | undefined {
  try {
    // A secret of the older form gets its version now.
    const version = secret.version === '' ? makeVersion() : secret.version;
    return { envelope: keyRing.seal(openSecret(keyRing, secret), secretBinding({ ...secret, version })), version };
  } catch (error) {
    if (error instanceof SealError) return undefined;
    throw error;
  }
}

/** Whether the keys open any secret. @throws StoreUnavailable */
const canOpen = (store: Store, keyRing: KeyRing): Promise<boolean> =>
  checkKeys(store, keyRing).then(
    () => true,
    (error: unknown) => {
      if (error instanceof KeyError) return false;
      throw error;
    },
  );

async function resealAll(store: Store, keyRing: KeyRing, limit: number, say: CommandInput['say']): Promise<void> {
  const { currentKeyId } = keyRing;
  const total = await store.countSealedUnderOtherKeys(currentKeyId);
  // Keys that open nothing change nothing, and the audit is not to say otherwise.
  if (total > 0 && (await canOpen(store, keyRing)))
    await store.addAudit(commandAudit('rotate-keys', { fields: secretFields, subjects: [currentKeyId] }));
  let done = 0;
  for (let after: SecretPosition | undefined, isLast = false; !isLast; ) {
    const reseal = (secret: SealedSecret) => resealWith(keyRing, secret);
    const { resealed, next } = await store.resealBatch(currentKeyId, { after, limit }, reseal);
    done += resealed;
    after = next;
    isLast = next === undefined;
    say(`sealed ${done} of ${total} under the key ${currentKeyId}`);
  }
}

/** Tells what is left to do. Returns the exit code. */
async function report(store: Store, { currentKeyId }: KeyRing, say: CommandInput['say']): Promise<number> {
  const left = await store.countSealedUnderOtherKeys(currentKeyId);
  if (left > 0) {
    say(
      `${left} secrets are left under other keys. Configure those keys, see that every server has the new one first, and run this again. \`oauth-apps keys check\` names them.`,
    );
    return 1;
  }
  say('No secret is left under another key. The other keys can be removed once every server has the new one first,');
  const responses = await store.countResponsesUnderOtherKeys(currentKeyId);
  say(
    responses === 0
      ? 'and cursors that clients hold may be lost: an hour later is usual.'
      : `and 24 hours have passed: ${responses} stored responses to repeated creates are known by another key until then.`,
  );
  return 0;
}

export const rotateKeys: Command = {
  name: 'rotate-keys',
  summary: 'Seals every secret under the first key, while servers run. Can be stopped and run again at any time.',
  packages: storePackages,
  help: [['--batch N', `how many secrets to seal in one transaction (default: ${defaultBatch})`]],
  examples: ['rotate-keys --batch 1000'],
  run(input) {
    const limit = readBatch(input.options.batch as string | undefined);
    const rotate = async ({ store, loadKeyRing }: Installation) => {
      const keyRing = await loadKeyRing();
      if (!(await hasSealed(store, keyRing.currentKeyId)))
        console.error(
          `No server has started with ${keyRing.currentKeyId} as its first key yet. A server that does not have this key cannot open what is sealed under it: add it behind the others on every server first, and restart them.`,
        );
      await resealAll(store, keyRing, limit, input.say);
      return report(store, keyRing, input.say);
    };
    return withInstallation(input, rotate, { usesKeys: true });
  },
};
