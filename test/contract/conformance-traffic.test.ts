// @databases none
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitEntries } from '../conformance/har.ts';
import {
  createPassiveCheck,
  createSuite,
  InvalidHar,
  readHar,
  renderText,
  type SuiteResult,
  startProxy,
} from '../conformance/index.ts';
import { startListener } from '../helpers/listener.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import {
  createdExample as example,
  recordEntry,
  secret,
  spreadViolations,
  violations,
  writeHar,
} from './recorded-traffic.ts';

interface Entry {
  request: { url: string; headers: Pair[]; postData: { text: string } };
  response: { status: number; headers: Pair[]; content: { text: string } };
}
type Pair = Readonly<Record<'name' | 'value', string>>;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Returns the live heap in MB. */
function measureHeap(): number {
  collectGarbage();
  return Math.round(process.memoryUsage().heapUsed / 1e5) / 10;
}

const toHeaders = (pairs: readonly Pair[]) => Object.fromEntries(pairs.map(({ name, value }) => [name, value]));

const describeCauses = ({ causes }: SuiteResult) => causes.map(({ check, message }) => `${check}: ${message}`);

describe('recorded traffic', () => {
  const count = soak(1_200, 10_000);

  it(`of ${count} exchanges shows twelve violations`, async () => {
    const check = createPassiveCheck();
    const memory: number[] = [];
    let checked = 0;
    for await (const exchange of readHar(writeHar(count))) {
      check.add(exchange);
      checked += 1;
      if (checked % 1_000 === 0) memory.push(measureHeap());
    }
    const result = check.result();
    const found = describeCauses(result);
    expect(violations.filter(([cause]) => !found.some((each) => cause.test(each))).map(String)).toEqual([]);
    expect(found).toHaveLength(violations.length);
    expect([result.requests, check.ignored]).toEqual([count, 1]);
    const report = renderText(result, { isVerbose: true });
    for (const hidden of [secret, 'oar_secretToken', 'abcdef123456']) expect(report).not.toContain(hidden);
    console.log(`HAR of ${count} exchanges: ${found.length} causes, heap in MB ${memory.join(', ')}`);
    expect((memory.at(-1) ?? 0) - (memory[1] ?? memory[0] ?? 0)).toBeLessThan(5);
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

  it('sees no conditional request that asks for a new response', async () => {
    const directives: (string | undefined)[] = [];
    const proxy = await startProxy({
      upstream: server.url,
      onExchange: (exchange) => {
        const { 'if-none-match': etag, 'cache-control': directive } = exchange?.request.headers ?? {};
        if (etag !== undefined) directives.push(directive);
      },
    });
    await createSuite({ baseUrl: proxy.url, token: server.token, only: ['conditional_requests'] }).run();
    await proxy.close();
    expect(new Set(directives)).toEqual(new Set(['max-age=0']));
  });

  const passing = soak(violations.length, 10_000);

  it(`finds twelve violations among ${passing} exchanges`, async () => {
    const changes = spreadViolations(passing);
    const sent = Array.from({ length: passing }, () => '');
    await using faulty = await startListener((request, response) => {
      const { status, headers, content } = (JSON.parse(sent[Number(request.headers['x-at'])] ?? '') as Entry).response;
      request.resume().once('end', () => {
        response.writeHead(status, toHeaders(headers));
        response.end(content.text);
      });
    });
    const check = createPassiveCheck();
    const memory: number[] = [];
    const proxy = await startProxy({ upstream: faulty.url, onExchange: check.add });
    for (let at = 0; at < passing; at += 1) {
      sent[at] = recordEntry(changes[at]);
      const { url, headers, postData } = (JSON.parse(sent[at] ?? '') as Entry).request;
      const { pathname, search } = new URL(url);
      const init = { method: 'POST', headers: { ...toHeaders(headers), 'x-at': `${at}` }, body: postData.text };
      await fetch(`${proxy.url}${pathname}${search}`, init).then((response) => response.text());
      sent[at] = '';
      if (at % 1_000 === 999) memory.push(measureHeap());
    }
    await proxy.close();
    const found = describeCauses(check.result());
    expect(violations.filter(([cause]) => !found.some((each) => cause.test(each))).map(String)).toEqual([]);
    expect(found).toHaveLength(violations.length);
    expect(check.result().requests).toBe(passing);
    if (memory.length === 0) return;
    console.log(`proxy of ${passing} exchanges: ${found.length} causes, heap in MB ${memory.join(', ')}`);
    expect((memory.at(-1) ?? 0) - (memory[1] ?? 0)).toBeLessThan(5);
  });
});
