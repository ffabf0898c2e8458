// @databases none
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ValidationProblem } from '../../generated/types.ts';
import type { ResolvedOperation } from '../../openapi/generate/bundle.ts';
import { startMock as startInProcess } from '../../server/commands/mock-server.ts';
import { type CaseResult, createSuite, type Finding, type SuiteResult } from '../conformance/index.ts';
import { startMock } from '../helpers/mock.ts';
import { sendRawRequest } from '../helpers/raw-requests.ts';
import { soak } from '../helpers/soak.ts';
import { bundle, fillPath, getDocumentedResponse, listRequests, operations } from './documented.ts';
import { type Gap, gaps, statefulChecks } from './mock-gaps.ts';

const statuses = operations.flatMap((operation) =>
  Object.keys(operation.responses).map((status) => ({ operation, status, operationId: operation.operationId })),
);
const listPath = '/v1/oauth-apps';
const post = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });

const invalid: { name: string; path: string; init: RequestInit }[] = [
  { name: 'a body without its required fields', path: listPath, init: post({}) },
  { name: 'a field that is unknown', path: `${listPath}/x`, init: { method: 'PATCH', body: '{"provider":"stripe"}' } },
  {
    name: 'a secret made of asterisks',
    path: `${listPath}/x`,
    init: { method: 'PATCH', body: '{"client_secret":"*"}' },
  },
  { name: 'a filter outside its values', path: `${listPath}?provider=myspace`, init: {} },
];

/** Differences between the mock and the server: it has no state, and Prism knows JSON Schema alone. */
const differences: { name: string; path?: string; init?: RequestInit; status: number }[] = [
  { name: 'accepts any bearer token', init: { headers: { Authorization: 'Bearer wrong' } }, status: 200 },
  { name: 'accepts a metadata filter that is not JSON', path: '?metadata=%7B', status: 200 },
  { name: 'returns an app for every id', path: '/unknown', status: 200 },
];

/** Asserts that a response is the documented example: status, media type, headers and body. */
async function expectExample(response: Response, operation: ResolvedOperation, status: string) {
  const documented = getDocumentedResponse(operation, status);
  const names = Object.keys(documented.headers);
  expect({
    status: response.status,
    mediaType: response.headers.get('content-type'),
    headers: Object.fromEntries(names.map((name) => [name, response.headers.get(name)])),
    body: documented.body === undefined ? (await response.text()) || undefined : await response.json(),
  }).toEqual(documented);
}

const readExample = (name: string) => bundle.components.examples[name]?.value;

let mock: Awaited<ReturnType<typeof startMock>>;
beforeAll(async () => {
  mock = await startMock();
});
afterAll(() => mock[Symbol.asyncDispose]());

