import type { Generated } from 'kysely';
import type { RecordOf, RecordTable } from '../store.ts';

/** The rows of records. `position` is the order of creation. */
type Rows<Table extends RecordTable> = { position: Generated<number> } & {
  -readonly [Column in keyof RecordOf<Table>]: RecordOf<Table>[Column];
};

/** The tables, as Kysely sees them. Made by migrations/. */
export interface Schema {
  accounts: { id: string; app_count: number };
  oauth_apps: Rows<'oauth_apps'>;
  oauth_app_properties: { account_id: string; fingerprint: string; app_position: number };
  api_tokens: {
    id: string;
    account_id: string;
    hash: string;
    /** Separated by spaces. */
    scopes: string;
    created_at: string;
    revoked_at: string | null;
    name: string | null;
    prefix: string | null;
    slot: string | null;
    expires_at: string | null;
    last_used_on: string | null;
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
    /** Separated by spaces. */
    subjects: string;
  };
  /** Facts of the whole installation by name. */
  installation: { name: string; value: string };
  idempotency_keys: { account_id: string; key: string; fingerprint: string; response: string; created_at: string };
}
