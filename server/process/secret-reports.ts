import type { Log } from '../log.ts';
import type { ReportSecret } from '../resource/secrets.ts';
import type { SealedSecret, Store } from '../store/store.ts';

/** Learns which secrets do not open, logs each of them once, and remembers that for readiness. */
export interface SecretReports {
  readonly reportSecret: ReportSecret;
  /** Reports the id of a key that the database has and this process has not. */
  readonly reportKey: (keyId: string) => void;
  /** Lists what is lost in part, in words without names; empty when nothing is known to be. */
  listWarnings(): string[];
}

/** The key id that marks a damaged secret in the database, so that filters find it. No key can have it. */
export const damagedKeyId = '-';
/** The number of apps to remember as logged. */
const maxLogged = 10_000;

/** Makes the reports of one server. */
export function secretReports(store: Pick<Store, 'correctKeyId'>, log: Log): SecretReports {
  const logged = new Map<string, string>();
  const unknownKeys = new Set<string>();
  let hasDamaged = false;
  /** Corrects the column that filters compare. Another server may have done so; a later read tries again. */
  const correct = (secret: SealedSecret, keyId: string) => {
    if (secret.key_id !== keyId) store.correctKeyId(secret, keyId).catch(() => {});
  };
  const reportKey = (keyId: string) => {
    if (unknownKeys.has(keyId)) return;
    unknownKeys.add(keyId);
    log.warn(
      `The database has secrets or responses under the key ${keyId}, which this server does not have. Add it to SECRET_KEYS or SECRET_KEYS_FILE, behind the others, and restart.`,
    );
  };
  return {
    reportKey,
    reportSecret(secret, state, keyId) {
      if (state === 'unknown key') {
        correct(secret, keyId ?? damagedKeyId);
        return reportKey(keyId ?? '');
      }
      if (state !== 'damaged') return correct(secret, keyId ?? damagedKeyId);
      hasDamaged = true;
      correct(secret, damagedKeyId);
      if (logged.get(secret.id) === secret.envelope || logged.size >= maxLogged) return;
      logged.set(secret.id, secret.envelope);
      log.damaged(secret.account_id, secret.id);
    },
    listWarnings: () => [
      ...(unknownKeys.size > 0 ? ['some secrets are under keys that are not configured'] : []),
      ...(hasDamaged ? ['some secrets are damaged'] : []),
    ],
  };
}
