// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckName, createSuite, type SuiteOptions } from '../conformance/index.ts';
import { removeHeader } from '../helpers/fault-builders.ts';
import { alterResponse, faultyFetch } from '../helpers/faulty-fetch.ts';
import { directFetch } from '../helpers/in-process.ts';
import { description, startServer, type TestServer } from '../helpers/server.ts';

const uuid = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g;
const only = (...checks: CheckName[]) => ({ only: checks });
const account = 'default';
const headerCheck: CheckName = 'response_headers_conformance';

describe('a run of the suite', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
    await server.client.createOAuthApp({ provider: 'github', client_id: 'x', client_secret: 'y', name: 'kept' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const suiteOf = (options: Partial<SuiteOptions>) =>
    createSuite({
      baseUrl: server.url,
      token: server.token,
      seed: 1,
      cases: 10,
      fetch: directFetch(server),
      ...options,
    });
  const countRows = async () => (await server.store.listApps(account)).apps.length;

  /** Creates a `fetch` that records requests without ids, keys and unique metadata, which are new in each run. */
  const recordTo = (sent: string[]) => async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    sent.push(`${request.method} ${pathname}${search} ${await request.clone().text()}`.replaceAll(uuid, 'id'));
    return directFetch(server)(request);
  };

  /** Runs the cases with generated values. Returns the requests. */
  const runGenerated = async (seed: number, cases: number) => {
    const sent: string[] = [];
    const suite = suiteOf({ seed, cases, fetch: recordTo(sent) });
    for (const { name, run } of suite.cases) if (name.endsWith('stores any valid body')) await run();
    return sent;
  };

  it('sends the same requests for the same seed', async () => {
    const first = await runGenerated(1, 10);
    expect(await runGenerated(1, 10)).toEqual(first);
    expect(await runGenerated(2, 10)).not.toEqual(first);
  });

  it('generates more values for more cases', async () => {
    const [few, many] = [await runGenerated(1, 1), await runGenerated(1, 11)];
    expect(few.filter((line) => line.startsWith('POST'))).toHaveLength(2);
    expect(many.filter((line) => line.startsWith('POST'))).toHaveLength(22);
  });

  it('reports only the selected checks, from every case', async () => {
    const fetch = faultyFetch(server, removeHeader('www-authenticate'));
    const headers = await suiteOf({ ...only(headerCheck), isReadOnly: true, fetch }).run();
    expect(new Set(headers.findings.map(({ check }) => check))).toEqual(new Set([headerCheck]));
    const others = await suiteOf({ ...only('ignored_auth'), fetch }).run();
    expect(others.findings).toEqual([]);
    const skipping = await suiteOf({ ...only('ignored_auth', headerCheck), skip: [headerCheck], fetch }).run();
    expect(skipping.findings).toEqual([]);
  });

  it('reports rejected valid bodies for every selection', async () => {
    const fetch = faultyFetch(
      server,
      alterResponse(['create'], (response) => Object.assign(response, { status: 422 })),
    );
    const { findings } = await suiteOf({ ...only('use_after_free'), fetch }).run();
    expect(findings.map(({ message }) => message)).toContain('a valid app was rejected with 422');
  });

  it('sends only safe methods when it is read-only', async () => {
    const sent: string[] = [];
    const result = await suiteOf({ isReadOnly: true, fetch: recordTo(sent) }).run();
    expect(new Set(sent.map((line) => line.split(' ')[0]))).toEqual(new Set(['GET', 'HEAD', 'OPTIONS']));
    expect(result.findings).toEqual([]);
    expect(result.results.length).toBeGreaterThan(30);
  });

  it('aborts among generated values and cleans up', async () => {
    const abort = new AbortController();
    let sent = 0;
    const fetchUntilAbort = (request: Request) => {
      sent += 1;
      if (sent === 230) abort.abort();
      return directFetch(server)(request);
    };
    const before = await countRows();
    const suite = suiteOf({ ...only('read_your_writes'), cases: 100_000, fetch: fetchUntilAbort });
    const result = await suite.run({ signal: abort.signal });
    expect(result).toMatchObject({ isAborted: true, leftBehind: [], findings: [] });
    expect(sent).toBeLessThan(240);
    expect(await countRows()).toBe(before);
  });

  it('waits as long as Retry-After says', async () => {
    const { value } = JSON.parse(description).components.examples.TooManyRequests;
    const limitedAt: number[] = [];
    const limitTwice = async (request: Request) => {
      if (limitedAt.length >= 2) return directFetch(server)(request);
      limitedAt.push(performance.now());
      const id = crypto.randomUUID();
      const headers = { 'Content-Type': 'application/problem+json', 'Retry-After': '1', 'X-Request-Id': id };
      return new Response(JSON.stringify({ ...value, instance: `urn:uuid:${id}` }), { status: 429, headers });
    };
    const { findings, coverage } = await suiteOf({ ...only('ignored_auth'), fetch: limitTwice }).run();
    expect(findings).toEqual([]);
    expect((limitedAt[1] ?? 0) - (limitedAt[0] ?? 0)).toBeGreaterThan(950);
    expect(coverage.find(({ name }) => name.startsWith('listOAuthApps 429'))).toMatchObject({ isCovered: true });
  });
});
