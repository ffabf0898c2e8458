import { alterQuery, isForeign, type Tokens } from './fault-builders.ts';
import {
  type AlterableRequest,
  type AlterableResponse,
  alterRequest,
  alterResponse,
  deriveRequest,
  type FaultInjector,
} from './faulty-fetch.ts';

/** Seeded faults that no builder covers. Those with state are functions, so that each run starts without state. */

/** Replaces the status of every n-th response by 503. */
export const failEvery = (n: number) => (): FaultInjector => {
  let count = 0;
  return alterResponse('all', (response) => {
    count += 1;
    if (count % n === 0) response.status = 503;
  });
};

/** Closes the connection for a request with this body. */
export const closeConnectionFor = (text: string): FaultInjector => {
  return async (request, send) => {
    if (request.text === text) throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    return send(request);
  };
};

/** Closes the connection for a path with this end. */
export const closeConnectionAt = (end: string): FaultInjector => {
  return async (request, send) => {
    if (request.url.pathname.endsWith(end)) throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    return send(request);
  };
};

/** Ignores the part of a query from a text on. */
export const cutQuery = (text: string): FaultInjector =>
  alterRequest('all', ({ url }) => {
    const at = url.search.indexOf(text);
    if (at >= 0) url.search = url.search.slice(0, at);
  });

/** Takes an update without a body for an empty object. */
export const acceptEmptyBody: FaultInjector = alterRequest(['update'], (request) => {
  if (request.text === '') request.body = {};
});

export const acceptCharset: FaultInjector = alterRequest('all', ({ headers }) => {
  if (headers.get('content-type')?.includes('charset=')) headers.set('content-type', 'application/json');
});

/** Responds as a mock does: with an example, whatever was sent. Requests are validated. */
export const respondWithExample = (example: object): FaultInjector => {
  const headers = new Headers({ 'content-type': 'application/json', 'cache-control': 'no-store', etag: '"v1"' });
  return async (request, send) => {
    const response = await send(request);
    const { verb } = request;
    const isFound = response.status === 404 && verb === 'get';
    if (verb === 'none' || (response.status >= 400 && !isFound)) return response;
    if (verb === 'create') await send(deriveRequest(request, 'delete', response.body?.id));
    const body = verb === 'list' ? { data: [example] } : verb === 'delete' ? response.body : example;
    headers.set('x-request-id', crypto.randomUUID());
    return { status: 200, headers: new Headers(headers), body, text: '' };
  };
};

export const rejectHead: FaultInjector = alterResponse('all', (response, { method }) => {
  if (method === 'HEAD') response.status = 405;
});

/** Treats PUT as GET. */
export const acceptPut: FaultInjector = async (request, send) =>
  send(request.method === 'PUT' && request.id !== undefined ? deriveRequest(request, 'get') : request);

/** Names PUT in every Allow header. */
export const allowPut: FaultInjector = alterResponse('all', ({ headers }) => {
  const allow = headers.get('allow');
  if (allow !== null) headers.set('allow', `${allow}, PUT`);
});

export const wrapApp: FaultInjector = alterResponse(['get'], (response) => {
  if (response.status === 200) response.body = { data: response.body };
});

export const unwrapList: FaultInjector = alterResponse(['list'], (response) => {
  if (response.status === 200) response.body = response.body.data;
});

/** Names a field in `validation_errors` that does not exist. */
export const misnameFields: FaultInjector = alterResponse(['create'], ({ body }) => {
  if (body?.validation_errors) body.validation_errors = { body: ['is wrong'] };
});

/** Repeats the request body in a 422. */
export const echoBody: FaultInjector = alterResponse(['create'], (response, { text }) => {
  if (response.status === 422) response.body.summary = text;
});

/** Rejects a list with two filters. */
export const rejectTwoFilters: FaultInjector = async (request, send) => {
  if (request.url.searchParams.has('metadata')) alterQuery(request, 'provider', () => 'none');
  return send(request);
};

/** Makes long idempotency keys too long. */
export const lengthenKeys: FaultInjector = async (request, send) => {
  const key = request.headers.get('idempotency-key') ?? '';
  if (key.length > 200) request.headers.set('idempotency-key', `${key}k`);
  return send(request);
};

export const acceptPlainText: FaultInjector = async (request, send) => {
  if (request.headers.get('content-type') === 'text/plain') request.headers.set('content-type', 'application/json');
  return send(request);
};

/** Accepts duplicate names in a body. The last one counts. */
export const acceptDuplicateNames: FaultInjector = async (request, send) => {
  if (request.body !== undefined) request.text = JSON.stringify(request.body);
  return send(request);
};

export const omitNewestApp: FaultInjector = alterResponse(['list'], ({ body }) => body?.data?.pop());

/** Responds to DELETE as usual without deleting the app. */
export const skipDelete: FaultInjector = async (request, send) => {
  if (request.verb !== 'delete') return send(request);
  const response = await send(deriveRequest(request, 'get'));
  if (response.status === 200) response.body = { id: request.id, deleted: true };
  return response;
};

/** Deletes a deleted app again, as if it were there. */
export const deleteAgain = (): FaultInjector => {
  const deleted = new Map<unknown, AlterableResponse>();
  return async (request, send) => {
    const response = await send(request);
    if (request.verb !== 'delete') return response;
    if (response.status === 200) deleted.set(request.id, response);
    return deleted.get(request.id) ?? response;
  };
};

