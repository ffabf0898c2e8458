// @databases none
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { run } from '../helpers/process.ts';
import { startServer } from '../helpers/server.ts';
import { isSoak } from '../helpers/soak.ts';

const workflow = 'openapi/workflows/oauth-app-life.arazzo.yaml';
const steps = ['list', 'create', 'get', 'find', 'update', 'getUnchanged', 'delete', 'getGone'];

interface Step {
  stepId: string;
  checks: { name: string; passed: boolean }[];
}
interface AlteredResponse {
  method: string;
  status: number;
  body?: Record<string, unknown>;
}
type Alter = (response: AlteredResponse) => Partial<AlteredResponse>;

/** Runs the workflow with all logs. Returns the failed checks of each step, and the whole output. */
async function respect(url: string, inputs: Record<string, string>, ...options: string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-workflow-'));
  try {
    const [json, har] = [join(folder, 'run.json'), join(folder, 'run.har')];
    const logOptions = ['--verbose', '--json-output', json, '--har-output', har];
    const words = ['redocly', 'respect', workflow, '--server', `oauthApps=${url}`, ...logOptions, ...options];
    // Other users of the machine can read a command line.
    const env = { REDOCLY_CLI_RESPECT_INPUT: JSON.stringify(inputs) };
    const { code, stdout, stderr } = await run(words, { env });
    const logs = await Promise.all([json, har].map((file) => readFile(file, 'utf8')));
    const [file] = Object.values<{ executedWorkflows: [{ executedSteps: Step[] }] }>(JSON.parse(logs[0] ?? '').files);
    const executed = file?.executedWorkflows[0].executedSteps ?? [];
    const failures = (checks: Step['checks']) => checks.filter(({ passed }) => !passed).map(({ name }) => name);
    const failed = Object.fromEntries(executed.map(({ stepId, checks }) => [stepId, failures(checks)]));
    return { code, failed, output: [stdout, stderr, ...logs].join('\n') };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Starts a proxy that alters the responses of the server at `url`. Dispose of it with `await using`. */
async function startAltered(url: string, alter: Alter) {
  const server = createServer(async (request, response) => {
    const { method = '', headers } = request;
    const forwarded = ['authorization', 'content-type', 'if-match', 'if-none-match'].flatMap((name) => {
      const value = headers[name];
      return typeof value === 'string' ? [[name, value] as [string, string]] : [];
    });
    const requestBody = (await text(request)) || undefined;
    const target = new URL(request.url ?? '', url);
    const upstream = await fetch(target, { method, headers: forwarded, body: requestBody });
    const responseBody = await upstream.text();
    const original = { method, status: upstream.status, body: responseBody ? JSON.parse(responseBody) : undefined };
    const { status, body } = { ...original, ...alter(original) };
    for (const name of ['content-type', 'etag']) {
      const value = upstream.headers.get(name);
      if (value) response.setHeader(name, value);
    }
    response.writeHead(status).end(body && JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe.concurrent('the life of an OAuth app', () => {
  it('passes every step and shows no secret', async () => {
    await using server = await startServer();
    const inputs = { token: server.token, client_secret: randomUUID() };
    const { code, failed, output } = await respect(server.url, inputs);
    expect({ code, failed }).toEqual({ code: 0, failed: Object.fromEntries(steps.map((step) => [step, []])) });
    for (const value of Object.values(inputs)) expect(output).not.toContain(value);
  });

  // Each run starts Redocly. That a run can fail is shown below.
  it.runIf(isSoak)('ends at its first step with a wrong token', async () => {
    await using server = await startServer();
    const { code, failed } = await respect(server.url, { token: 'oar_wrong' });
    expect({ code, failed }).toEqual({ code: 1, failed: { list: ['success criteria check'] } });
  });

  // The description allows additional properties in responses, but respect rejects them. Our server sends none.
  const addProperty: Alter = ({ method, body }) => (method === 'POST' ? { body: { ...body, colour: 'red' } } : {});

  it.runIf(isSoak)('accepts an added property at severity warn', async () => {
    await using server = await startServer();
    await using altered = await startAltered(server.url, addProperty);
    const { code, failed } = await respect(altered.url, { token: server.token }, '--severity', 'SCHEMA_CHECK=warn');
    expect({ code, create: failed.create }).toEqual({ code: 0, create: ['schema check'] });
  });

  const alterations: [string, string, string, Alter][] = [
    ['an undocumented status', 'getGone', 'status code check', ({ status }) => (status === 404 ? { status: 410 } : {})],
    ['an undocumented property', 'create', 'schema check', addProperty],
    [
      'a filter that finds nothing',
      'find',
      'success criteria check',
      ({ body }) => (body?.data ? { body: { data: [] } } : {}),
    ],
  ];
  // Each starts Redocly. The other kinds of checks are tried in the long form.
  it.each(alterations.slice(0, isSoak ? undefined : 1))('is ended by %s', async (_, step, check, alter) => {
    await using server = await startServer();
    await using altered = await startAltered(server.url, alter);
    const { code, failed } = await respect(altered.url, { token: server.token });
    expect(code).toBe(1);
    expect(failed[step]).toContain(check);
    expect(Object.keys(failed).at(-1)).toBe(step);
  });
});
