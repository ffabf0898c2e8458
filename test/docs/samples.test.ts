// @databases none
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOAuthAppsClient } from '../../client/index.ts';
import { deref, type ResolvedOperation, type Schema } from '../../openapi/generate/bundle.ts';
import { type RequestLine, silentLog } from '../../server/log.ts';
import { runCurlCommand } from '../helpers/curl.ts';
import { eventually } from '../helpers/eventually.ts';
import { example } from '../helpers/examples.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { makeProgramFolder, type ProgramFolder } from './programs.ts';
import { listSamples, type SampleCase, wrongSamples } from './sample-cases.ts';
import { bundle, operations } from './statements.ts';

const baseUrl = bundle.servers?.[0]?.url ?? '';
const shownId = example('OAuthApp').id;
const cases = listSamples();

let folder: ProgramFolder;
let server: TestServer;
const logged: RequestLine[] = [];

beforeAll(async () => {
  folder = await makeProgramFolder();
  server = await startServer({ log: { ...silentLog, request: (line) => logged.push(line) } });
});
afterAll(() => Promise.all([folder, server].map((each) => each[Symbol.asyncDispose]())));

/** Runs a sample with the test server, its token and an app of it. */
async function runSample({ sample }: SampleCase) {
  const accountId = randomUUID();
  const token = await server.createToken({ accountId });
  const app = await createOAuthAppsClient({ baseUrl: server.url, token }).createOAuthApp(example('CreateOAuthApp'));
  const source = sample.source.replaceAll(baseUrl, server.url).replaceAll(shownId, app.id);
  /** Lists the logged requests of the sample. The first request of the account is the create above. */
  const listRequests = () => logged.filter((line) => line.accountId === accountId).slice(1);
  if (sample.extension === 'sh') {
    const { body } = await runCurlCommand(source.replaceAll('$API_TOKEN', token));
    return { error: undefined, stdout: JSON.stringify(body), listRequests };
  }
  return { ...(await folder.run(source, token)), listRequests };
}

/** Lists the required properties of the successful response. */
function listRequired({ responses }: ResolvedOperation): string[] {
  const { schema = {} } = responses[200]?.content?.['application/json'] ?? {};
  return deref<Schema>(bundle, schema as Schema).required as string[];
}

describe('samples', () => {
  test('exist for every operation in every language', () => {
    const expected = operations.flatMap(({ operationId }) =>
      ['curl', 'Client', 'fetch'].map((label) => `${operationId}.${label}`),
    );
    expect(cases.map(({ name }) => name)).toEqual(expected);
  });

  test.each(cases)('$name sends its operation and prints the response', async (one) => {
    const { error, stdout, listRequests } = await runSample(one);
    expect(error).toBeUndefined();
    for (const property of listRequired(one.operation)) expect(stdout).toContain(property);
    const { operationId } = one.operation;
    await eventually(() => expect(listRequests()).toMatchObject([{ operationId, status: 200 }]));
  });

  test.each(wrongSamples)('$name prints the problem that it gets', async (one) => {
    const { error, stdout, listRequests } = await runSample(one);
    expect(`${stdout}${error ?? ''}`).toMatch(/validation_errors.*provider.*must be equal to one of/s);
    await eventually(() => expect(listRequests()).toMatchObject([{ status: 422 }]));
  });
});
