import type { Insertable, Selectable } from 'kysely';
import type { Schema } from './schema.ts';
import type { AppRecord, AuditEntry, TokenRecord } from '../store.ts';

/** Rows of the tables to and from the records of the store. */

type AppRow = Omit<Selectable<Schema['oauth_apps']>, 'position'>;

/** The columns of an app, in the order of the table. */
export const appColumns = [
  'position',
  'id',
  'account_id',
  'provider',
  'name',
  'client_id',
  'client_secret',
  'secret_key_id',
  'metadata',
  'created_at',
  'updated_at',
  'version',
] as const;

export const toAppRow = (app: AppRecord): AppRow => ({
  id: app.id,
  account_id: app.accountId,
  provider: app.provider,
  name: app.name,
  client_id: app.clientId,
  client_secret: app.sealedSecret,
  secret_key_id: app.secretKeyId,
  metadata: app.metadata,
  created_at: app.createdAt,
  updated_at: app.updatedAt,
  version: app.version,
});

export const toApp = (row: AppRow): AppRecord => ({
  id: row.id,
  accountId: row.account_id,
  provider: row.provider,
  name: row.name,
  clientId: row.client_id,
  sealedSecret: row.client_secret,
  secretKeyId: row.secret_key_id,
  metadata: row.metadata,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  version: row.version,
});

export const toTokenRow = (token: TokenRecord): Insertable<Schema['api_tokens']> => ({
  id: token.id,
  account_id: token.accountId,
  hash: token.hash,
  scopes: token.scopes.join(' '),
  created_at: token.createdAt,
  revoked_at: token.revokedAt ?? null,
});

export const toToken = (row: Selectable<Schema['api_tokens']>): TokenRecord => ({
  id: row.id,
  accountId: row.account_id,
  hash: row.hash,
  scopes: row.scopes === '' ? [] : row.scopes.split(' '),
  createdAt: row.created_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
});

export const toAuditRow = (entry: AuditEntry): Insertable<Schema['audit']> => ({
  at: entry.at,
  account_id: entry.accountId,
  token_id: entry.tokenId,
  request_id: entry.requestId,
  operation: entry.operation,
  app_id: entry.appId ?? null,
  fields: entry.fields.join(' '),
});

export const toAuditEntry = (row: Selectable<Schema['audit']>): AuditEntry => ({
  at: row.at,
  accountId: row.account_id,
  tokenId: row.token_id,
  requestId: row.request_id,
  operation: row.operation,
  ...(row.app_id !== null && { appId: row.app_id }),
  fields: row.fields === '' ? [] : row.fields.split(' '),
});
