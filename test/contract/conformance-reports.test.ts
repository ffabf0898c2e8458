// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSuite, renderJson, renderJunit, renderText, type SuiteResult } from '../conformance/index.ts';
import { changeApps, revealSecrets } from '../helpers/fault-builders.ts';
import { combineFaults, faultyFetch } from '../helpers/faulty-fetch.ts';
import { description, startServer, type TestServer } from '../helpers/server.ts';
import { soak } from '../helpers/soak.ts';
import { echoBody, misnameFields } from '../helpers/special-faults.ts';
import { parseXml } from '../helpers/xml.ts';

const seed = 8;

/** Returns whether a text is too long and too varied to occur by chance. */
const isDistinctive = (text: string) => text.length >= 8 && new Set(text).size >= 4;

describe(`reports of a faulty server (seed ${seed})`, () => {
  let server: TestServer;
  let otherToken: string;
  let result: SuiteResult;
  const secrets = new Set<string>();
  const others = new Set<unknown>();

  /** Collects the values of a request body. */
  const collectValues = async (request: Request) => {
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
    const leaks = (['create', 'get', 'list'] as const).map((verb) => revealSecrets(verb)());
    const unknownField = changeApps(['get'], { 'unknown\u0001]]>&"<name>': '😀' });
    const fetchWithFaults = faultyFetch(server, combineFaults([echoBody, misnameFields, unknownField, ...leaks]));
    const fetch = async (request: Request) => {
      await collectValues(request);
      return await fetchWithFaults(request);
    };
    result = await createSuite({
      baseUrl: server.url,
      ...tokens,
      seed,
      cases: soak(1, 5),
      isStrict: true,
      fetch,
    }).run();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('contain neither tokens nor client secrets', () => {
    const canaries = [...secrets].filter((secret) => isDistinctive(secret) && !others.has(secret));
    expect(canaries.length).toBeGreaterThan(5);
    const texts = [renderText(result), renderText(result, { isVerbose: true })];
    for (const report of [...texts, renderJson(result), renderJunit(result)]) {
      const forms = (text: string) => [text, JSON.stringify(text).slice(1, -1)];
      const shown = [...canaries, server.token, otherToken].filter((text) =>
        forms(text).some((form) => report.includes(form)),
      );
      expect(shown).toEqual([]);
    }
  });

  it('show each finding with pointer, provenance and curl', () => {
    const text = renderText(result, { isVerbose: true });
    const different = Map.groupBy(result.findings, (each) => `${each.check} ${each.operationId} ${each.message}`);
    expect(different.size).toBeGreaterThan(10);
    for (const [finding] of different.values()) {
      expect(text).toContain(`✗ ${finding?.check} · ${finding?.operationId} · ${finding?.caseName}`);
      expect(text).toContain(`    ${finding?.message}\n    contract  #${finding?.pointer} (${finding?.provenance})`);
      expect(text).toContain(`    curl      ${finding?.again.split('\n').at(-1)}`);
    }
    expect(text).toContain(`${result.findings.length} findings (${result.causes.length} causes)`);
  });

  it('have pointers into the bundle', () => {
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

  it('are well-formed XML with all test cases', () => {
    const elements = parseXml(renderJunit(result));
    const broken = result.results.filter(({ isBroken }) => isBroken);
    const others = result.results.flatMap(({ check, findings }) =>
      findings.filter((finding) => finding.check !== check),
    );
    const ofOtherChecks = new Set(others.map(({ operationId, check }) => `${operationId} ${check}`)).size;
    expect(elements.filter((name) => name === 'testcase')).toHaveLength(result.results.length + ofOtherChecks);
    expect(elements.filter((name) => name === 'failure')).toHaveLength(broken.length + ofOtherChecks);
    expect(renderJunit(result)).toContain(`failures="${broken.length + ofOtherChecks}"`);
  });

  it('are JSON with the whole result', () => {
    expect(JSON.parse(renderJson(result))).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(renderJson(result))).toMatchObject({ seed, level: 'extension', isAborted: false });
  });
});
