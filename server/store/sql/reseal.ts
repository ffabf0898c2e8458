import type { Kysely } from 'kysely';
import type { SealedSecret } from '../store.ts';
import type { Schema } from './schema.ts';

/** Runs one step of a key rotation. See `Store.resealBatch`. */
export async function resealBatch(
  db: Kysely<Schema>,
  keyId: string,
  { after, limit }: { after: number; limit: number },
  reseal: (secret: SealedSecret) => string | undefined,
): Promise<{ resealed: number; next?: number }> {
  const rows = await db
    .selectFrom('oauth_apps')
    .select(['position', 'id', 'account_id', 'client_secret'])
    .where('secret_key_id', '<>', keyId)
    .where('position', '>', after)
    .orderBy('position')
    .limit(limit)
    .execute();
  const changes = rows.flatMap((row) => {
    const envelope = reseal(row);
    return envelope === undefined ? [] : [{ ...row, envelope }];
  });
  const resealed = await db.transaction().execute(async (transaction) => {
    let count = 0n;
    for (const { id, client_secret, envelope } of changes) {
      const update = transaction.updateTable('oauth_apps').set({ client_secret: envelope, secret_key_id: keyId });
      const ifSame = update.where('id', '=', id).where('client_secret', '=', client_secret);
      count += (await ifSame.executeTakeFirstOrThrow()).numUpdatedRows;
    }
    return Number(count);
  });
  const next = rows.length < limit ? undefined : rows.at(-1)?.position;
  return { resealed, ...(next !== undefined && { next }) };
}
