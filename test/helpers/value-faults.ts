import { isDeepStrictEqual } from 'node:util';
import { alterQuery, filterMetadata, isForeign, matchEvery, type Tokens } from './fault-builders.ts';
import {
  type AlterableResponse,
  alterRequest,
  alterResponse,
  deriveRequest,
  type FaultInjector,
} from './faulty-fetch.ts';

/** Seeded faults of values: how they are stored, compared, versioned and remembered. */

type Json = unknown;
type Fields = Record<string, Json>;

const isObject = (value: Json): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Applies a function to a JSON value and all that it contains, the innermost first. */
function mapDeep(value: Json, map: (value: Json) => Json): Json {
  if (Array.isArray(value)) return map(value.map((item) => mapDeep(item, map)));
  if (!isObject(value)) return map(value);
  return map(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapDeep(item, map)])));
}

const alterStored = (map: (metadata: Fields) => Json): FaultInjector =>
  alterRequest(['create', 'update'], ({ body }) => {
    if (isObject(body) && isObject(body.metadata)) body.metadata = map(body.metadata);
  });

/** Alters every value in metadata. */
export const mapMetadata = (map: (value: Json) => Json): FaultInjector =>
  alterStored((metadata) => mapDeep(metadata, map));

/** Renames the properties in metadata. */
export const renameKeys = (rename: (name: string) => string): FaultInjector =>
  mapMetadata((value) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), item])) : value,
  );

/** Drops properties in metadata by their values. */
export const dropValues = (isDropped: (value: Json) => boolean): FaultInjector =>
  mapMetadata((value) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, item]) => !isDropped(item))) : value,
  );

/** Gives each read another ETag, and accepts each of them. */
export const countETags = (): FaultInjector => {
  let count = 0;
  return async (request, send) => {
    const response = await send(request);
    count += 1;
    if (request.verb === 'get' && response.headers.has('etag')) response.headers.set('etag', `"read-${count}"`);
    return response;
  };
};

/** Makes ETags of a part of the app alone. They match like those of the server. */
export const hashETag = (partOf: (app: Fields) => Json) => (): FaultInjector => {
  const real = new Map<string, string>();
  return async (request, send) => {
    for (const name of ['if-match', 'if-none-match']) {
      const value = request.headers.get(name);
      if (value !== null)
        request.headers.set(
          name,
          value.replaceAll(/"[^"]*"/g, (etag) => real.get(etag) ?? etag),
        );
    }
    const response = await send(request);
    const etag = response.headers.get('etag');
    if (etag === null) return response;
    const { body } = response.body?.id ? response : await send(deriveRequest(request, 'get'));
    const hash = `"${Buffer.from(JSON.stringify(partOf(body ?? {}))).toString('base64url')}"`;
    real.set(hash, etag);
    response.headers.set('etag', hash);
    return response;
  };
};

/** Gives HEAD an ETag of its own. */
export const changeHeadETag: FaultInjector = alterResponse('all', ({ headers }, { method }) => {
  if (method === 'HEAD' && headers.has('etag')) headers.set('etag', '"head"');
});

/** Shows in the response to an update the ETag of the version before. */
export const keepETag: FaultInjector = async (request, send) => {
  const before = request.verb === 'update' ? await send(deriveRequest(request, 'get')) : undefined;
  const response = await send(request);
  const etag = before?.headers.get('etag');
  if (response.status === 200 && etag) response.headers.set('etag', etag);
  return response;
};

/** Shows the time of the read as `created_at`. */
export const touchOnRead = (): FaultInjector => {
  let count = 0;
  return alterResponse(['get'], ({ status, body }) => {
    count += 1;
    if (status === 200 && body?.id) body.created_at = new Date(1_800_000_000_000 + count * 1_000).toISOString();
  });
};

/** Keeps the first value of a field of each app. */
const keepField = (field: string, verbs: readonly string[]) => (): FaultInjector => {
  const first = new Map<unknown, unknown>();
  return async (request, send) => {
    const response = await send(request);
    for (const app of response.body?.data ?? [response.body ?? {}]) {
      if (response.status !== 200 || app?.[field] === undefined) continue;
      if (!first.has(app.id)) first.set(app.id, app[field]);
      if (verbs.includes(request.verb)) app[field] = first.get(app.id);
    }
    return response;
  };
};
export const keepUpdatedAt = keepField('updated_at', ['update', 'get', 'list']);
export const staleList = keepField('name', ['list']);

/** Masks secrets in lists that are filtered. */
export const hideFiltered: FaultInjector = alterResponse(['list'], ({ body }, { url }) => {
  if (!url.searchParams.has('metadata') && !url.searchParams.has('provider')) return;
  for (const app of body?.data ?? []) app.client_secret = '*'.repeat(10);
});

/** Responds to an update with the app as it was before. */
export const respondBefore: FaultInjector = async (request, send) => {
  const before = request.verb === 'update' ? await send(deriveRequest(request, 'get')) : undefined;
  const response = await send(request);
  return response.status === 200 && before ? { ...response, body: before.body } : response;
};