describe('mock', () => {
  it.each(operations)('returns the documented example of $operationId', async (operation) => {
    for (const init of listRequests(operation)) {
      await expectExample(await mock.fetch(fillPath(operation), init), operation, '200');
    }
  });

  it.each(statuses)('returns $status of $operationId on request', async ({ operation, status }) => {
    const [init] = listRequests(operation);
    for (const Accept of ['*/*', 'application/json', 'text/html']) {
      const headers = { Prefer: `code=${status}`, Accept };
      await expectExample(await mock.fetch(fillPath(operation), { ...init, headers }), operation, status);
    }
  });

  it.each(operations)('rejects what Prism accepts for $operationId', async (operation) => {
    const [path, [init]] = [fillPath(operation), listRequests(operation)];
    await expectExample(await mock.fetch(`${path}?unknown=1`, init), operation, '422');
    await expectExample(await mock.fetch(`${path}?provider=%E0%A4`, init), operation, '400');
    await expectExample(await mock.fetch(path, { method: 'PUT', body: '{}' }), operation, '405');
    if (operation.requestBody === undefined) return;
    for (const body of ['{', '{"name":', 'null x']) {
      await expectExample(await mock.fetch(path, { ...init, body }), operation, '400');
    }
    await expectExample(await mock.fetch(path, { ...init, body: ' '.repeat(70_000) }), operation, '413');
    const headers = { 'Content-Encoding': 'gzip' };
    await expectExample(await mock.fetch(path, { ...init, headers }), operation, '415');
  });

  it('responds to HEAD as to GET, without a body', async () => {
    for (const Prefer of ['code=200', 'code=404']) {
      const [head, get] = await Promise.all(
        ['HEAD', 'GET'].map((method) => mock.fetch(`${listPath}/x`, { method, headers: { Prefer } })),
      );
      expect([head?.status, await head?.text()]).toEqual([get?.status, '']);
      expect(head?.headers.get('content-type')).toBe(get?.headers.get('content-type'));
    }
  });

  it('responds to OPTIONS with the methods, and lets browsers ask', async () => {
    const response = await mock.fetch(listPath, { method: 'OPTIONS' });
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    const headers = { Origin: 'https://example.com', 'Access-Control-Request-Method': 'POST' };
    const preflight = await fetch(new URL(listPath, mock.url), { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, headers.Origin]);
  });

  it.each(['/%zz', '/%E0%A4', '/%00', '?cursor=%00', '?provider=%zz', '#x', '/\\x', 'x'])(
    'rejects the target %j and goes on',
    async (end) => {
      const target = end === 'x' ? 'http://localhost/v1/oauth-apps' : `${listPath}${end}`;
      const lines = [`GET ${target} HTTP/1.1`, 'Host: a', 'Connection: close', 'Authorization: Bearer a', '', ''];
      const { status, text } = await sendRawRequest(mock.url, lines.join('\r\n'));
      expect([status, JSON.parse(text)]).toEqual([400, readExample('MalformedRequest')]);
      expect((await mock.fetch(listPath)).status).toBe(200);
    },
  );

  it.each(['code=999', 'code=abc', 'code=', 'code=413', 'example=Nothing', 'code=404, example=Masked'])(
    'tells which responses there are for Prefer: %s',
    async (Prefer) => {
      const response = await mock.fetch(listPath, { headers: { Prefer } });
      const { validation_errors, ...problem } = (await response.json()) as ValidationProblem;
      expect(readExample('InvalidParameters')).toMatchObject(problem);
      expect(validation_errors.Prefer?.[0]).toMatch(
        /^must select a documented response .*: 200 \(Masked, Revealed, Page\)/,
      );
    },
  );

  it.each(['example=NotFound', 'CODE="404"', 'code=404;q=1, wait=3', 'wait=3, example="NotFound"'])(
    'returns the response that Prefer: %s selects',
    async (Prefer) => {
      const response = await mock.fetch(`${listPath}/x`, { headers: { Prefer } });
      expect([response.status, await response.json()]).toEqual([404, readExample('NotFound')]);
    },
  );

  it('ignores preferences that it does not know', async () => {
    for (const Prefer of ['return=minimal', 'respond-async', ',,,', 'codes=404']) {
      expect((await mock.fetch(listPath, { headers: { Prefer } })).status).toBe(200);
    }
  });

  it('lets pages of other origins read rejections', async () => {
    const headers = { Origin: 'https://example.com' };
    const responses = [mock.fetch('/v1/other', { headers }), fetch(new URL(listPath, mock.url), { headers })];
    for (const response of await Promise.all(responses)) {
      expect(response.headers.get('access-control-allow-origin')).toBe(headers.Origin);
    }
  });

  it('ignores a body where an operation takes none', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await mock.fetch(`${listPath}/x`, { method: 'DELETE', headers, body: '{"a":' });
    expect(response.status).toBe(200);
  });

  it('rejects unknown paths, without a token with 401', async () => {
    const [known, unknown] = await Promise.all([mock.fetch('/v1/other'), fetch(new URL('/v1/other', mock.url))]);
    expect(await known?.json()).toEqual(bundle.components.examples.NotFound?.value);
    expect(await unknown?.json()).toEqual(bundle.components.examples.Unauthorized?.value);
  });

  it('returns the example that Prefer names', async () => {
    const response = await mock.fetch(listPath, { headers: { Prefer: 'example=Revealed' } });
    expect(await response.json()).toEqual(bundle.components.examples.OAuthAppListRevealed?.value);
  });

  it('makes values up on request', async () => {
    const response = await mock.fetch(`${listPath}/x`, { headers: { Prefer: 'dynamic=true' } });
    const app = (await response.json()) as Record<string, unknown>;
    expect(app).toHaveProperty('client_secret');
    expect(app).not.toEqual(bundle.components.examples.OAuthApp?.value);
  });

  it.each(operations)('rejects $operationId without a token', async (operation) => {
    const { method } = listRequests(operation)[0];
    const response = await fetch(new URL(fillPath(operation), mock.url), { method });
    await expectExample(response, operation, '401');
  });

  it.each(invalid)('rejects $name with the validation problem', async ({ path, init }) => {
    const response = await mock.fetch(path, init);
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const example = init.body === undefined ? 'InvalidParameters' : 'ValidationFailed';
    expect(await response.json()).toEqual(bundle.components.examples[example]?.value);
  });

  it('rejects another content type with 415', async () => {
    const response = await mock.fetch(listPath, { ...post({}), headers: { 'Content-Type': 'text/plain' } });
    expect(response.status).toBe(415);
    expect(await response.json()).toEqual(bundle.components.examples.UnsupportedMediaType?.value);
  });

  describe('differs from the server: it', () => {
    it.each(differences)('$name', async ({ path = '', init, status }) => {
      expect((await mock.fetch(listPath + path, init)).status).toBe(status);
    });

    it('masks secrets despite truncate_secrets=false', async () => {
      const response = await mock.fetch(`${listPath}?truncate_secrets=false`);
      expect(await response.json()).toEqual(bundle.components.examples.OAuthAppList?.value);
    });
  });
});

