/** Records with a sealed secret whose rows a test changes behind the back of the server. */
import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect } from 'vitest';
import { loadKeyRing } from '../../server/keys/key-ring.ts';
import { checkSecret, openSecret, secretBinding } from '../../server/resource/secrets.ts';
import type { Envelope } from '../../server/store/store.ts';
import { type Account, openAccount, secretsOf, targetFor } from '../helpers/accounts.ts';
import type { Row } from '../helpers/databases.ts';
import type { HttpClient, RequestOptions } from '../helpers/http-client.ts';
import type { TestServer } from '../helpers/server.ts';
import { fieldSchema, type Json, resources, type Secret, type TestedResource } from '../resources.ts';

const makeLine = (keyId: string) => `${keyId}:${randomBytes(32).toString('base64')}`;
/** Lines of keys: the first and the second of the server, and others. */
export const keyLines = {
  current: makeLine('current'),
  retired: makeLine('retired'),
  unknown: makeLine('unknown'),
  otherCurrent: makeLine('current'),
  otherRetired: makeLine('retired'),
};

/** Returns the secret of a record of a test. */
export const makeSecret = (name: string) => `secret-of-${name}`;

/** Secret of a resource whose rows are changed. */
export interface TamperingCase {
  readonly name: string;
  readonly field: string;
  readonly resource: TestedResource;
  readonly secret: Secret;
  readonly hasHealth: boolean;
  /** Whether an update takes a new secret. */
  readonly isChangeable: boolean;
}

/** Every secret of every resource. */
export const tamperingCases: readonly TamperingCase[] = resources.flatMap((resource) =>
  resource.secrets.map((secret) => ({
    ...{ resource, secret, name: resource.name, field: secret.field, hasHealth: 'health' in resource.fields },
    isChangeable: resource.has('update') && 'type' in fieldSchema(resource.operation('update'), secret.field),
  })),
);

/** Returns functions that read and change the rows of a secret, behind the back of the server. */
function sealedRows(server: TestServer, { resource, secret }: TamperingCase, owner: Account) {
  const { field, keyId, version, mask } = secret;
  const { rows } = server.database;
  const [table, column] = [sql.table(resource.table), sql.ref(field)];
  const setEnvelope = (id: string, envelope: string) =>
    rows(sql`UPDATE ${table} SET ${column} = ${envelope} WHERE id = ${id}`);
  /** Returns the binding of a secret in the older form. */
  const bindingOf = (id: string) =>
    secretBinding({ table: resource.table, account_id: owner.accountId, id, column: field, version: '' });
  const toSealed = (row: Row) => ({
    ...{ table: resource.table, column: field, id: String(row.id), account_id: String(row.account_id) },
    ...{ envelope: row[field] as Envelope, key_id: String(row[keyId]), version: String(row[version]) },
  });
  return {
    ...{ rows, table, column, setEnvelope, bindingOf },
    async readEnvelope(id: string, of: string = field) {
      const [row] = await rows(sql`SELECT ${sql.ref(of)} AS envelope FROM ${table} WHERE id = ${id}`);
      return String(row?.envelope);
    },
    /** Seals a secret under another key and stores the envelope in the row of a record. */
    async sealUnder(keyLine: string, id: string, text = 'sealed elsewhere') {
      const ring = loadKeyRing(keyLine, new Date());
      await setEnvelope(id, ring.seal(text, bindingOf(id)));
      const beside = sql`${sql.ref(keyId)} = ${ring.currentKeyId}, ${sql.ref(version)} = ''`;
      await rows(sql`UPDATE ${table} SET ${beside} WHERE id = ${id}`);
    },
    /** Opens the secrets in the rows of an account, as a list that reveals would. */
    async openRows({ accountId } = owner): Promise<Json[]> {
      const found = await rows(sql`SELECT * FROM ${table} WHERE account_id = ${accountId} ORDER BY position`);
      return found.map(toSealed).map((sealed) => {
        const opens = ['ok', 'retired key'].includes(checkSecret(server.keyRing, sealed));
        return { id: sealed.id, [field]: opens ? openSecret(server.keyRing, sealed) : mask };
      });
    },
  };
}

/** Creates two records of one account and one of another, and returns what changes and reads their rows. */
export async function openRecords(server: TestServer, http: HttpClient, tampering: TamperingCase) {
  const { resource, secret } = tampering;
  const { field, revealedBy } = secret;
  const [owner, other] = [await openAccount(server, http), await openAccount(server, http)];
  const list = await targetFor(owner, resource.operation('list'));
  const inRows = sealedRows(server, tampering, owner);
  const create = async (account: Account, name: string) => {
    const textOf = (of: string) => (of === field ? makeSecret(name) : `other-${makeSecret(name)}`);
    const [id = ''] = await account.createMany(resource, 1, () => secretsOf(resource, textOf));
    return id;
  };
  const [mine, second, foreign] = [
    await create(owner, 'mine'),
    await create(owner, 'second'),
    await create(other, 'foreign'),
  ];

  /** Reads the secrets of an account in full: by the list where it reveals them, otherwise out of the rows. */
  async function reveal(account = owner, query = '') {
    if (revealedBy === undefined) return { records: await inRows.openRows(account), requestId: undefined };
    const { status, json, headers } = await account.send(`${list}?${revealedBy}${query}`);
    expect(status).toBe(200);
    return { records: json.data as Json[], requestId: headers['x-request-id'] };
  }
  return {
    ...inRows,
    ...{ owner, other, list, mine, second, foreign, reveal },
    revealSecrets: async (account = owner, query = '') =>
      (await reveal(account, query)).records.map((record) => record[field]),
    get: async (id: string, options: RequestOptions = {}, account = owner) =>
      account.send(await targetFor(account, resource.operation('get'), id), options),
    /** Replaces the secret of the first record. */
    setSecret: async (text: string, headers: RequestOptions['headers'] = {}) =>
      owner.send(await targetFor(owner, resource.operation('update'), mine), { body: { [field]: text }, headers }),
  };
}

/** Records of a case, with what changes and reads their rows. */
export type Records = Awaited<ReturnType<typeof openRecords>>;
