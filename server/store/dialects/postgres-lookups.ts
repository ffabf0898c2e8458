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
type TokenOnlyRow = readonly [token: TokenRow, mark: number | null];
type FoundRow = readonly [
  ...[index: number, token: TokenRow, app: (AppRecord & { position: number }) | null, mark: number | null],
];

/** `OFFSET 0` keeps the database from reading a whole table in place of an index for every token. */
const find = (mark: string) => `SELECT asked.index::integer - 1, row_to_json(token), row_to_json(app), ${mark}
FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (hash, app_id, index)
CROSS JOIN LATERAL (SELECT * FROM api_tokens WHERE hash = asked.hash OFFSET 0) AS token
LEFT JOIN LATERAL (SELECT * FROM oauth_apps WHERE account_id = token.account_id AND id = asked.app_id OFFSET 0) AS app
  ON true`;

/** Tokens alone, as every request needs them that reads no app by its id. It costs the database half. */
const findTokens = (mark: string) =>
  `SELECT row_to_json(token), ${mark} FROM api_tokens AS token WHERE hash = ANY ($1::text[])`;

const maxBatch = 200;
/** Two, so that a connection that has become slow does not hold up every request. */
const maxRunning = 2;
const timeout = 3_000;

function toFound(token: TokenRow, app: FoundRow[2], mark: FoundRow[3]): FoundToken {
  const { position: _, ...record } = app ?? {};
  return { ...toToken(token), ...(app !== null && { app: record as AppRecord }), ...(mark !== null && { mark }) };
}

/**
 * Looks up tokens, and with each the app that its request is about, in one round trip for all requests that wait. A token
 * that several of them have is looked up once where none is about an app.
 * @param hasReplica Whether lists need the mark of the lookup.
 */
export function lookups(
  pool: LendingPool,
  hasReplica: boolean,
): (hash: string, appId?: string) => Promise<FoundToken | undefined> {
  const suffix = hasReplica ? '_with_mark' : '';
  const mark = hasReplica ? markColumn : 'NULL::float8';
  const statement = { name: `oauth_apps_find${suffix}`, text: find(mark), rowMode: 'array' as const };
  const tokenStatement = { ...statement, name: `oauth_apps_find_tokens${suffix}`, text: findTokens(mark) };

  const findAll = async (asked: readonly Asked[], milliseconds: number) => {
    const values = [asked.map(({ hash }) => hash), asked.map(({ appId }) => appId ?? null)];
    const { rows } = await pool.query({ ...statement, values }, { milliseconds });
    const found: (FoundToken | undefined)[] = asked.map(() => undefined);
    for (const [index, token, app, mark] of rows as readonly FoundRow[]) found[index] = toFound(token, app, mark);
    return found;
  };
  const findAllTokens = async (asked: readonly Asked[], milliseconds: number) => {
    const values = [[...new Set(asked.map(({ hash }) => hash))]];
    const { rows } = await pool.query({ ...tokenStatement, values }, { milliseconds });
    const found = (rows as readonly TokenOnlyRow[]).map(
      ([token, mark]) => [token.hash, toFound(token, null, mark)] as const,
    );
    const byHash = new Map(found);
    return asked.map(({ hash }) => byHash.get(hash));
  };

  const ask = batching<Asked, FoundToken | undefined>({
    ...{ maxBatch, maxRunning, timeout },
    run: (asked, milliseconds) =>
      asked.some(({ appId }) => appId !== undefined)
        ? findAll(asked, milliseconds)
        : findAllTokens(asked, milliseconds),
  });
  return (hash, appId) => ask({ hash, appId });
}
