import { isDeepStrictEqual } from 'node:util';
import {
  type Affected,
  type AlterableRequest,
  type AlterableResponse,
  alterRequest,
  alterResponse,
  deriveRequest,
  type FaultInjector,
  type Verb,
} from './faulty-fetch.ts';

/** Builders of seeded faults, each for a kind of fault that several operations or fields can have. */

export interface Tokens {
  readonly token: string;
  readonly otherToken: string;
}
type Fields = Record<string, unknown>;

/** Replaces one status by another one. */
export const changeStatus = (affected: Affected, from: number, to: number): FaultInjector =>
  alterResponse(affected, (response) => {
    if (response.status === from) response.status = to;
  });

/** Removes a header from responses, or from those with a status. */
export const removeHeader = (name: string, status?: number, affected: Affected = 'all'): FaultInjector =>
  alterResponse(affected, (response) => {
    if (status === undefined || response.status === status) response.headers.delete(name);
  });

/** Replaces the value of a header in the responses that have it. */
export const changeHeader = (name: string, value: string, status?: number): FaultInjector =>
  alterResponse('all', ({ headers, ...response }) => {
    if (headers.has(name) && (status === undefined || response.status === status)) headers.set(name, value);
  });

/** Alters the app, or every app, of a successful response. */
export const alterApps = (alter: (app: Fields) => void) => (response: AlterableResponse) => {
  if (response.status !== 200 || typeof response.body !== 'object') return;
  for (const app of response.body.data ?? [response.body]) alter(app);
};

/** Replaces fields of apps in responses; undefined removes a field. */
export const changeApps = (affected: Affected, change: Fields | ((app: Fields) => Fields)): FaultInjector =>
  alterResponse(
    affected,
    alterApps((app) => Object.assign(app, typeof change === 'function' ? change(app) : change)),
  );

/** Replaces fields of problem details; undefined removes a field. */
export const changeProblems = (change: Fields, status?: number): FaultInjector =>
  alterResponse('all', (response) => {
    const isMatch = response.status >= 400 && (status === undefined || response.status === status);
    if (isMatch && response.body) Object.assign(response.body, change);
  });

/** Alters a field of request bodies; undefined removes it. */
export const alterField = (affected: Affected, field: string, alter: (value: unknown) => unknown): FaultInjector =>
  alterRequest(affected, ({ body }) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    body[field] = alter(body[field]);
  });

/** Accepts an invalid value of a field, as if a valid one had been sent. */
export const acceptValue = (
  field: string,
  invalid: unknown,
  valid: unknown,
  affected: Affected = 'all',
): FaultInjector => alterField(affected, field, (value) => (isDeepStrictEqual(value, invalid) ? valid : value));

/** Alters the text of a field before it is stored. */
export const alterText = (field: string, alter: (text: string) => string): FaultInjector =>
  alterField('all', field, (value) => (typeof value === 'string' && value !== '' ? alter(value) || ' ' : value));

/** Alters the values of metadata before they are stored. */
export const alterMetadata = (alter: (value: unknown) => unknown): FaultInjector =>
  alterField(['create', 'update'], 'metadata', (metadata) =>
    typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
      ? Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, alter(value)]))
      : metadata,
  );

/** Percent-encodes every byte of a text, because the server rejects reserved characters. */
const encode = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Alters a query parameter; null removes it. */
export function alterQuery({ url }: AlterableRequest, name: string, alter: (value: string) => string | null): void {
  const value = url.searchParams.get(name);
  const altered = value === null ? null : alter(value);
  if (altered === value) return;
  const others = url.search.slice(1).split('&');
  const kept = others.filter((pair) => !pair.startsWith(`${name}=`));
  url.search = [...kept, ...(altered === null ? [] : [`${name}=${encode(altered)}`])].join('&');
}

/** Ignores a query parameter of lists, or only one value of it. Uses another value instead where one is given. */
export const ignoreParameter = (name: string, only?: string, instead: string | null = null): FaultInjector =>
  alterRequest(['list'], (request) =>
    alterQuery(request, name, (value) => (only === undefined || value === only ? instead : value)),
  );

/** Ignores a request header, or only one value of it. */
export const ignoreHeader = (name: string, only?: string): FaultInjector =>
  alterRequest('all', ({ headers }) => {
    if (only === undefined || headers.get(name) === only) headers.delete(name);
  });

export const authorizationOf = ({ headers }: AlterableRequest) => headers.get('authorization') ?? '';

