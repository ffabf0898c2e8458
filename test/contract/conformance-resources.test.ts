// @databases none
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckName, createSuite, renderText, type SuiteOptions } from '../conformance/index.ts';
import { directFetch } from '../helpers/in-process.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { createSiblingBundle } from '../helpers/sibling-description.ts';
import { compileSchemas, createSiblingFetch, type SiblingFaults } from '../helpers/sibling-server.ts';
import { isSoak, soak } from '../helpers/soak.ts';

const bundle = createSiblingBundle();
const findValidator = compileSchemas(bundle);
const ofCredentials = ['createCredential', 'getCredential', 'updateCredential', 'listCredentials'];

describe('a description with a second resource', () => {
  let server: TestServer;
  let otherToken: string;
  beforeAll(async () => {
    server = await startServer();
    otherToken = await server.createToken({ accountId: 'another' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const verify = async (faults: SiblingFaults = {}, selected: Pick<SuiteOptions, 'operations' | 'only'> = {}) => {
    const { token, url: baseUrl } = server;
    const send = createSiblingFetch(findValidator, [token, otherToken], directFetch(server), faults);
    const sent: string[] = [];
    const fetch = async (request: Request) => {
      sent.push(await request.clone().text());
      return send(request);
    };
    const options = {
      baseUrl,
      token,
      otherToken,
      bundle,
      fetch,
      seed: 3,
      cases: soak(1, 3),
      isStrict: true,
      ...selected,
    };
    const result = await createSuite(options).run();
    const listed = await send(
      new Request(`${baseUrl}/v1/credentials`, { headers: { Authorization: `Bearer ${token}` } }),
    );
    const { data } = (await listed.json()) as { data: unknown[] };
    return { result, sent, left: data.length };
  };

  it('has no findings, is covered and leaves nothing behind', async () => {
    const { result, left } = await verify();
    const { coverage, leftBehind } = result;
    expect(result.findings, renderText(result, { isVerbose: true })).toEqual([]);
    expect(coverage.filter(({ isCovered, reason }) => !isCovered && reason === undefined)).toEqual([]);
    expect({ left, leftBehind }).toEqual({ left: 0, leftBehind: [] });
    const keywords = coverage.flatMap(({ kind, name }) => (kind === 'keyword' ? name : []));
    expect(keywords).toEqual(
      expect.arrayContaining(['createCredential scopes maxItems', 'updateCredential scopes uniqueItems']),
    );
    const { apps } = await server.store.listApps('default');
    expect(apps).toEqual([]);
  });

  it.each<[fault: keyof SiblingFaults, cause: string]>([
    ['showsSecrets', 'secret_masking: a response shows a secret that was sent'],
    ['ignoresFilter', 'filter_semantics: the filter oauth_app_id is ignored'],
    ['mergesAccounts', "account_isolation: another account's credential is found"],
    ['acceptsAnyArray', 'negative_data_rejection: too few items is accepted'],
    ['dropsLimits', 'partial_update: an update does not store limits'],
  ])('names the fault %s', async (fault, cause) => {
    // In the short form, the checks of a report that may show secrets, and else the one of the fault.
    const only = isSoak || fault === 'showsSecrets' ? undefined : [cause.split(':')[0] as CheckName];
    const operations = isSoak || fault !== 'showsSecrets' ? ofCredentials : ['getCredential', 'updateCredential'];
    const { result, sent } = await verify({ [fault]: true }, { operations, only });
    expect(result.causes.map(({ check, message }) => `${check}: ${message}`)).toContain(cause);
    const secrets = sent.flatMap((text) =>
      [...text.matchAll(/"(?:access|refresh)_token":"([a-z0-9-]{10,})"/g)].map(([, value]) => value ?? ''),
    );
    const report = renderText(result, { isVerbose: true });
    expect(secrets.filter((secret) => report.includes(secret))).toEqual([]);
  });
});
