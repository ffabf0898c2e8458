import type { Generated } from 'kysely';

/** The tables, as Kysely sees them. Made by migrations/. */
export interface Schema {
  accounts: { id: string; app_count: number };
  oauth_apps: {
    /** Order of creation. */
    position: Generated<number>;
    id: string;
    account_id: string;
    provider: string;
    name: string;
    client_id: string;
    client_secret: string;
    secret_key_id: string;
    metadata: string;
    created_at: string;
    updated_at: string;
    version: number;
  };
  oauth_app_properties: { account_id: string; fingerprint: string; app_position: number };
  api_tokens: {
    id: string;
    account_id: string;
    hash: string;
    /** Separated by spaces. */
    scopes: string;
    created_at: string;
    revoked_at: string | null;
  };
  audit: {
    position: Generated<number>;
    at: string;
    account_id: string;
    token_id: string;
    request_id: string;
    operation: string;
    app_id: string | null;
    /** Separated by spaces. */
    fields: string;
  };
  idempotency_keys: { account_id: string; key: string; fingerprint: string; answer: string; created_at: string };
}