/** Shows deleted apps in the responses of an operation. */
export const showDeletedApps = (verb: 'list' | 'get') => (): FaultInjector => {
  const deletedApps = new Map<unknown, { status: number; body: object }>();
  return async (request, send) => {
    const readApp = async () => (request.verb === 'delete' ? await send(deriveRequest(request, 'get')) : undefined);
    const before = await readApp();
    const response = await send(request);
    if (before?.status === 200 && (await readApp())?.status === 404) deletedApps.set(request.id, before);
    const deletedApp = deletedApps.get(request.id);
    if (verb === 'get' && request.verb === 'get' && deletedApp) return { ...response, ...deletedApp };
    const bodies = [...deletedApps.values()].map(({ body }) => body);
    if (verb === 'list' && request.verb === 'list') response.body?.data?.push(...bodies);
    return response;
  };
};

/** Responds with 403 instead of 404 for another account's app. */
export const forbidForeignApps = (tokens: Tokens): FaultInjector =>
  alterForeign(tokens, (response) => Object.assign(response, { status: 403 }));

/** Responds with a different text in the 404 for another account's app. */
export const explainForeignApps = (tokens: Tokens): FaultInjector =>
  alterForeign(tokens, ({ body }) => Object.assign(body, { summary: 'This one is not yours.' }));

/** Alters the 404 for another account's app. */
function alterForeign(tokens: Tokens, alter: (response: { body: object }) => void): FaultInjector {
  return async (request, send) => {
    const response = await send(request);
    if (response.status !== 404 || !isForeign(request, tokens)) return response;
    const ofOwner = deriveRequest(request, 'get');
    ofOwner.headers.set('authorization', `Bearer ${tokens.token}`);
    if ((await send(ofOwner)).status === 200) alter(response);
    return response;
  };
}

/** Makes every ETag weak. */
export const weakenETags: FaultInjector = alterResponse('all', ({ headers }) => {
  const etag = headers.get('etag');
  if (etag !== null) headers.set('etag', `W/${etag}`);
});

/** Compares the ETags of If-Match weakly. */
export const compareWeakly: FaultInjector = async (request, send) => {
  const etag = request.headers.get('if-match');
  if (etag !== null) request.headers.set('if-match', etag.replace('W/', ''));
  return send(request);
};

/** Creates a second app for a repeated request. */
export const createOnRepeat = (): FaultInjector => {
  const keys = new Set<string>();
  return async (request, send) => {
    const response = await send(request);
    const key = request.headers.get('idempotency-key') ?? '';
    if (request.verb === 'create' && keys.has(key)) {
      const headers = new Headers(request.headers);
      headers.delete('idempotency-key');
      await send({ ...request, headers });
    }
    if (key !== '') keys.add(key);
    return response;
  };
};

/** Alters the last page, which has no `next_cursor`. */
const alterLastPage = (alter: (body: { data: unknown[] }, request: AlterableRequest) => void): FaultInjector =>
  alterResponse(['list'], ({ body }, request) => {
    if (request.url.searchParams.has('cursor') && body?.data && !body.next_cursor) alter(body, request);
  });
export const repeatRow: FaultInjector = alterLastPage(({ data }) => data.push(...data.slice(0, 1)));
export const skipRow: FaultInjector = alterLastPage(({ data }) => data.shift());
/** Adds a `next_cursor` to the last page. */
export const addNextCursor: FaultInjector = alterLastPage((body, { url }) =>
  Object.assign(body, { data: [], next_cursor: url.searchParams.get('cursor') }),
);
export const reverseLists: FaultInjector = alterResponse(['list'], ({ body }) => body?.data?.reverse());

/** Uses the number of listed rows as the cursor. */
export const useOffsetCursors: FaultInjector = async (request, send) => {
  const { searchParams } = request.url;
  if (!/^([1-9]\d{0,2}|1000)$/.test(searchParams.get('limit') ?? '')) return send(request);
  const [size, start] = [Number(searchParams.get('limit')), Number(searchParams.get('cursor') ?? 0)];
  if (request.verb !== 'list' || !(size > 0 && start >= 0)) return send(request);
  for (const name of ['limit', 'cursor']) alterQuery(request, name, () => null);
  const response = await send(request);
  const all: unknown[] | undefined = response.body?.data;
  if (all === undefined) return response;
  const next = start + size < all.length ? { next_cursor: String(start + size) } : {};
  return { ...response, body: { data: all.slice(start, start + size), ...next } };
};

/** Accepts an altered cursor as the last one that was issued, if they start with the same eight characters. */
export const acceptAlteredCursors = (): FaultInjector => {
  let last = '';
  return async (request, send) => {
    if (last !== '') alterQuery(request, 'cursor', (given) => (given.slice(0, 8) === last.slice(0, 8) ? last : given));
    const response = await send(request);
    last = response.body?.next_cursor ?? last;
    return response;
  };
};

/** Reads the limit in any spelling of a number, as JavaScript does. */
export const readAnyNumber = alterRequest(['list'], (request) =>
  alterQuery(request, 'limit', (text) => (text !== '' && Number.isInteger(Number(text)) ? `${Number(text)}` : text)),
);

/** Reads every text but one as true. */
export const readAnyBoolean = alterRequest(['list'], (request) =>
  alterQuery(request, 'truncate_secrets', (text) => (text === 'false' ? text : 'true')),
);
