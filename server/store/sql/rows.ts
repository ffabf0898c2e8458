/** Converts rows of the tables to records of the store, where their columns differ from its fields. */
import type { Insertable, Selectable } from 'kysely';
import type { AuditEntry, TokenRecord } from '../store.ts';
import type { Schema } from './schema.ts';

export const toTokenRow = (token: TokenRecord): Insertable<Schema['api_tokens']> => ({
  id: token.id,
  account_id: token.accountId,
  hash: token.hash,
  scopes: token.scopes.join(' '),
  created_at: token.createdAt,
  revoked_at: token.revokedAt ?? null,
  name: token.name ?? null,
  prefix: token.prefix ?? null,
  slot: token.slot ?? null,
  expires_at: token.expiresAt ?? null,
  last_used_on: token.lastUsedOn ?? null,
});

export const toToken = (row: Selectable<Schema['api_tokens']>): TokenRecord => ({
  id: row.id,
  accountId: row.account_id,
  hash: row.hash,
  scopes: row.scopes === '' ? [] : row.scopes.split(' '),
  createdAt: row.created_at,
  ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  ...(row.name !== null && { name: row.name }),
  ...(row.prefix !== null && { prefix: row.prefix }),
  ...(row.slot !== null && { slot: row.slot }),
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_on !== null && { lastUsedOn: row.last_used_on }),
});

export const toAuditRow = (entry: AuditEntry): Insertable<Schema['audit']> => ({
  at: entry.at,
  account_id: entry.accountId,
  token_id: entry.tokenId,
  request_id: entry.requestId,
  operation: entry.operation,
  app_id: entry.appId ?? null,
  fields: entry.fields.join(' '),
  subjects: (entry.subjects ?? []).join(' '),
});

export const toAuditEntry = (row: Selectable<Schema['audit']>): AuditEntry => ({
  at: row.at,
  accountId: row.account_id,
  tokenId: row.token_id,
  requestId: row.request_id,
  operation: row.operation,
  ...(row.app_id !== null && { appId: row.app_id }),
  fields: row.fields === '' ? [] : row.fields.split(' '),
  ...(row.subjects !== '' && { subjects: row.subjects.split(' ') }),
});
