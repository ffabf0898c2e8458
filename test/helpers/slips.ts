import { isDeepStrictEqual } from 'node:util';
import { type Answer, answering, aside, asking, type Call, type Slip, type Verb } from './faulty.ts';

/** The building blocks of faults. */

export interface Tokens {
  readonly token: string;
  readonly otherToken: string;
}
type Fields = Record<string, unknown>;
type Which = readonly Verb[] | 'all';

/** Turns one status into another one. */
export const turning = (which: Which, from: number, to: number): Slip =>
  answering(which, (answer) => {
    if (answer.status === from) answer.status = to;
  });

/** Leaves a header out of the answers that have it, or of those with a status. */
export const hiding = (name: string, status?: number, which: Which = 'all'): Slip =>
  answering(which, (answer) => {
    if (status === undefined || answer.status === status) answer.headers.delete(name);
  });

/** Gives a header another value in the answers that have it. */
export const heading = (name: string, value: string, status?: number): Slip =>
  answering('all', ({ headers, ...answer }) => {
    if (headers.has(name) && (status === undefined || answer.status === status)) headers.set(name, value);
  });

/** Alters the app, or every app, of a success. */
export const alterApps = (alter: (app: Fields) => void) => (answer: Answer) => {
  if (answer.status !== 200 || typeof answer.body !== 'object') return;
  for (const app of answer.body.data ?? [answer.body]) alter(app);
};

/** Shows apps with other values; undefined leaves a field out. */
export const showing = (which: Which, change: Fields | ((app: Fields) => Fields)): Slip =>
  answering(
    which,
    alterApps((app) => Object.assign(app, typeof change === 'function' ? change(app) : change)),
  );

/** Alters the JSON of problems. */
export const complaining = (change: Fields, status?: number): Slip =>
  answering('all', (answer) => {
    const isMeant = answer.status >= 400 && (status === undefined || answer.status === status);
    if (isMeant && answer.body) Object.assign(answer.body, change);
  });

/** Takes a field of a body for another value; undefined for none. */
export const storing = (which: Which, field: string, alter: (value: unknown) => unknown): Slip =>
  asking(which, ({ body }) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
    body[field] = alter(body[field]);
  });

/** Takes a wrong value of a field for a right one. */
export const taking = (field: string, wrong: unknown, right: unknown, which: Which = 'all'): Slip =>
  storing(which, field, (value) => (isDeepStrictEqual(value, wrong) ? right : value));

/** Changes the text of a field before it is stored. */
export const spoiling = (field: string, spoil: (text: string) => string): Slip =>
  storing('all', field, (value) => (typeof value === 'string' && value !== '' ? spoil(value) || ' ' : value));

/** Changes the values of metadata before they are stored. */
export const spoilingMetadata = (spoil: (value: unknown) => unknown): Slip =>
  storing(['create', 'update'], 'metadata', (metadata) =>
    typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
      ? Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, spoil(value)]))
      : metadata,
  );

/** Percent-encoded whole: reserved characters are refused. */
const encode = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

/** Alters a parameter of the query; null leaves it out. */
export function alterQuery({ url }: Call, name: string, alter: (value: string) => string | null): void {
  const value = url.searchParams.get(name);
  const altered = value === null ? null : alter(value);
  if (altered === value) return;
  const others = url.search.slice(1).split('&');
  const kept = others.filter((pair) => !pair.startsWith(`${name}=`));
  url.search = [...kept, ...(altered === null ? [] : [`${name}=${encode(altered)}`])].join('&');
}

/** Ignores a parameter of the query, or just a value of it. */
export const ignoring = (name: string, only?: string, instead: string | null = null): Slip =>
  asking('all', (call) => alterQuery(call, name, (value) => (only === undefined || value === only ? instead : value)));

/** Ignores a header of the request, or just a value of it. */
export const overlooking = (name: string, only?: string): Slip =>
  asking('all', ({ headers }) => {
    if (only === undefined || headers.get(name) === only) headers.delete(name);
  });

export const tokenOf = ({ headers }: Call) => headers.get('authorization') ?? '';

