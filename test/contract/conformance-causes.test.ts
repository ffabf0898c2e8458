// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createSuite,
  type Finding,
  findCauses,
  levels,
  renderJson,
  renderJunit,
  renderText,
  type SuiteOptions,
} from '../conformance/index.ts';
import { changeApps, changeHeader, changeStatus, removeHeader } from '../helpers/fault-builders.ts';
import { alterResponse, combineFaults, type FaultInjector, faultyFetch } from '../helpers/faulty-fetch.ts';
import { directFetch } from '../helpers/in-process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { isSoak, soak } from '../helpers/soak.ts';
import { respondWithExample } from '../helpers/special-faults.ts';

let server: TestServer;
let otherToken: string;
beforeAll(async () => {
  server = await startServer();
  otherToken = await server.createToken({ accountId: 'another' });
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the report of a run', () => {
  const verify = (options: Partial<SuiteOptions> = {}, fault?: FaultInjector) =>
    createSuite({
      ...{ baseUrl: server.url, token: server.token, otherToken, seed: 4, cases: 1 },
      fetch: fault ? faultyFetch(server, fault) : directFetch(server),
      ...options,
    }).run();

  /** Operations whose responses show apps and problems. All of them in the long form. */
  const read = isSoak ? undefined : ['getOAuthApp', 'updateOAuthApp'];

  it('has one cause for each of six faults, documented first', async () => {
    const faults = [
      removeHeader('cache-control'),
      changeStatus(['create'], 200, 201),
      changeApps(['get', 'list'], { created_at: 1 }),
      changeHeader('x-request-id', '7'),
      changeStatus('all', 413, 400),
      alterResponse(['update'], ({ body }) => body?.name && Object.assign(body, { client_secret: '***' })),
    ];
    const result = await verify({}, combineFaults(faults));
    const found = result.causes.map(({ provenance, message }) => `${provenance}: ${message}`);
    expect(found.toSorted()).toEqual([
      'documented: 201 is not documented',
      'documented: created_at must be string',
      'extension: requests that have to get 413 get 400',
      'extension: the header Cache-Control is missing',
      'extension: the header X-Request-Id: must match format "uuid"',
      'inferred: client_secret is not ten asterisks',
    ]);
    const provenances = result.causes.map(({ provenance }) => levels.indexOf(provenance));
    expect(provenances).toEqual(provenances.toSorted());
    expect(renderText(result).split('\n').length).toBeLessThanOrEqual(66);
  });

  it('names the last of many causes alone', async () => {
    const of = { only: ['response_headers_conformance'], operations: ['getOAuthApp'] } as const;
    const result = await verify(of, removeHeader('x-request-id'));
    const [cause] = result.causes;
    const many = { ...result, causes: Array.from({ length: 20 }, () => ({ ...cause }) as NonNullable<typeof cause>) };
    const countSentences = (text: string) => text.split('     contract ').length - 1;
    expect(countSentences(renderText(many))).toBe(12);
    expect(countSentences(renderText({ ...many, findings: [] }, { isVerbose: true }))).toBe(20);
  });

  it('says what was not tried, and why', async () => {
    const { notTried, coverage, coveredShare } = await verify({ otherToken: undefined, level: 'inferred' });
    const reasons = notTried.map(
      ({ reason, cases, checks }) => `${cases} ${checks.length > 1 ? '' : checks} ${reason}`,
    );
    expect(reasons).toContainEqual('3 account_isolation no token of another account (--other-token)');
    expect(reasons).toContainEqual(expect.stringMatching(/^\d+ +a level above inferred \(--level\)$/));
    expect(coverage.filter(({ kind, isCovered }) => kind === 'check' && !isCovered)).toHaveLength(3);
    expect(coveredShare).toBeLessThan(1);
  });

  it('is not met by a check that no case tried', async () => {
    expect(await verify({ otherToken: undefined, only: ['account_isolation'] })).toMatchObject({
      results: [],
      unmet: ['account_isolation'],
    });
    expect((await verify({ isReadOnly: true, only: ['use_after_free', 'ignored_auth'] })).unmet).toEqual([
      'use_after_free',
    ]);
    expect((await verify({ only: ['stable_paging', 'problem_shape'], operations: ['listOAuthApps'] })).unmet).toEqual(
      [],
    );
  });

  it('says of an account that takes few apps which cases it prevents', async () => {
    await using small = await startServer({ maxAppsPerAccount: 3 });
    // The short form has the operations that create most apps.
    const operations = isSoak ? undefined : ['createOAuthApp', 'listOAuthApps', 'updateOAuthApp'];
    const result = await verify({ token: small.token, otherToken: undefined, fetch: directFetch(small), operations });
    expect(result.causes).toEqual([]);
    expect(result.notTried).toContainEqual(expect.objectContaining({ reason: 'the account takes no more apps (409)' }));
  });

  it('compares media types without regard to case', async () => {
    const of = { only: ['content_type_conformance'], operations: read } as const;
    expect((await verify(of, changeHeader('content-type', 'Application/JSON', 200))).findings).toEqual([]);
  });

  it('has one cause for the fixed responses of a mock', async () => {
    const example = {
      id: 'app_1',
      provider: 'stripe',
      name: 'Example',
      client_id: 'app_1',
      client_secret: '**********',
    };
    const more = { metadata: {}, created_at: '2024-02-20T02:10:52Z', updated_at: '2024-02-20T02:10:52Z' };
    const faults = [respondWithExample({ ...example, ...more }), changeStatus(['create'], 413, 422)];
    const { causes, notTried, leftBehind } = await verify({}, combineFaults(faults));
    expect(causes.map(({ message }) => message)).toEqual([
      'create stores nothing: its response shows another app than was sent',
      'requests that have to get 413 get 422',
    ]);
    expect(notTried).toContainEqual(expect.objectContaining({ reason: 'create stores nothing to try them with' }));
    expect(leftBehind).toEqual([]);
  });

  it('finds a byte order mark in front of JSON', async () => {
    const fetchWithMark = async (request: Request) => {
      const response = await directFetch(server)(request);
      const text = await response.text();
      const { status, headers } = response;
      return new Response(text.startsWith('{') ? `\ufeff${text}` : text || null, { status, headers });
    };
    const { causes } = await verify({ only: ['response_schema_conformance'], operations: read, fetch: fetchWithMark });
    expect(causes.map(({ message }) => message)).toEqual(['the body starts with a byte order mark']);
  });

  const hostile = '\u001b]52;c;cm0gLXJm\u0007\u009b2J\r\n::error::forged\u202e\u2028';

  it('contains no character that a terminal obeys', async () => {
    const fault = alterResponse('all', (response) => {
      if (response.body?.summary) response.body.summary = hostile;
      if (response.body?.name) Object.assign(response.body, { created_at: hostile, [hostile]: 1 });
    });
    const only = ['response_schema_conformance', 'problem_shape', 'read_your_writes'] as const;
    const result = await verify({ isStrict: true, only, operations: read }, fault);
    expect(result.causes.length).toBeGreaterThan(0);
    for (const text of [
      renderText(result),
      renderText(result, { isVerbose: true }),
      renderJson(result),
      renderJunit(result),
    ]) {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(text).not.toMatch(/^::error/m);
    }
  });

  it('contains no value of a secret name', async () => {
    const values = ['Zq81hGx7Lw0pTn5vRb2Kd9', 'hunter2hunter2', 'eyJhbGciOiJIUzI1.eyJzdWIiOiIx.c2lnbmF0dXJl'];
    const fault = alterResponse('all', ({ body }) => {
      if (!body?.name) return;
      Object.assign(body, { created_at: `x ${values[0]}`, api_key: values[0], notes: [{ password: values[1] }] });
      body.metadata = { session: `Bearer ${values[2]}` };
    });
    const only = ['response_schema_conformance', 'read_your_writes'] as const;
    const result = await verify({ isStrict: true, only, operations: read }, fault);
    const reports = [renderText(result, { isVerbose: true }), renderJson(result), renderJunit(result)];
    expect(result.findings.length).toBeGreaterThan(50);
    expect(values.filter((value) => reports.some((report) => report.includes(value)))).toEqual([]);
  });

  it('leads to one finding by its id', async () => {
    const fault = combineFaults([changeStatus('all', 413, 400), removeHeader('x-request-id')]);
    const operations = ['createOAuthApp'];
    const first = await verify({ only: ['negative_data_rejection'], operations }, changeStatus('all', 413, 400));
    const { example } = first.causes[0] as (typeof first.causes)[number];
    const again = await verify({ seed: undefined, replay: example.id }, fault);
    expect(again.results.map(({ name }) => name)).toContain(example.caseName);
    expect(again.results.length).toBeLessThanOrEqual(2);
    expect(again.findings.map(({ id, message }) => [id, message])).toEqual([[example.id, example.message]]);
    expect(await verify({ replay: example.id })).toMatchObject({ findings: [], unmet: [] });
    const caseId = example.id.replace(/-[^-]*$/, '');
    expect((await verify({ replay: caseId }, fault)).findings.length).toBeGreaterThan(1);
    expect((await verify({ replay: '4-00000000' })).unmet).toEqual(['4-00000000']);
  });

  it('explains a finding by an end of a chain alone', () => {
    const texts = { id: '', operationId: '', caseName: '', message: '', pointer: '', sentence: '', request: '' };
    const more = { ...texts, response: '', curl: '', again: '', status: 0, provenance: 'documented' as const };
    const finding = (cause: string, ...followsFrom: string[]): Finding => ({
      ...{ ...more, check: 'filter_semantics', cause, followsFrom },
    });
    const [deleted, ignored] = ['lists show deleted apps', 'the filter is ignored'];
    const findings = [
      finding(deleted),
      finding(ignored, `filter_semantics: ${deleted}`),
      finding('an unknown value is accepted', `filter_semantics: ${ignored}`),
    ];
    const messages = (of: readonly Finding[]) => findCauses(of).map(({ message }) => message);
    expect(messages(findings)).toEqual([deleted, 'an unknown value is accepted']);
    expect(messages(findings.slice(1))).toEqual([ignored]);
  });

  it('ends after the first case with findings if asked to', async () => {
    const result = await verify({ isFailFast: true }, removeHeader('x-request-id'));
    expect(result).toMatchObject({ isCutShort: true, isAborted: false });
    expect(result.results).toHaveLength(1);
  });

  it('is about the named operations alone', async () => {
    const { results, requests } = await verify({ operations: ['getOAuthApp'], only: ['ignored_auth'] });
    expect(new Set(results.map(({ operationId }) => operationId))).toEqual(new Set(['getOAuthApp', 'createOAuthApp']));
    expect(requests).toBeLessThan(30);
  });
});

