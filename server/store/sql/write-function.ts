import { type RawBuilder, sql } from 'kysely';
import { tables } from './tables.ts';

const facts = Object.entries(tables.oauth_apps.record.columns);
const columns = facts.flatMap(([name]) => (name === 'account_id' ? [] : [name]));
const changed = facts.flatMap(([name, kind]) => (kind === 'changed' ? [name] : []));

const types = columns.map((name) => `${name} ${name === 'version' ? 'integer' : 'text'}`).join(', ');
const ofAudit = 'token_id text, request_id text, operation text, app_id text, fields text, subjects text';

/**
 * The function `oauth_apps_write_creates`: creates of several accounts as one set, which costs half of what they cost one by
 * one. The accounts come with the number of their creates and in their order, so that no two calls deadlock at the counters,
 * which come last. A quota that is reached (OA001) or a key that is stored already (OA002) rolls everything back.
 */
const createFunction = `CREATE OR REPLACE FUNCTION oauth_apps_write_creates(
  ids text[], counts integer[], quota integer, keys integer, writes json, wait text
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  counted integer;
BEGIN
  PERFORM set_config('lock_timeout', wait, true);
  IF keys > 0 THEN
    INSERT INTO idempotency_keys (account_id, key, fingerprint, response, created_at)
      SELECT w.account_id, w.key, w.fingerprint, w.response, w.created_at
      FROM json_to_recordset(writes) AS w (
        account_id text, key text, fingerprint text, response text, created_at text
      ) WHERE w.key IS NOT NULL
      ON CONFLICT (account_id, key) DO NOTHING;
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted < keys THEN RAISE EXCEPTION 'known' USING ERRCODE = 'OA002'; END IF;
  END IF;
  WITH written AS MATERIALIZED (
    SELECT * FROM json_to_recordset(writes) AS x (account_id text, ${types}, properties text[], at text, ${ofAudit})
  ), apps AS (
    INSERT INTO oauth_apps (account_id, ${columns.join(', ')})
      SELECT w.account_id, ${columns.map((name) => `w.${name}`).join(', ')} FROM written w
      RETURNING account_id, id, position
  ), audited AS (
    INSERT INTO audit (at, account_id, token_id, request_id, operation, app_id, fields, subjects)
      SELECT w.at, w.account_id, w.token_id, w.request_id, w.operation, w.app_id, w.fields, w.subjects FROM written w
  ) INSERT INTO oauth_app_properties (account_id, fingerprint, app_position)
    SELECT a.account_id, value, a.position FROM written w
    JOIN apps a ON a.account_id = w.account_id AND a.id = w.id
    CROSS JOIN LATERAL unnest(w.properties) AS value;
  INSERT INTO accounts AS a (id, app_count)
    SELECT * FROM unnest(ids, counts) AS new (id, added) WHERE added <= quota
    ON CONFLICT (id) DO UPDATE SET app_count = a.app_count + excluded.app_count
    WHERE a.app_count + excluded.app_count <= quota;
  GET DIAGNOSTICS counted = ROW_COUNT;
  IF counted < cardinality(ids) THEN RAISE EXCEPTION 'full' USING ERRCODE = 'OA001'; END IF;
END $$`;

/**
 * Builds the functions of the writes, from the columns of OAuth apps: a migration that adds a column replaces them.
 *
 * `oauth_apps_write` runs writes of one account in their order, and returns their results in that order. The caller's statement is the
 * transaction. The account's counter comes last, so that its row is locked only while the statement commits; a quota
 * that another server has used up meanwhile rolls everything back (OA001). A stored function keeps its plans in the
 * session of the database, so that it needs no prepared statement of the client, which a pooler may not carry.
 */