/** Takes some requests for ones with another token. */
export const trusting = (which: Which, token: string, isTrusted: (call: Call) => boolean = () => true): Slip =>
  asking(which, (call) => {
    if (isTrusted(call)) call.headers.set('authorization', `Bearer ${token}`);
  });

const isForeign = (call: Call, { otherToken }: Tokens) => tokenOf(call).endsWith(otherToken);
/** Takes another account for this one. */
export const confusing = (which: Which) => (tokens: Tokens) =>
  trusting(which, tokens.token, (call) => isForeign(call, tokens));

/** Knows the secrets that were sent, and shows them. */
export const unmasking = (verb: Verb) => (): Slip => {
  const secrets = new Map<unknown, unknown>();
  return async (call, send) => {
    const answer = await send(call);
    const id = answer.status === 200 ? (call.id ?? answer.body?.id) : undefined;
    if (id && call.body?.client_secret) secrets.set(id, call.body.client_secret);
    const show = alterApps((app) => Object.assign(app, { client_secret: secrets.get(app.id) ?? app.client_secret }));
    if (call.verb === verb) show(answer);
    return answer;
  };
};

/** Filters by metadata in another way. */
export const matching = (isMatch: (own: Fields, wanted: Fields) => boolean): Slip => {
  return async (call, send) => {
    const text = call.verb === 'list' ? call.url.searchParams.get('metadata') : null;
    alterQuery(call, 'metadata', () => null);
    const answer = await send(call);
    const wanted = text === null ? undefined : (JSON.parse(text) as Fields);
    const apps: { metadata: Fields }[] | undefined = answer.body?.data;
    if (wanted && apps) answer.body.data = apps.filter(({ metadata }) => isMatch(metadata, wanted));
    return answer;
  };
};

/** Whether every wanted property is there and passes. */
export const every = (isEqual: (own: unknown, wanted: unknown) => boolean) => (own: Fields, wanted: Fields) =>
  Object.entries(wanted).every(([name, value]) => name in own && isEqual(own[name], value));

/** Whether a value has another one in it. */
export function hasWithin(own: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return own === wanted;
  return Object.entries(wanted).every(([name, value]) => hasWithin((own as Fields | undefined)?.[name], value));
}

/** Shows an empty list where a parameter is given. */
export const emptying = (name: string, only?: string): Slip =>
  answering(['list'], (answer, { url }) => {
    const value = url.searchParams.get(name);
    if (value !== null && (only === undefined || value === only) && answer.body?.data) answer.body.data = [];
  });

/** Updates with more than the client sent. */
export const updating = (more: (body: Fields, app: Fields) => Fields): Slip => {
  return async (call, send) => {
    if (call.verb !== 'update' || typeof call.body !== 'object') return send(call);
    const { body: app } = await send(aside(call, 'get'));
    return send({ ...call, body: { ...call.body, ...more(call.body, app) } });
  };
};

/** Does to all other apps what is done to one. */
export const spreading = (verb: 'update' | 'delete'): Slip => {
  return async (call, send) => {
    const answer = await send(call);
    if (call.verb !== verb || answer.status !== 200) return answer;
    const { body } = await send(aside(call, 'list'));
    for (const { id } of body.data) await send(aside(call, verb, id, verb === 'update' ? call.body : undefined));
    return answer;
  };
};

/** Changes an app although the change is refused with a status. */
export const changingAnyway = (status: number): Slip => {
  return async (call, send) => {
    const answer = await send(call);
    const isRefused = call.verb === 'update' && answer.status === status;
    if (isRefused) await send(aside(call, 'update', call.id, { name: 'Changed anyway' }));
    return answer;
  };
};

/** Answers again what it answered before, where the key is the same. */
export const remembering = (verb: Verb, keyOf: (call: Call) => string | null) => (): Slip => {
  const answers = new Map<string, Answer>();
  return async (call, send) => {
    const key = call.verb === verb ? keyOf(call) : null;
    const answer = (key !== null && answers.get(key)) || (await send(call));
    if (key !== null && answer.status === 200) answers.set(key, answer);
    return answer;
  };
};