describe('a run against the apps of others', () => {
  /** Creates a `fetch` of a server whose create replaces the app with the same value of a field. */
  const upsertBy =
    (field: string): FaultInjector =>
    async (request, send) => {
      if (request.verb !== 'create' || request.body?.[field] === undefined) return send(request);
      const list = await send({ ...request, method: 'GET', verb: 'list', body: undefined, text: '' });
      const same = list.body?.data?.find((app: Record<string, unknown>) => app[field] === request.body[field]);
      if (same === undefined) return send(request);
      const { name, metadata = {} } = request.body;
      const url = new URL(`${request.url.pathname}/${same.id}`, request.url);
      const text = JSON.stringify({ name, metadata });
      return send({ ...request, verb: 'update', method: 'PATCH', url, body: { name, metadata }, text });
    };

  it.each(['name', 'client_id', 'provider'].slice(0, soak(1, 3)))(
    'changes none of them where create replaces by %s',
    async (field) => {
      await using server = await startServer();
      const body = {
        provider: 'stripe',
        client_id: 'db97a4eb-f488-46c8-b1a7-78be3d8380d1',
        client_secret: 's',
        name: 'Arakkis - Stripe',
      } as const;
      await server.client.createOAuthApp(body);
      const before = await server.store.listApps('default');
      const fetch = faultyFetch(server, upsertBy(field));
      const result = await createSuite({ baseUrl: server.url, token: server.token, seed: 1, cases: 1, fetch }).run();
      expect(await server.store.listApps('default')).toEqual(before);
      expect(result.causes[0]?.message).toBe('two create requests returned the same id');
      expect(result.notTried).toContainEqual(
        expect.objectContaining({ reason: expect.stringContaining('create replaces') }),
      );
    },
  );

  it('keeps its own apps if asked to', async () => {
    const { url: baseUrl } = server;
    const token = await server.createToken({ accountId: 'kept' });
    const options = { baseUrl, token, seed: 1, cases: 1, keepsRecords: true, fetch: directFetch(server) };
    const { leftBehind } = await createSuite({ ...options, only: ['ensure_resource_availability'] }).run();
    expect((await server.store.listApps('kept')).apps.map(({ id }) => id)).toEqual(leftBehind);
    expect(leftBehind.length).toBeGreaterThan(2);
  });
});