export function buildWriteFunction(): RawBuilder<unknown> {
  return sql.raw(`${createFunction};
CREATE OR REPLACE FUNCTION oauth_apps_write(account text, writes json, wait text) RETURNS SETOF json
LANGUAGE plpgsql AS $$
DECLARE
  w record;
  app oauth_apps;
  stored json;
  held integer;
  quota integer;
  added integer := 0;
BEGIN
  PERFORM set_config('lock_timeout', wait, true);
  FOR w IN SELECT * FROM json_to_recordset(writes) AS x (
    kind text, ${types}, versions integer[], properties text[],
    max_apps integer, key text, fingerprint text, response text, expired_at text, at text, ${ofAudit}
  ) LOOP
    IF w.kind = 'create' THEN
      IF w.key IS NOT NULL THEN
        DELETE FROM idempotency_keys k
          WHERE k.account_id = account AND k.key = w.key AND k.created_at < w.expired_at;
        INSERT INTO idempotency_keys (account_id, key, fingerprint, response, created_at)
          VALUES (account, w.key, w.fingerprint, w.response, w.created_at) ON CONFLICT (account_id, key) DO NOTHING;
        IF NOT FOUND THEN
          SELECT json_build_object('fingerprint', k.fingerprint, 'response', k.response) INTO stored
            FROM idempotency_keys k WHERE k.account_id = account AND k.key = w.key;
          RETURN NEXT stored;
          CONTINUE;
        END IF;
      END IF;
      quota := w.max_apps;
      SELECT a.app_count INTO held FROM accounts a WHERE a.id = account;
      IF coalesce(held, 0) + added >= quota THEN
        DELETE FROM idempotency_keys k WHERE k.account_id = account AND k.key = w.key;
        RETURN NEXT '"full"'::json;
        CONTINUE;
      END IF;
      INSERT INTO oauth_apps (account_id, ${columns.join(', ')})
        VALUES (account, ${columns.map((name) => `w.${name}`).join(', ')})
        RETURNING * INTO app;
      added := added + 1;
      stored := '"created"';
    ELSIF w.kind = 'update' THEN
      UPDATE oauth_apps a SET ${changed.map((name) => `${name} = coalesce(w.${name}, a.${name})`).join(', ')},
          version = a.version + 1
        WHERE a.account_id = account AND a.id = w.id AND (w.versions IS NULL OR a.version = ANY (w.versions))
        RETURNING * INTO app;
      stored := row_to_json(app);
    ELSE
      DELETE FROM oauth_apps a
        WHERE a.account_id = account AND a.id = w.id AND (w.versions IS NULL OR a.version = ANY (w.versions))
        RETURNING * INTO app;
      IF FOUND THEN added := added - 1; END IF;
      stored := '"deleted"';
    END IF;
    IF app.id IS NULL THEN
      PERFORM FROM oauth_apps a WHERE a.account_id = account AND a.id = w.id;
      RETURN NEXT CASE WHEN FOUND THEN '"changed"'::json ELSE '"missing"'::json END;
      CONTINUE;
    END IF;
    IF w.kind = 'delete' OR (w.kind = 'update' AND w.properties IS NOT NULL) THEN
      DELETE FROM oauth_app_properties p WHERE p.account_id = account AND p.app_position = app.position;
    END IF;
    IF cardinality(w.properties) > 0 THEN
      INSERT INTO oauth_app_properties (account_id, fingerprint, app_position)
        SELECT account, value, app.position FROM unnest(w.properties) AS value;
    END IF;
    INSERT INTO audit (at, account_id, token_id, request_id, operation, app_id, fields, subjects)
      VALUES (w.at, account, w.token_id, w.request_id, w.operation, w.app_id, w.fields, w.subjects);
    RETURN NEXT stored;
  END LOOP;
  IF added > 0 THEN
    INSERT INTO accounts AS a (id, app_count) VALUES (account, added)
      ON CONFLICT (id) DO UPDATE SET app_count = a.app_count + added WHERE a.app_count + added <= quota;
    IF NOT FOUND THEN RAISE EXCEPTION 'full' USING ERRCODE = 'OA001'; END IF;
  ELSIF added < 0 THEN
    UPDATE accounts a SET app_count = a.app_count + added WHERE a.id = account;
  END IF;
END $$`);
}
