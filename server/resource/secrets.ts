/** The state of stored secrets: whether they open, and under which key. */
import { type Binding, type KeyRing, keyIdOf, makeVersion, SealError } from '../keys/key-ring.ts';
import { type Envelope, type RecordOf, type RecordTable, type SealedSecret, secretColumns } from '../store/store.ts';

/** The state of a secret. `unknown key`: its key is not configured. `damaged`: it does not open under its key. */
export type SecretState = 'ok' | 'retired key' | 'unknown key' | 'damaged';

/** Called for secrets that do not open, and for those whose column names another key than their envelope. */
export type ReportSecret = (secret: SealedSecret, state: SecretState, keyId: string | undefined) => void;

/** The size of the envelopes to remember, in characters: some 40,000 secrets of a usual length. */
const maxRemembered = 8_000_000;

/** Whether a secret of this state opens. */
export const isReadable = (state: SecretState): boolean => state === 'ok' || state === 'retired key';

/**
 * Returns the binding of a secret. That of an OAuth app does not name its table, since earlier versions had no other.
 * @param secret The table is `oauth_apps` where it is left out.
 */
export const secretBinding = ({
  table = 'oauth_apps',
  column,
  account_id,
  id,
  version,
}: Omit<SealedSecret, 'table' | 'envelope' | 'key_id'> & Partial<Pick<SealedSecret, 'table'>>): Binding => ({
  ...{ accountId: account_id, rowId: id, column: table === 'oauth_apps' ? column : `${table}.${column}` },
  version,
});

type SecretsOf<Table extends RecordTable> = (typeof secretColumns)[Table];
type Beside<Table extends RecordTable, Column extends keyof SecretsOf<Table>> = SecretsOf<Table>[Column] extends {
  keyId: infer KeyId;
  version: infer Version;
}
  ? KeyId | Version
  : never;
/** The columns of a sealed secret in a record. */
type Columns<Table extends RecordTable, Column extends keyof SecretsOf<Table>> = Extract<
  Column | Beside<Table, Column>,
  keyof RecordOf<Table>
>;
type Texts = Readonly<Record<string, string>>;

/** Makes the functions about one secret of the records of a table. */
export function secretColumn<Table extends RecordTable, Column extends keyof SecretsOf<Table> & string>(
  table: Table,
  column: Column,
) {
  const columns: Readonly<Record<string, { readonly keyId: string; readonly version: string }>> = secretColumns[table];
  const { keyId, version } = columns[column] ?? { keyId: '', version: '' };
  type Sealed = Pick<RecordOf<Table>, Columns<Table, Column>>;
  type Change = { readonly [Name in keyof Sealed]: Sealed[Name] | undefined };
  const kept = { [column]: undefined, [keyId]: undefined, [version]: undefined } as object as Change;
  const seal = (keyRing: KeyRing, account_id: string, id: string, secret: string): Sealed => {
    const bound = makeVersion();
    const envelope = keyRing.seal(secret, secretBinding({ table, column, account_id, id, version: bound }));
    return { [column]: envelope, [keyId]: keyRing.currentKeyId, [version]: bound } as object as Sealed;
  };
  return {
    /** Returns the secret of a record. */
    of(record: RecordOf<Table>): SealedSecret {
      const row = record as object as Texts;
      const { account_id, id } = record;
      const envelope = row[column] as Envelope;
      return { table, column, account_id, id, envelope, key_id: row[keyId] ?? '', version: row[version] ?? '' };
    },
    /** Seals a secret for a record, and returns its columns. */
    seal,
    /** Returns the columns of an update: those of the new secret, or none to replace where the request has none. */
    change: (keyRing: KeyRing, account_id: string, id: string, secret: string | undefined): Change =>
      secret === undefined ? kept : seal(keyRing, account_id, id, secret),
  };
}

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

/** Finds the state of a secret. */
export type StateOf = (secret: SealedSecret) => SecretState;

/** Makes the function that finds the states of secrets. It opens each envelope once, as long as it is remembered. */
export function secretStates(keyRing: KeyRing, report: ReportSecret): StateOf {
  const remembered = new Map<string, { readonly sealed: string; readonly state: SecretState }>();
  let size = 0;
  const nameOf = ({ table, column, id }: SealedSecret) => `${table} ${column} ${id}`;
  const textOf = ({ account_id, version, envelope }: SealedSecret) => `${account_id} ${version} ${envelope}`;
  const remember = (name: string, sealed: string, state: SecretState) => {
    if (size > maxRemembered) {
      remembered.clear();
      size = 0;
    }
    size += sealed.length - (remembered.get(name)?.sealed.length ?? 0);
    remembered.set(name, { sealed, state });
  };
  return (secret) => {
    const [name, sealed] = [nameOf(secret), textOf(secret)];
    const known = remembered.get(name);
    const state = known?.sealed === sealed ? known.state : checkSecret(keyRing, secret);
    if (known?.sealed !== sealed) remember(name, sealed, state);
    const keyId = keyIdOf(secret.envelope);
    if (!isReadable(state) || keyId !== secret.key_id) report(secret, state, keyId);
    return state;
  };
}
