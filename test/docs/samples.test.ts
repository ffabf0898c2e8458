// @databases none
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOAuthAppsClient } from '../../client/index.ts';
import { renderSamples, type Sample } from '../../openapi/docs/samples.ts';
import { type Bundle, deref, type ResolvedOperation, type Schema } from '../../openapi/generate/bundle.ts';
import { type RequestLine, silentLog } from '../../server/log.ts';
import { runCurlCommand } from '../helpers/curl.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { copyProject, type ProjectCopy } from '../helpers/project-copy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { bundle, operations } from './statements.ts';

const packageName = 'oauth-apps-contract';
const baseUrl = bundle.servers?.[0]?.url ?? '';
const shownId = example('OAuthApp').id;

interface Case {
  name: string;
  operation: ResolvedOperation;
  sample: Sample;
}

const listCases = (of: Bundle): Case[] =>
  operations.flatMap((operation) =>
    (renderSamples(of, packageName).get(operation.operationId) ?? []).map((sample) => ({
      ...{ operation, sample, name: `${operation.operationId}.${sample.label}` },
    })),
  );
const cases = listCases(bundle);

/** A description whose first example of a create has an unknown provider. */
const wrongBundle = structuredClone(bundle);
Object.assign(wrongBundle.components.examples.CreateOAuthApp ?? {}, {
  value: { ...example('CreateOAuthApp'), provider: 'myspace' },
});
const wrongCases = listCases(wrongBundle).filter(({ operation }) => operation.operationId === 'createOAuthApp');

let copy: ProjectCopy;
let server: TestServer;
const logged: RequestLine[] = [];

beforeAll(async () => {
  // The copy has the package name that users of the client import.
  copy = await copyProject('client', 'generated', 'tsconfig.json');
  await copy.write('package.json', JSON.stringify({ name: packageName, type: 'module', exports: './client/index.ts' }));
  server = await startServer({ log: { ...silentLog, request: (line) => logged.push(line) } });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await copy[Symbol.asyncDispose]();
});

/** Runs a sample with the test server, its token and an app of it. */
async function runSample({ sample }: Case) {
  const accountId = randomUUID();
  const token = await server.createToken({ accountId });
  const app = await createOAuthAppsClient({ baseUrl: server.url, token }).createOAuthApp(example('CreateOAuthApp'));
  const source = sample.source.replaceAll(baseUrl, server.url).replaceAll(shownId, app.id);
  /** Lists the logged requests of the sample. The first request of the account is the create above. */
  const listRequests = () => logged.filter((line) => line.accountId === accountId).slice(1);
  if (sample.extension === 'sh') {
    const { body } = await runCurlCommand(source.replaceAll('$API_TOKEN', token));
    return { code: 0, stdout: JSON.stringify(body), stderr: '', listRequests };
  }
  const file = `${accountId}.ts`;
  await copy.write(file, source);
  return { ...(await copy.run(['node', file], { env: { API_TOKEN: token } })), listRequests };
}

/** Lists the required properties of the successful response. */
function listRequired({ responses }: ResolvedOperation): string[] {
  const { schema = {} } = responses[200]?.content?.['application/json'] ?? {};
  return deref<Schema>(bundle, schema as Schema).required as string[];
}

// Concurrent, because each sample has its own account and mostly waits for its process.
describe.concurrent('samples', () => {
  test('exist for every operation in every language', () => {
    const expected = operations.flatMap(({ operationId }) =>
      ['curl', 'Client', 'fetch'].map((label) => `${operationId}.${label}`),
    );
    expect(cases.map(({ name }) => name)).toEqual(expected);
  });

  test.each(cases)('$name sends its operation and prints the response', async (one) => {
    const { code, stdout, stderr, listRequests } = await runSample(one);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const property of listRequired(one.operation)) expect(stdout).toContain(property);
    const { operationId } = one.operation;
    await eventually(() => expect(listRequests()).toMatchObject([{ operationId, status: 200 }]));
  });

  test.each(wrongCases)('$name prints the problem that it gets', async (one) => {
    const { stdout, stderr, listRequests } = await runSample(one);
    expect(stdout + stderr).toMatch(/validation_errors.*provider.*must be equal to one of/s);
    await eventually(() => expect(listRequests()).toMatchObject([{ status: 422 }]));
  });

  test('compile, unlike samples with a wrong value', async () => {
    const written = [...cases, ...wrongCases.map((one) => ({ ...one, name: `wrong.${one.name}` }))];
    for (const { name, sample } of written) {
      if (sample.extension === 'ts') await copy.write(`${name}.ts`, sample.source);
    }
    const { compilerOptions } = JSON.parse(await copy.read('tsconfig.json'));
    await copy.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.Client.ts', '*.fetch.ts'] }));
    const { stdout } = await copy.run(['node', 'node_modules/typescript-7/bin/tsc', '--pretty', 'false']);
    const errors = stdout.split('\n').filter((line) => line.includes('error TS'));
    expect(errors).toEqual([expect.stringMatching(/^wrong\.createOAuthApp\.Client\.ts.*"myspace"/)]);
  });
});
