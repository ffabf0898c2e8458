/** Recorded traffic of a right server, with one violation of each kind. */

/** Secret of every recorded request. */
export const secret = 'hidden-secret-0123456789';
/** Body of every recorded request. */
export const createdExample = { provider: 'stripe', client_id: 'c', client_secret: secret, name: 'n' };

interface Sent {
  method: string;
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
}
interface Shown {
  status: number;
  headers: Record<string, string>;
  body?: unknown;
}

/** Violations that a recorded exchange can have, and the cause of each. */
export const violations: [cause: RegExp, change: (sent: Sent, shown: Shown) => void][] = [
  [
    /^response_headers_conformance: the header X-Request-Id is missing/,
    (_, shown) => void delete shown.headers['x-request-id'],
  ],
  [
    /^response_headers_conformance: the header Cache-Control is missing/,
    (_, shown) => void delete shown.headers['cache-control'],
  ],
  [/^status_code_conformance: 201 is not documented/, (_, shown) => void Object.assign(shown, { status: 201 })],
  [/^not_a_server_error: the server fails/, (_, shown) => void Object.assign(shown, { status: 500 })],
  [
    /^response_schema_conformance: created_at must match/,
    (_, { body }) => void Object.assign(body as object, { created_at: 'now' }),
  ],
  [
    /^response_schema_conformance: the body must have required property 'metadata'/,
    (_, { body }) => void delete (body as { metadata?: unknown }).metadata,
  ],
  [
    /^secret_masking: a response shows a secret/,
    (_, { body }) => void Object.assign(body as object, { client_secret: secret }),
  ],
  [/^read_your_writes: name is not stored/, (_, { body }) => void Object.assign(body as object, { name: 'other' })],
  [
    /^negative_data_rejection: .*provider.* accepted/,
    ({ body }) => void Object.assign(body as object, { provider: 'myspace' }),
  ],
  [
    /^negative_data_rejection: .*not in the description.* accepted/,
    (sent) => void Object.assign(sent, { path: `${sent.path}?no_such=1` }),
  ],
  [
    /^missing_required_header: a request without a token is accepted/,
    ({ headers }) => void delete headers?.authorization,
  ],
  [
    /^content_type_conformance: the media type of a response is text\/html/,
    (_, { headers }) => void Object.assign(headers, { 'content-type': 'text/html' }),
  ],
];

const pairs = (headers: Record<string, string>) => Object.entries(headers).map(([name, value]) => ({ name, value }));

/** Creates the recorded create request of a right server, with one violation or none. */
export function recordEntry(change?: (typeof violations)[number][1]): string {
  const id = crypto.randomUUID();
  const sent: Sent = {
    method: 'POST',
    path: '/v1/oauth-apps',
    body: { ...createdExample },
    headers: {
      authorization: 'Bearer oar_secretToken1234567',
      'content-type': 'application/json',
      cookie: 'session=abcdef123456',
    },
  };
  const times = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' };
  const shown: Shown = {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-request-id': id, 'cache-control': 'no-store', etag: '"1"' },
    body: { ...createdExample, id, client_secret: '**********', metadata: {}, ...times },
  };
  change?.(sent, shown);
  return JSON.stringify({
    request: {
      method: sent.method,
      url: `https://api.example.com${sent.path}`,
      headers: pairs(sent.headers ?? {}),
      postData: { text: JSON.stringify(sent.body) },
    },
    response: { status: shown.status, headers: pairs(shown.headers), content: { text: JSON.stringify(shown.body) } },
  });
}

/** Returns the violation of each of many exchanges; undefined for a right one. Each violation has one exchange. */
export const spreadViolations = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const step = Math.floor(count / violations.length);
    const isBroken = index % step === Math.min(7, step - 1) && index < step * violations.length;
    return isBroken ? violations[Math.floor(index / step)]?.[1] : undefined;
  });

/** Yields a HAR in pieces of odd lengths. A violation stands among many right exchanges. */
export async function* writeHar(count: number): AsyncGenerator<string> {
  yield '{"log":{"creator":{"name":"entries [{"},"pages":[{"id":"{"}],"ent';
  yield 'ries":[';
  const changes = spreadViolations(count);
  for (let index = 0; index < count; index += 1) {
    const text = `${index > 0 ? ',\n' : ''}${recordEntry(changes[index])}`;
    const cut = (index * 37) % text.length;
    yield text.slice(0, cut);
    yield text.slice(cut);
  }
  yield ',{"request":{"method":"GET","url":"https://other.example/"},"response":{"status":200,"content":{}}}]}}';
}