/** Accepts any token, or those of some requests, as the given one. */
export const acceptToken = (
  affected: Affected,
  token: string,
  isAccepted: (request: AlterableRequest) => boolean = () => true,
): FaultInjector =>
  alterRequest(affected, (request) => {
    if (isAccepted(request)) request.headers.set('authorization', `Bearer ${token}`);
  });

/** Returns whether a request has the token of the other account. */
export const isForeign = (request: AlterableRequest, { otherToken }: Tokens) =>
  authorizationOf(request).endsWith(otherToken);

/** Gives the other account access to the apps of this one. */
export const shareAccounts = (affected: Affected) => (tokens: Tokens) =>
  acceptToken(affected, tokens.token, (request) => isForeign(request, tokens));

/** Shows full secrets in the responses of an operation. */
export const revealSecrets = (verb: Verb) => (): FaultInjector => {
  const secrets = new Map<unknown, unknown>();
  return async (request, send) => {
    const response = await send(request);
    const id = response.status === 200 ? (request.id ?? response.body?.id) : undefined;
    if (id && request.body?.client_secret) secrets.set(id, request.body.client_secret);
    const reveal = alterApps((app) => Object.assign(app, { client_secret: secrets.get(app.id) ?? app.client_secret }));
    if (request.verb === verb) reveal(response);
    return response;
  };
};

/** Returns a JSON object; undefined for any other text. */
function parseObject(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** Filters lists by metadata with another rule. */
export const filterMetadata = (isMatch: (metadata: Fields, filter: Fields) => boolean): FaultInjector => {
  return async (request, send) => {
    const text = request.verb === 'list' ? request.url.searchParams.get('metadata') : null;
    const filter = text === null ? undefined : parseObject(text);
    if (filter === undefined) return send(request);
    alterQuery(request, 'metadata', () => null);
    const response = await send(request);
    const apps: { metadata: Fields }[] | undefined = response.body?.data;
    if (filter && apps) response.body.data = apps.filter(({ metadata }) => isMatch(metadata, filter));
    return response;
  };
};

/** Returns a rule by which every property of a filter exists and matches. */
export const matchEvery =
  (isMatch: (value: unknown, wanted: unknown) => boolean) => (metadata: Fields, filter: Fields) =>
    Object.entries(filter).every(([name, wanted]) => name in metadata && isMatch(metadata[name], wanted));

/** Returns whether a value contains another one, at any depth. */
export function isPartOf(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  return Object.entries(wanted).every(([name, part]) => isPartOf((value as Fields | undefined)?.[name], part));
}

/** Empties lists that are filtered by a parameter, or only by one value of it. */
export const emptyLists = (name: string, only?: string): FaultInjector =>
  alterResponse(['list'], (response, { url }) => {
    const value = url.searchParams.get(name);
    if (value !== null && (only === undefined || value === only) && response.body?.data) response.body.data = [];
  });

/** Adds fields to updates. */
export const extendUpdates = (addedFields: (body: Fields, app: Fields) => Fields): FaultInjector => {
  return async (request, send) => {
    // A body that is invalid, or that JSON.parse changes, is none to extend.
    const isPlain = JSON.stringify(request.body) === request.text && !Array.isArray(request.body);
    if (request.verb !== 'update' || typeof request.body !== 'object' || !isPlain) return send(request);
    const { body: app } = await send(deriveRequest(request, 'get'));
    return send({ ...request, body: { ...request.body, ...addedFields(request.body, app) } });
  };
};

/** Applies an update or a delete of one app to every app. */
export const applyToAll = (verb: 'update' | 'delete'): FaultInjector => {
  return async (request, send) => {
    const response = await send(request);
    if (request.verb !== verb || response.status !== 200) return response;
    const { body: list } = await send(deriveRequest(request, 'list'));
    const body = verb === 'update' ? request.body : undefined;
    for (const { id } of list.data) await send(deriveRequest(request, verb, id, body));
    return response;
  };
};

/** Changes the app of an update that is rejected with a status. */
export const changeDespite = (status: number): FaultInjector => {
  return async (request, send) => {
    const response = await send(request);
    const isRejected = request.verb === 'update' && response.status === status;
    if (isRejected) await send(deriveRequest(request, 'update', request.id, { name: 'Changed anyway' }));
    return response;
  };
};

/** Replays the first successful response to every request with the same key. */
export const replayResponses =
  (verb: Verb, keyOf: (request: AlterableRequest) => string | null) => (): FaultInjector => {
    const responses = new Map<string, AlterableResponse>();
    return async (request, send) => {
      const key = request.verb === verb ? keyOf(request) : null;
      const response = (key !== null && responses.get(key)) || (await send(request));
      if (key !== null && response.status === 200) responses.set(key, response);
      return response;
    };
  };
