import type { Contract, Operation } from './contract.ts';
import type { Exchange } from './exchange.ts';
import type { HttpClient, RequestOptions } from './http-client.ts';
import { Unreachable } from './run-errors.ts';

/** OAuth app that the suite created and has to delete. */
interface CreatedRecord {
  readonly id: string;
  /** Operation whose path names the record. */
  readonly get: Operation;
  /** Ids of the other records that the path names. */
  readonly parents: RequestOptions['parents'];
  /** Authorization header that it was created with. */
  readonly authorization: string | null;
  /** Whether a request to delete it was sent already. */
  isTried: boolean;
}

interface AppResponse {
  id?: unknown;
  data?: AppResponse;
}

/** Number of parallel requests when records are deleted. */
const batchSize = 8;

/** Returns the id of the app that an exchange created, if it created one. */
function findCreatedId({ needsRecord }: Operation, { request, response }: Exchange): string | undefined {
  // A response to a request about one app shows an app that existed before the run.
  if (needsRecord || !['POST', 'PUT'].includes(request.method)) return undefined;
  const body = (response.json ?? {}) as AppResponse;
  // An app wrapped in `data` violates the contract, but it was created all the same.
  const { id } = body.id === undefined ? (body.data ?? body) : body;
  return typeof id === 'string' ? id : undefined;
}

/** Deletes a record. Returns whether it is gone, and whether the server supports DELETE. */
async function deleteRecord(client: HttpClient, { id, get, parents, authorization }: CreatedRecord) {
  const { response } = await client.send(get, { id, parents, authorization, method: 'DELETE' });
  const { status } = response;
  if (status !== 404) return { isGone: status < 300, isSupported: status !== 405 && status !== 501 };
  // Either the app does not exist, or the server does not support DELETE.
  const { response: read } = await client.send(get, { id, parents, authorization });
  return { isGone: read.status === 404, isSupported: read.status === 404 };
}

/** Tracks the records that a run creates, and deletes them. Where DELETE is not supported, the records stay. */
export function trackCreatedRecords(contract: Contract, client: HttpClient) {
  const records = new Map<string, CreatedRecord>();
  const foreign = new Set<string>();
  let isReachable = true;
  /** Paths of items that the server does not delete. */
  const undeletable = new Set<string>();

  const tryDelete = async (record: CreatedRecord) => {
    record.isTried = true;
    try {
      const { isGone, isSupported } = await deleteRecord(client, record);
      if (isGone) records.delete(record.id);
      if (!isSupported) undeletable.add(record.get.path);
    } catch (error) {
      if (error instanceof Unreachable) isReachable = false;
    }
  };

  return {
    /** Notes records that existed before the run. They are never deleted. */
    protect(ids: readonly string[]) {
      for (const id of ids) if (!records.has(id)) foreign.add(id);
    },
    /** Returns the ids of the records that exist. */
    list: () => [...records.keys()],
    /** Records an app that an exchange created, and removes one that it deleted. */
    update(operation: Operation, exchange: Exchange, parents: RequestOptions['parents']) {
      const { request, response } = exchange;
      if (response.status >= 300) return;
      if (request.method === 'DELETE')
        records.delete(decodeURIComponent(new URL(request.url).pathname.split('/').at(-1) ?? ''));
      const id = findCreatedId(operation, exchange);
      if (id === undefined || records.has(id) || foreign.has(id)) return;
      const part = contract.partOf(operation.resource?.name ?? '');
      const get = part?.findOperation('get') ?? part?.operations.find(({ path }) => path === part.resource?.item);
      if (get === undefined) return;
      records.set(id, { id, get, parents, authorization: request.headers.authorization ?? null, isTried: false });
    },
    /**
     * Deletes the records that were not tried yet, or all of them the last time. Returns the ids of those that are left.
     * A failed request does not reject: the ids of the remaining records show it.
     */
    async deleteAll(isLast: boolean): Promise<string[]> {
      // The newest records first, because they may refer to older ones.
      const due = [...records.values()].filter(({ isTried }) => isLast || !isTried).reverse();
      // The first request is sent alone: it shows whether the server supports DELETE.
      for (let start = 0, size = 1; start < due.length && isReachable; start += size, size = batchSize) {
        const batch = due.slice(start, start + size).filter(({ get }) => !undeletable.has(get.path));
        await Promise.all(batch.map(tryDelete));
      }
      return [...records.keys()];
    },
  };
}

export type CreatedRecords = ReturnType<typeof trackCreatedRecords>;
