import { answering, aside, type Call, type Slip } from './faulty.ts';
import { alterQuery, type Tokens, tokenOf } from './slips.ts';

/** Faults that are like no other. What remembers something is a function, so that each run begins anew. */

/** Answers every so many requests with 503. */
export const failingNowAndThen = (every: number) => (): Slip => {
  let count = 0;
  return answering('all', (answer) => {
    count += 1;
    if (count % every === 0) answer.status = 503;
  });
};

/** Ends the connection over a text. */
export const hangingUp = (text: string): Slip => {
  return async (call, send) => {
    if (call.text === text) throw new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } });
    return send(call);
  };
};

export const refusingHead: Slip = answering('all', (answer, { method }) => {
  if (method === 'HEAD') answer.status = 405;
});

export const takingPut: Slip = async (call, send) =>
  send(call.method === 'PUT' && call.id !== undefined ? aside(call, 'get') : call);

export const wrapping: Slip = answering(['get'], (answer) => {
  if (answer.status === 200) answer.body = { data: answer.body };
});

export const unwrapping: Slip = answering(['list'], (answer) => {
  if (answer.status === 200) answer.body = answer.body.data;
});

export const misnamingFields: Slip = answering(['create'], ({ body }) => {
  if (body?.validation_errors) body.validation_errors = { body: ['is wrong'] };
});

export const echoing: Slip = answering(['create'], (answer, { text }) => {
  if (answer.status === 422) answer.body.summary = text;
});

/** Refuses a list by two filters. */
export const refusingTwo: Slip = async (call, send) => {
  if (call.url.searchParams.has('metadata')) alterQuery(call, 'provider', () => 'none');
  return send(call);
};

export const lengtheningKeys: Slip = async (call, send) => {
  const key = call.headers.get('idempotency-key') ?? '';
  if (key.length > 200) call.headers.set('idempotency-key', `${key}k`);
  return send(call);
};

export const takingPlainText: Slip = async (call, send) => {
  if (call.headers.get('content-type') === 'text/plain') call.headers.set('content-type', 'application/json');
  return send(call);
};

/** Takes the last of two values of the same name. */
export const takingDuplicates: Slip = async (call, send) => {
  if (call.body !== undefined) call.text = JSON.stringify(call.body);
  return send(call);
};

export const hidingNewest: Slip = answering(['list'], ({ body }) => body?.data?.pop());

/** Says that an app is deleted, and keeps it. */
export const pretending: Slip = async (call, send) => {
  if (call.verb !== 'delete') return send(call);
  const answer = await send(aside(call, 'get'));
  if (answer.status === 200) answer.body = { id: call.id, deleted: true };
  return answer;
};

/** Shows an app that is gone. */
export const haunting = (verb: 'list' | 'get') => (): Slip => {
  const ghosts = new Map<unknown, { status: number; body: object }>();
  return async (call, send) => {
    const before = call.verb === 'delete' ? await send(aside(call, 'get')) : undefined;
    if (before?.status === 200) ghosts.set(call.id, before);
    const answer = await send(call);
    const ghost = ghosts.get(call.id);
    if (verb === 'get' && call.verb === 'get' && ghost) return { ...answer, ...ghost };
    const gone = [...ghosts.values()].map(({ body }) => body);
    if (verb === 'list' && call.verb === 'list') answer.body?.data?.push(...gone);
    return answer;
  };
};

/** Says 403 where an app is another account's. */
export const forbidding = (tokens: Tokens): Slip =>
  whereForeign(tokens, (answer) => Object.assign(answer, { status: 403 }));
/** Says 404 in other words where an app is another account's. */
export const telling = (tokens: Tokens): Slip =>
  whereForeign(tokens, ({ body }) => Object.assign(body, { summary: 'This one is not yours.' }));

function whereForeign({ token, otherToken }: Tokens, alter: (answer: { body: object }) => void): Slip {
  return async (call, send) => {
    const answer = await send(call);
    if (answer.status !== 404 || !tokenOf(call).endsWith(otherToken)) return answer;
    const asOwner = aside(call, 'get');
    asOwner.headers.set('authorization', `Bearer ${token}`);
    if ((await send(asOwner)).status === 200) alter(answer);
    return answer;
  };
}

export const matchingWeakly: Slip = async (call, send) => {
  const tag = call.headers.get('if-match');
  if (tag !== null) call.headers.set('if-match', tag.replace('W/', ''));
  return send(call);
};

/** Makes a second app where a key comes again. */
export const repeatingTwice = (): Slip => {
  const keys = new Set<string>();
  return async (call, send) => {
    const answer = await send(call);
    const key = call.headers.get('idempotency-key') ?? '';
    if (call.verb === 'create' && keys.has(key)) {
      const headers = new Headers(call.headers);
      headers.delete('idempotency-key');
      await send({ ...call, headers });
    }
    if (key !== '') keys.add(key);
    return answer;
  };
};

/** Alters the last page, which is shorter than its limit. */
const onLastPage = (alter: (body: { data: unknown[] }, call: Call) => void): Slip =>
  answering(['list'], (answer, call) => {
    if (call.url.searchParams.has('cursor') && answer.body?.data && !answer.body.next_cursor) alter(answer.body, call);
  });
export const repeatingRow: Slip = onLastPage(({ data }) => data.push(data[0]));
export const skippingRow: Slip = onLastPage(({ data }) => data.shift());
export const neverEnding: Slip = onLastPage((body, { url }) =>
  Object.assign(body, { data: [], next_cursor: url.searchParams.get('cursor') }),
);
export const reversing: Slip = answering(['list'], ({ body }) => body?.data?.reverse());

/** Pages by counting: the cursor is how many were shown. */
export const counting: Slip = async (call, send) => {
  const { searchParams } = call.url;
  const [size, start] = [Number(searchParams.get('limit')), Number(searchParams.get('cursor') ?? 0)];
  if (call.verb !== 'list' || !(size > 0 && start >= 0)) return send(call);
  for (const name of ['limit', 'cursor']) alterQuery(call, name, () => null);
  const answer = await send(call);
  const all: unknown[] | undefined = answer.body?.data;
  if (all === undefined) return answer;
  const next = start + size < all.length ? { next_cursor: String(start + size) } : {};
  return { ...answer, body: { data: all.slice(start, start + size), ...next } };
};

/** Takes any cursor for the one that it gave last, unless it is quite another text. */
export const trustingCursors = (): Slip => {
  let last = '';
  return async (call, send) => {
    if (last !== '') alterQuery(call, 'cursor', (given) => (given.slice(0, 8) === last.slice(0, 8) ? last : given));
    const answer = await send(call);
    last = answer.body?.next_cursor ?? last;
    return answer;
  };
};
