import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSuite, renderJson, renderJunit, renderText, type SuiteResult } from '../conformance/index.ts';
import { faultyFetch, type Slip } from '../helpers/faulty.ts';
import { echoing, misnamingFields } from '../helpers/odd-slips.ts';
import { description, startServer, type TestServer } from '../helpers/server.ts';
import { showing, unmasking } from '../helpers/slips.ts';
import { parseXml } from '../helpers/xml.ts';

const seed = 8;

/** One fault upon the other. */
const together = (slips: readonly Slip[]): Slip =>
  slips.reduce((inner, outer) => (call, send) => outer(call, (altered) => inner(altered, send)));

/** A value that occurs nowhere by chance. */
const isTelling = (text: string) => text.length >= 8 && new Set(text).size >= 4;

describe(`reports of a faulty server (seed ${seed})`, () => {
  let server: TestServer;
  let otherToken: string;
  let result: SuiteResult;
  const secrets = new Set<string>();
  const others = new Set<unknown>();

  const spy = async (request: Request) => {
    const body = await request
      .clone()
      .json()
      .catch(() => undefined);
    if (body?.client_secret) secrets.add(body.client_secret);
    for (const [name, value] of Object.entries(body ?? {})) if (name !== 'client_secret') others.add(value);
  };

  beforeAll(async () => {
    server = await startServer();
    otherToken = await server.createToken({ accountId: 'another' });
    const tokens = { token: server.token, otherToken };
    const leaks = (['create', 'get', 'list'] as const).map((verb) => unmasking(verb)());
    const odd = showing(['get'], { 'odd\u0001]]>&"<name>': '😀' });
    const broken = faultyFetch(together([echoing, misnamingFields, odd, ...leaks]));
    const fetch = async (request: Request) => {
      await spy(request);
      return await broken(request);
    };
    result = await createSuite({ baseUrl: server.url, ...tokens, seed, cases: 5, isStrict: true, fetch }).run();
  }, 60_000);
  afterAll(() => server[Symbol.asyncDispose]());

  it('hold neither tokens nor client secrets', () => {
    const canaries = [...secrets].filter((secret) => isTelling(secret) && !others.has(secret));
    expect(canaries.length).toBeGreaterThan(5);
    for (const report of [renderText(result), renderJson(result), renderJunit(result)]) {
      const forms = (text: string) => [text, JSON.stringify(text).slice(1, -1)];
      const shown = [...canaries, server.token, otherToken].filter((text) =>
        forms(text).some((form) => report.includes(form)),
      );
      expect(shown).toEqual([]);
    }
  });

  it('name each finding with pointer, provenance and curl', () => {
    const text = renderText(result);
    const different = Map.groupBy(result.findings, (each) => `${each.check} ${each.operationId} ${each.message}`);
    expect(different.size).toBeGreaterThan(10);
    for (const [finding] of different.values()) {
      expect(text).toContain(`✗ ${finding?.check} · ${finding?.operationId} · ${finding?.caseName}`);
      expect(text).toContain(`    ${finding?.message}\n    contract  #${finding?.pointer} (${finding?.provenance})`);
      expect(text).toContain(`    again     ${finding?.curl}`);
    }
    expect(text).toContain(`${result.findings.length} findings (${different.size} different)`);
  });

  it('point into the bundle', () => {
    const bundle = JSON.parse(description);
    const decode = (part: string) => part.replaceAll('~1', '/').replaceAll('~0', '~');
    for (const pointer of new Set(result.findings.map((finding) => finding.pointer))) {
      const parts = pointer.split('/').slice(1).map(decode);
      expect(
        parts.reduce((node, part) => node?.[part], bundle),
        pointer,
      ).toBeDefined();
    }
  });

  it('are well-formed XML with a test case each', () => {
    const elements = parseXml(renderJunit(result));
    const broken = result.results.filter(({ findings }) => findings.length > 0);
    expect(elements.filter((name) => name === 'testcase')).toHaveLength(result.results.length);
    expect(elements.filter((name) => name === 'failure')).toHaveLength(broken.length);
    expect(renderJunit(result)).toContain(`failures="${broken.length}"`);
  });

  it('are JSON that holds the whole result', () => {
    expect(JSON.parse(renderJson(result))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(renderJson(result))).toMatchObject({ seed, level: 'extension', isAborted: false });
  });
});