const seed = 5;
const cases = soak(1, 3);

describe(`the conformance suite on the mock (seed ${seed})`, () => {
  let result: SuiteResult;
  const format = ({ check, message }: Finding) => `${check}: ${message}`;

  beforeAll(async () => {
    const target = { baseUrl: mock.url, token: 'YOUR_API_TOKEN', isStrict: true };
    result = await createSuite({ ...target, seed, cases, skip: statefulChecks }).run();
    const { results, requests, findings } = result;
    const failed = results.filter((each) => each.findings.length > 0).length;
    const gapCount = Object.keys(gaps).length;
    console.log(
      `mock: ${results.length} cases, ${requests} requests, ${failed} cases have one of ${gapCount} known gaps`,
    );
    console.log(`${findings.length} findings in all`);
  });

  const hasGap = ({ findings }: CaseResult, gap: Gap) => findings.some((finding) => gap.finding.test(format(finding)));

  it('has only findings of known gaps', () => {
    const isKnown = (finding: Finding) => Object.values(gaps).some((gap) => gap.finding.test(format(finding)));
    expect(result.findings.filter((finding) => !isKnown(finding)).map(format)).toEqual([]);
  });

  it.each(Object.entries(gaps))('still %s in every case', (_, gap) => {
    const cases = result.results.filter(({ name }) => gap.cases.test(name));
    expect(cases).not.toEqual([]);
    expect(cases.filter((each) => !hasGap(each, gap)).map(({ name }) => name)).toEqual([]);
  });

  it('passes more than a hundred cases, but for ids of requests', () => {
    const { finding: repeatedId } = gaps['repeats the X-Request-Id of the examples'] as Gap;
    const passed = result.results.filter(({ findings }) => findings.every((one) => repeatedId.test(format(one))));
    expect(passed.length).toBeGreaterThan(100);
  });
});

describe('a mock whose Prism fails', () => {
  const failure = new Error('Prism');
  const startFailing = () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const fail = () => Promise.reject(failure);
    return startInProcess(fail, { port: 0, host: '127.0.0.1', onResponse() {}, onError }).then(({ url, close }) => {
      return { url, errors, [Symbol.asyncDispose]: close };
    });
  };
  const headers = { Authorization: 'Bearer YOUR_API_TOKEN' };

  it('responds with the documented 500 and reports the error', async () => {
    await using failing = await startFailing();
    const response = await fetch(`${failing.url}${listPath}`, { headers });
    expect(response.status).toBe(500);
    expect(await response.json()).toHaveProperty('summary');
    expect(failing.errors).toEqual([failure]);
  });

  it('reports no request that the client cut off', async () => {
    await using failing = await startFailing();
    const sent = 'POST /v1/oauth-apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer x\r\nContent-Length: 9\r\n\r\n{';
    const socket = connect(Number(new URL(failing.url).port));
    socket.write(sent, () => socket.destroy());
    await once(socket, 'close');
    await fetch(`${failing.url}${listPath}`, { headers });
    expect(failing.errors).toEqual([failure]);
  });
});
