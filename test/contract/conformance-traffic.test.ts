// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitEntries } from '../conformance/har.ts';
import {
  createPassiveCheck,
  InvalidHar,
  readHar,
  renderText,
  type SuiteResult,
  startProxy,
} from '../conformance/index.ts';
import { startListener } from '../helpers/listener.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';

const secret = 'hidden-secret-0123456789';
const example = { provider: 'stripe', client_id: 'c', client_secret: secret, name: 'n' };

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
const violations: [cause: RegExp, change: (sent: Sent, shown: Shown) => void][] = [
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
function recordEntry(change?: (typeof violations)[number][1]): string {
  const id = crypto.randomUUID();
  const sent: Sent = {
    method: 'POST',
    path: '/v1/oauth-apps',
    body: { ...example },
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
    body: { ...example, id, client_secret: '**********', metadata: {}, ...times },
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

/** Yields a HAR in pieces of odd lengths. A violation stands among many right exchanges. */
async function* writeHar(count: number): AsyncGenerator<string> {
  yield '{"log":{"creator":{"name":"entries [{"},"pages":[{"id":"{"}],"ent';
  yield 'ries":[';
  for (let index = 0; index < count; index += 1) {
    const violation =
      violations[
        index % Math.floor(count / violations.length) === 7 ? Math.floor((index * violations.length) / count) : -1
      ];
    const text = `${index > 0 ? ',\n' : ''}${recordEntry(violation?.[1])}`;
    const cut = (index * 37) % text.length;
    yield text.slice(0, cut);
    yield text.slice(cut);
  }
  yield ',{"request":{"method":"GET","url":"https://other.example/"},"response":{"status":200,"content":{}}}]}}';
}

const describeCauses = ({ causes }: SuiteResult) => causes.map(({ check, message }) => `${check}: ${message}`);

describe('recorded traffic', () => {
  const count = soak(1_200, 10_000);

  it(`of ${count} exchanges shows twelve violations`, async () => {
    const check = createPassiveCheck();
    let most = 0;
    let checked = 0;
    for await (const exchange of readHar(writeHar(count))) {
      check.add(exchange);
      checked += 1;
      if (checked % 500 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
    }
    const result = check.result();
    const found = describeCauses(result);
    expect(violations.filter(([cause]) => !found.some((each) => cause.test(each))).map(String)).toEqual([]);
    expect(found).toHaveLength(violations.length);
    expect([result.requests, check.ignored]).toEqual([count, 1]);
    const report = renderText(result, { isVerbose: true });
    for (const hidden of [secret, 'oar_secretToken', 'abcdef123456']) expect(report).not.toContain(hidden);
    console.log(`HAR of ${count} exchanges: ${found.length} causes, heap at most ${Math.round(most / 1e6)} MB`);
  });

  it('keeps few findings of many equal violations', async () => {
    const check = createPassiveCheck();
    const entry = recordEntry(violations[0]?.[1]);
    for (let index = 0; index < 500; index += 1) {
      for await (const exchange of readHar(
        (async function* () {
          yield `{"log":{"entries":[${entry}]}}`;
        })(),
      ))
        check.add(exchange);
    }
    const { causes, findings } = check.result();
    expect(causes.map(({ count: seen }) => seen)).toEqual([500]);
    expect(findings.length).toBeLessThan(10);
  });

  it.each([
    ['no entries', '{"log":{}}'],
    ['an early end', '{"log":{"entries":[{"request":{'],
    ['an entry that is not JSON', '{"log":{"entries":[{"request":x}]}}'],
  ])('is no HAR with %s', async (_, text) => {
    const read = async () => {
      for await (const each of readHar(
        (async function* () {
          yield text;
        })(),
      ))
        void each;
    };
    await expect(read()).rejects.toThrow(InvalidHar);
  });

  it('is split wherever the pieces end', async () => {
    const text = '{"log":{"entries":[{"a":"}]\\\\"},{"b":[{"c":1}]}],"x":[{"d":1}]}}';
    for (let size = 1; size < text.length; size += 1) {
      const parts: string[] = [];
      const cut = async function* () {
        for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
      };
      for await (const part of splitEntries(cut())) parts.push(part);
      expect(parts).toEqual(['{"a":"}]\\\\"}', '{"b":[{"c":1}]}']);
    }
  });
});

describe('a proxy', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('has no findings about a right server', async () => {
    const check = createPassiveCheck({ isStrict: true });
    const proxy = await startProxy({ upstream: server.url, onExchange: check.add });
    const headers = { Authorization: `Bearer ${server.token}`, 'Content-Type': 'application/json' };
    const created = await fetch(`${proxy.url}/v1/oauth-apps`, {
      method: 'POST',
      headers,
      body: JSON.stringify(example),
    });
    const { id } = (await created.json()) as { id: string };
    for (const path of ['', '?limit=1', '?truncate_secrets=false', `/${id}`, '/none', '?limit=0'])
      await fetch(`${proxy.url}/v1/oauth-apps${path}`, { headers }).then((response) => response.text());
    await fetch(`${proxy.url}/v1/oauth-apps`).then((response) => response.text());
    await fetch(`${proxy.url}/healthz`).then((response) => response.text());
    await proxy.close();
    expect(describeCauses(check.result())).toEqual([
      'request_conformance: limit must be >= 1, and the request was rejected',
    ]);
    expect([check.result().requests, check.ignored]).toEqual([8, 1]);
  });

  it('finds the violations that pass it', async () => {
    let at = 0;
    await using faulty = await startListener((request, response) => {
      const entry = JSON.parse(recordEntry(violations[at]?.[1])) as {
        response: { status: number; headers: { name: string; value: string }[]; content: { text: string } };
      };
      request.resume().once('end', () => {
        response.writeHead(
          entry.response.status,
          Object.fromEntries(entry.response.headers.map(({ name, value }) => [name, value])),
        );
        response.end(entry.response.content.text);
      });
    });
    const check = createPassiveCheck();
    const proxy = await startProxy({ upstream: faulty.url, onExchange: check.add });
    for (at = 0; at < violations.length; at += 1) {
      const { request } = JSON.parse(recordEntry(violations[at]?.[1])) as {
        request: { url: string; headers: { name: string; value: string }[]; postData: { text: string } };
      };
      const { pathname, search } = new URL(request.url);
      const headers = Object.fromEntries(request.headers.map(({ name, value }) => [name, value]));
      await fetch(`${proxy.url}${pathname}${search}`, { method: 'POST', headers, body: request.postData.text }).then(
        (response) => response.text(),
      );
    }
    await proxy.close();
    const found = describeCauses(check.result());
    expect(violations.filter(([cause]) => !found.some((each) => cause.test(each))).map(String)).toEqual([]);
    expect(found).toHaveLength(violations.length);
  });
});
