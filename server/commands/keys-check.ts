import { operations } from '../../generated/operations.ts';
import { damagedKeyId } from '../process/secret-reports.ts';
import { checkAllSecrets } from '../resource/key-check.ts';
import type { SecretState } from '../resource/secrets.ts';
import type { AuditedOperations } from '../store/store.ts';
import { type Command, storePackages } from './command.ts';
import { withInstallation } from './installation.ts';

const captions: Record<SecretState, string> = {
  ok: 'Secrets that open under the first key, or one that is about to be',
  'retired key': 'Secrets that open under a retired key (`oauth-apps rotate-keys` seals them anew)',
  'unknown key': 'Secrets under a key that is not configured',
  damaged: 'Secrets that were changed, and do not open',
};

const withMethods = (...methods: string[]) =>
  Object.entries(operations).flatMap(([operationId, { method }]) => (methods.includes(method) ? [operationId] : []));

/** The operations of the audit by which an older record is noticed. */
export const auditedOperations: AuditedOperations = {
  ...{ updates: withMethods('patch', 'put'), deletes: withMethods('delete') },
  restore: 'restore',
};

export const keysCheck: Command = {
  name: 'keys check',
  summary:
    'Tries to open every secret, and names those that do not open, and records that were put back: account, id, key, reason. Shows no secret.',
  packages: storePackages,
  help: [],
  examples: ['keys check'],
  exitCodes: { 0: 'every secret opens', 1: 'some do not, or records were put back, or it failed', 2: 'not run' },
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
        for (const [state, text] of Object.entries(captions) as [SecretState, string][]) {
          const count = counts.get(state) ?? 0;
          if (count > 0) input.say(`${text}: ${count}`);
        }
        if (counts.size === 0) input.say('There is no secret.');
        const putBack = await store.listPutBack(auditedOperations);
        for (const { account_id, id } of putBack) input.say([account_id, id, '-', 'put back'].join('\t'));
        if (putBack.length > 0)
          input.say(`Records older than the audit, as rows were put back outside of the server: ${putBack.length}`);
        return counts.has('unknown key') || counts.has('damaged') || putBack.length > 0 ? 1 : 0;
      },
      { usesKeys: true },
    ),
};