/** Responds to a read with what the last read showed, once after each update. */
export const staleGet = (): FaultInjector => {
  const cache = new Map<unknown, AlterableResponse>();
  return async (request, send) => {
    const response = await send(request);
    if (request.verb !== 'get' || request.method !== 'GET' || response.status !== 200) return response;
    const known = cache.get(request.id);
    if (!known) cache.set(request.id, response);
    return known ? { ...response, body: known.body } : response;
  };
};

/** Adds a cursor to a last page that is full. The page after it is empty. */
export const cursorOfFullPage: FaultInjector = async (request, send) => {
  if (request.url.searchParams.get('cursor')?.startsWith('end-')) {
    alterQuery(request, 'cursor', () => null);
    const response = await send(request);
    return response.status === 200 ? { ...response, body: { data: [] } } : response;
  }
  const response = await send(request);
  const limit = Number(request.url.searchParams.get('limit') ?? 0);
  const { data, next_cursor: next } = response.body ?? {};
  if (request.verb === 'list' && data?.length === limit && limit > 0 && next === undefined)
    response.body.next_cursor = 'end-of-list-1234567890';
  return response;
};

/** Lists apps that match one of two filters. */
export const combineWithOr: FaultInjector = async (request, send) => {
  const { searchParams } = request.url;
  if (request.verb !== 'list' || !searchParams.has('provider') || !searchParams.has('metadata')) return send(request);
  const provider = searchParams.get('provider');
  const byMetadata = { ...request, url: new URL(request.url) };
  alterQuery(byMetadata, 'provider', () => null);
  const both = await send(byMetadata);
  const byProvider = { ...request, url: new URL(request.url) };
  alterQuery(byProvider, 'metadata', () => null);
  const response = await send(byProvider);
  if (!both.body?.data || !response.body?.data || provider === null) return response;
  const ids = new Set(response.body.data.map(({ id }: Fields) => id));
  response.body.data.push(...both.body.data.filter(({ id }: Fields) => !ids.has(id)));
  return response;
};

/** Compares texts in metadata by another rule. */
export const matchTexts = (isMatch: (own: string, wanted: string) => boolean): FaultInjector =>
  filterMetadata(
    matchEvery((own, wanted) =>
      typeof own === 'string' && typeof wanted === 'string' ? isMatch(own, wanted) : isDeepStrictEqual(own, wanted),
    ),
  );

/** Shows the secret of a write in a header of its response. */
export const secretInHeader = (name: string): FaultInjector =>
  alterResponse(['create', 'update'], ({ status, headers }, { body }) => {
    const secret: unknown = body?.client_secret;
    if (status === 200 && typeof secret === 'string' && /^[!#-~]+$/.test(secret)) headers.set(name, `"${secret}"`);
  });

/** Creates an app no second time, and says so with 409. */
export const conflictOnRepeat = (): FaultInjector => {
  const keys = new Set<string>();
  return async (request, send) => {
    const given = request.headers.get('idempotency-key');
    const response = await send(request);
    if (request.verb !== 'create' || given === null || response.status !== 200) return response;
    const key = `${request.headers.get('authorization')} ${given}`;
    if (keys.has(key)) {
      const { instance } = { instance: `urn:uuid:${response.headers.get('x-request-id')}` };
      response.headers.set('content-type', 'application/problem+json');
      const body = {
        type: 'urn:oauth-apps:problem:request-in-flight',
        title: 'Conflict',
        status: 409,
        summary: 'The key was used.',
        instance,
      };
      return { ...response, status: 409, body };
    }
    keys.add(key);
    return response;
  };
};

/** Replays a response for the key of another account. */
export const shareKeys = (tokens: Tokens): FaultInjector =>
  alterRequest(['create'], (request) => {
    if (isForeign(request, tokens) && request.headers.has('idempotency-key'))
      request.headers.set('authorization', `Bearer ${tokens.token}`);
  });

/** Takes a body with the same name for the same body. */
export const compareNames = (): FaultInjector => {
  const bodies = new Map<string, Fields>();
  return async (request, send) => {
    const key = request.headers.get('idempotency-key');
    if (request.verb !== 'create' || key === null || !isObject(request.body)) return send(request);
    const known = bodies.get(key);
    if (known && known.name === request.body.name) return send({ ...request, body: known });
    bodies.set(key, request.body);
    return send(request);
  };
};

/** Responds with 429 once, without saying when to come back. */
export const limitOnce = (): FaultInjector => {
  let count = 0;
  return async (request, send) => {
    const response = await send(request);
    count += 1;
    if (count !== 100) return response;
    response.headers.set('content-type', 'application/problem+json');
    const instance = `urn:uuid:${response.headers.get('x-request-id')}`;
    const body = {
      type: 'urn:oauth-apps:problem:too-many-requests',
      title: 'Too many requests',
      status: 429,
      summary: 'Too many requests',
      instance,
    };
    return { ...response, status: 429, body };
  };
};

/** Responds with 410 for an app that was deleted. */
export const goneAfterDelete = (): FaultInjector => {
  const deleted = new Set<unknown>();
  return async (request, send) => {
    const response = await send(request);
    if (request.verb === 'delete' && response.status === 200) deleted.add(request.id);
    if (response.status === 404 && deleted.has(request.id)) response.status = 410;
    return response;
  };
};
