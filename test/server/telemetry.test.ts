// @databases none
/** The facts that tools which trace requests see of the app. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';
import { expect, test } from 'vitest';
import { operations } from '../../generated/operations.ts';
import { run } from '../helpers/process.ts';
import { sendRawRequest } from '../helpers/raw-requests.ts';
import { startServer } from '../helpers/server.ts';
import { createDeployment } from '../helpers/server-process.ts';
import { isSoak } from '../helpers/soak.ts';

const telemetry = Symbol.for('opentelemetry.js.api.1');
const rpcMetadata = Symbol.for('OpenTelemetry SDK Context Key RPC_METADATA');

/** Sends a request of every operation, and two others. */
async function sendAll(url: string, token: string) {
  const targets = Object.values(operations).map(({ method, path }) => [method, path.replace(/\{\w+\}/, 'x')]);
  for (const [method = '', path] of [...targets, ['get', '/healthz'], ['get', '/nowhere']])
    await fetch(url + path, { method: method.toUpperCase(), headers: { Authorization: `Bearer ${token}` } });
}

/** Sends the same requests at once on one connection, without waiting for a response. */
async function sendPipelined(url: string, token: string) {
  const targets = Object.values(operations).map(
    ({ method, path }) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/, 'x')}`,
  );
  const head = `Host: x\r\nAuthorization: Bearer ${token}\r\n`;
  const messages = [...targets, 'GET /healthz'].map(
    (target) => `${target} HTTP/1.1\r\n${head}Content-Length: 0\r\n\r\n`,
  );
  await sendRawRequest(url, `${messages.join('')}GET /nowhere HTTP/1.1\r\n${head}Connection: close\r\n\r\n`);
}

/** The routes of these requests; undefined for a path that is none. */
const routes = [...Object.values(operations).map(({ path }) => path), '/healthz', undefined];

test('every operation tells its route to OpenTelemetry', async () => {
  await using server = await startServer();
  const seen: { type: string; route?: string }[] = [];
  const getValue = (key: symbol) => {
    if (key !== rpcMetadata) return undefined;
    seen.push({ type: 'http' });
    return seen.at(-1);
  };
  const paths: unknown[] = [];
  const host = express().use('/sequin', (req, res, next) => {
    res.once('finish', () => paths.push(req.route?.path));
    server.app(req, res, next);
  });
  const listening = host.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  Object.assign(globalThis, { [telemetry]: { context: { active: () => ({ getValue }) } } });
  try {
    await sendAll(`http://127.0.0.1:${port}/sequin`, server.token);
  } finally {
    Reflect.deleteProperty(globalThis, telemetry);
    listening.closeAllConnections();
    listening.close();
  }
  expect(paths).toEqual(routes);
  expect(seen.map(({ route }) => route)).toEqual(routes.flatMap((path) => (path ? [`/sequin${path}`] : [])));
});

const packages = [
  'api@1.9.1',
  'sdk-trace-node@2.12.1',
  'instrumentation@0.223.0',
  'instrumentation-http@0.223.0',
  'instrumentation-express@0.71.1',
];

/** The set-up that OPERATING shows, with the spans written to a file at the exit. */
const setUp = (file: string) => `import { writeFileSync } from 'node:fs';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';

const exporter = new InMemorySpanExporter();
new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({ instrumentations: [new HttpInstrumentation(), new ExpressInstrumentation()] });
process.on('exit', () => writeFileSync(${JSON.stringify(file)}, JSON.stringify(exporter.getFinishedSpans()
  .filter(({ kind }) => kind === 1).map(({ name }) => name))));
`;

test.runIf(isSoak)('the instrumentation of OpenTelemetry names spans by route', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'oauth-apps-telemetry-'));
  await writeFile(join(folder, 'package.json'), '{}');
  const names = packages.map((name) => `@opentelemetry/${name}`);
  expect(
    await run(['npm', 'install', '--no-audit', '--ignore-scripts', '--legacy-peer-deps', ...names], { cwd: folder }),
  ).toMatchObject({
    code: 0,
  });
  const [program, spans] = [join(folder, 'telemetry.mjs'), join(folder, 'spans.json')];
  await writeFile(program, setUp(spans));
  await using deployment = await createDeployment('sqlite');
  const server = await deployment.startServer({
    API_TOKEN: 'YOUR_API_TOKEN',
    NODE_OPTIONS: `--import ${pathToFileURL(program)}`,
  });
  await sendAll(server.url, 'YOUR_API_TOKEN');
  await sendPipelined(server.url, 'YOUR_API_TOKEN');
  await server[Symbol.asyncDispose]();
  const named = Object.values(operations).map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  const each = [...named, 'GET /healthz', 'GET'];
  expect(JSON.parse(await readFile(spans, 'utf8'))).toEqual([...each, ...each]);
  await rm(folder, { recursive: true });
});
