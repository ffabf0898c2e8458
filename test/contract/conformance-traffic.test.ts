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
import { createdExample as example, recordEntry, secret, violations, writeHar } from './recorded-traffic.ts';

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
