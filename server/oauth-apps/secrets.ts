/** The state of stored secrets: whether they open, and under which key. */
import { type Binding, type KeyRing, keyIdOf, SealError } from '../keys/key-ring.ts';
import type { AppRecord, SealedSecret } from '../store/store.ts';

/** The state of a secret. `unknown key`: its key is not configured. `damaged`: it does not open under its key. */
export type SecretState = 'ok' | 'retired key' | 'unknown key' | 'damaged';

/** Called for secrets that do not open, and for those whose column names another key than their envelope. */
export type ReportSecret = (secret: SealedSecret, state: SecretState, keyId: string | undefined) => void;

/** The size of the envelopes to remember, in characters: some 40,000 secrets of a usual length. */
const maxRemembered = 8_000_000;

/** Returns the secret of an app. */
export const secretOf = (app: AppRecord): SealedSecret => ({
  ...{ table: 'oauth_apps', column: 'client_secret', account_id: app.account_id, id: app.id },
  ...{ envelope: app.client_secret, key_id: app.secret_key_id, version: app.secret_version },
});

/** Returns the binding of a secret. */
export const secretBinding = ({
  account_id,
  id,
  column,
  version,
}: Omit<SealedSecret, 'table' | 'envelope' | 'key_id'>): Binding => ({
  ...{ accountId: account_id, rowId: id, column },
  version,
});

/** Opens a secret. @throws SealError when it does not open */
export const openSecret = (keyRing: KeyRing, secret: SealedSecret): string =>
  keyRing.open(secret.envelope, secretBinding(secret));

/** Finds the state of a secret by opening it. */
export function checkSecret(keyRing: KeyRing, secret: SealedSecret): SecretState {
  const { currentKeyId, comingKeyIds, retiredKeyIds } = keyRing;
  const keyId = keyIdOf(secret.envelope);
  if (keyId === undefined) return 'damaged';
  if (![currentKeyId, ...comingKeyIds, ...retiredKeyIds].includes(keyId)) return 'unknown key';
  try {
    openSecret(keyRing, secret);
  } catch (error) {
    if (error instanceof SealError) return 'damaged';
    throw error;
  }
  return retiredKeyIds.includes(keyId) ? 'retired key' : 'ok';
}

/** Finds the state of the secret of an app. */
export type StateOf = (app: AppRecord) => SecretState;

/** Makes the function that finds the states of secrets. It opens each envelope once, as long as it is remembered. */
export function secretStates(keyRing: KeyRing, report: ReportSecret): StateOf {
  const remembered = new Map<string, { readonly sealed: string; readonly state: SecretState }>();
  let size = 0;
  const textOf = (app: AppRecord) => `${app.account_id} ${app.secret_version} ${app.client_secret}`;
  const remember = (id: string, sealed: string, state: SecretState) => {
    if (size > maxRemembered) {
      remembered.clear();
      size = 0;
    }
    size += sealed.length - (remembered.get(id)?.sealed.length ?? 0);
    remembered.set(id, { sealed, state });
  };
  return (app) => {
    const sealed = textOf(app);
    const known = remembered.get(app.id);
    const state = known?.sealed === sealed ? known.state : checkSecret(keyRing, secretOf(app));
    if (known?.sealed !== sealed) remember(app.id, sealed, state);
    const keyId = keyIdOf(app.client_secret);
    if (state === 'damaged' || state === 'unknown key' || keyId !== app.secret_key_id)
      report(secretOf(app), state, keyId);
    return state;
  };
}
