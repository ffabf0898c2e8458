import { toToken } from '../sql/rows.ts';
import type { AppRecord, FoundToken } from '../store.ts';
import { batching } from './batches.ts';
import type { LendingPool } from './lending-pool.ts';
import { markColumn } from './replica.ts';

interface Asked {
  readonly hash: string;
  readonly appId?: string;
}

type TokenRow = Parameters<typeof toToken>[0];
type FoundRow = readonly [
  ...[index: number, token: TokenRow, app: (AppRecord & { position: number }) | null, mark: number | null],
];

/** `OFFSET 0` keeps the database from reading a whole table in place of an index for every token. */
const find = (mark: string) => `SELECT asked.index::integer - 1, row_to_json(token), row_to_json(app), ${mark}
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (hash, app_id, index)
CROSS JOIN LATERAL (SELECT * FROM api_tokens WHERE hash = asked.hash OFFSET 0) AS token
LEFT JOIN LATERAL (SELECT * FROM oauth_apps WHERE account_id = token.account_id AND id = asked.app_id OFFSET 0) AS app
  ON true`;

const maxBatch = 200;
/** Two, so that a connection that has become slow does not hold up every request. */
const maxRunning = 2;
const timeout = 3_000;

function toFound([, token, app, mark]: FoundRow): FoundToken {
  const { position: _, ...record } = app ?? {};
  return { ...toToken(token), ...(app !== null && { app: record as AppRecord }), ...(mark !== null && { mark }) };
}

/**
 * Looks up tokens, and with each the app that its request is about, in one round trip for all requests that wait.
 * @param hasReplica Whether lists need the mark of the lookup.
 */
export function lookups(
  pool: LendingPool,
  hasReplica: boolean,
): (hash: string, appId?: string) => Promise<FoundToken | undefined> {
  const statement = hasReplica
    ? { name: 'oauth_apps_find_with_mark', text: find(markColumn) }
    : { name: 'oauth_apps_find', text: find('NULL::float8') };
  const ask = batching<Asked, FoundToken | undefined>({
    ...{ maxBatch, maxRunning, timeout },
    async run(asked, milliseconds) {
      const values = [asked.map(({ hash }) => hash), asked.map(({ appId }) => appId ?? null)];
      const { rows } = await pool.query({ ...statement, values, rowMode: 'array' }, { milliseconds });
      const found: (FoundToken | undefined)[] = asked.map(() => undefined);
      for (const row of rows as readonly FoundRow[]) found[row[0]] = toFound(row);
      return found;
    },
  });
  return (hash, appId) => ask({ hash, appId });
}
