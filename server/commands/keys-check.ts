import { damagedKeyId } from '../process/secret-reports.ts';
import { checkAllSecrets } from '../resource/key-check.ts';
import type { SecretState } from '../resource/secrets.ts';
import { type Command, storePackages } from './command.ts';
import { withInstallation } from './installation.ts';

const words: Record<SecretState, string> = {
  ok: 'open under the first key, or one that is about to be',
  'retired key': 'open under a retired key; `oauth-apps rotate-keys` seals them anew',
  'unknown key': 'are under a key that is not configured',
  damaged: 'were changed, and do not open',
};

export const keysCheck: Command = {
  name: 'keys check',
  summary: 'Tries to open every secret, and names those that do not open: account, app, key, reason. Shows no secret.',
  packages: storePackages,
  help: [],
  examples: ['keys check'],
  exitCodes: { 0: 'every secret opens', 1: 'some do not, or it failed', 2: 'not run' },
  run: (input) =>
    withInstallation(
      input,
      async ({ store, loadKeyRing }) => {
        const counts = await checkAllSecrets(store, await loadKeyRing(), async ({ secret, state }) => {
          const { account_id, id, key_id } = secret;
          input.say([account_id, id, key_id, state].join('\t'));
          // So that the filter for health finds it.
          if (state === 'damaged') await store.correctKeyId(secret, damagedKeyId);
        });
        for (const [state, text] of Object.entries(words) as [SecretState, string][]) {
          const count = counts.get(state) ?? 0;
          if (count > 0) input.say(`${count} secrets ${text}.`);
        }
        if (counts.size === 0) input.say('There is no secret.');
        return counts.has('unknown key') || counts.has('damaged') ? 1 : 0;
      },
      { usesKeys: true },
    ),
};
